import { elementBytes, type StoredType } from '../element.js';
import {
  columnLengths,
  type LengthUnit,
  millimetres,
  scaledAffine,
  type WorldGeometry,
} from '../geometry.js';
import {
  NIFTI_1,
  NIFTI_2,
  NIFTI_UNITS,
  NiftiFields,
  niftiFields,
  VOXEL_TYPES,
} from '../volume/nifti-fields.js';
import { deflatePieces } from './deflate-pieces.js';
import { axesText, axisSize, type Encoder, elementsIn, hasOnly, notWritable } from './encoder.js';
import { quaternionOf } from './quaternion.js';

/** What fits the sizes of NIfTI-1. */
const MOST_SIZE = 32767;

function typeCode(type: StoredType): number | undefined {
  const stored = type === 'bool' ? 'uint8' : type;
  const found = Object.entries(VOXEL_TYPES).find(([, voxel]) => voxel.type === stored && voxel.samples === 1);
  return found && Number(found[0]);
}

/** A header without a place for its voxels, little-endian. */
function emptyHeader(large: boolean): NiftiFields {
  const version = large ? NIFTI_2 : NIFTI_1;
  const bytes = new Uint8Array(version.headerSize);
  new DataView(bytes.buffer).setInt32(0, version.headerSize, true);
  if (large) bytes.set([0x0d, 0x0a, 0x1a, 0x0a], version.at.magic + 4);
  return new NiftiFields(bytes, version, true);
}

/** A header that places voxels where `geometry` does, by both transforms where a quaternion can. */
function placedHeader(geometry: WorldGeometry | undefined, large: boolean): NiftiFields {
  const fields = emptyHeader(large);
  const units: LengthUnit[] = ['m', 'mm', 'um'];
  const unit = geometry?.unit && units.includes(geometry.unit) ? geometry.unit : 'mm';
  fields.setUnits(Number(Object.entries(NIFTI_UNITS).find(([, name]) => name === unit)?.[0] ?? 2));
  const spacing = geometry?.spacing.toReversed() ?? [];
  const toUnit = geometry?.unit === unit ? 1 : millimetres(geometry?.unit) / millimetres(unit);
  for (let i = 0; i < 8; i++) fields.setFloat('pixdim', i, i === 0 ? 1 : (spacing[i - 1] ?? 1) * toUnit);
  if (geometry?.affine === undefined) return fields;
  const affine = scaledAffine(geometry.affine, 1 / millimetres(unit));
  for (let i = 0; i < 12; i++) fields.setFloat('srow', i, affine[Math.floor(i / 4)]?.[i % 4] ?? 0);
  fields.setCode('sformCode', 1);
  const lengths = columnLengths(affine);
  for (let i = 0; i < 3; i++) fields.setFloat('pixdim', i + 1, lengths[i] ?? 1);
  const quaternion = quaternionOf(affine);
  if (quaternion === undefined) return fields;
  fields.setCode('qformCode', 1);
  fields.setFloat('pixdim', 0, quaternion.qfac);
  for (const [i, value] of [quaternion.b, quaternion.c, quaternion.d].entries()) {
    fields.setFloat('quatern', i, value);
  }
  for (let i = 0; i < 3; i++) fields.setFloat('qoffset', i, affine[i]?.[3] ?? 0);
  return fields;
}

/** The header that the array was read with, if it was NIfTI and its sizes still fit. */
function keptHeader(geometry: WorldGeometry | undefined, large: boolean): NiftiFields | undefined {
  if (geometry?.native?.form !== 'nifti') return undefined;
  const found = niftiFields(Uint8Array.from(geometry.native.header))?.fields;
  return found && !(large && found.version === NIFTI_1) ? found : undefined;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const buffer = Buffer.from(bytes);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
  return buffer;
}

/**
 * A NIfTI file: time is its fourth axis and channels are its fifth. An array that was read from NIfTI keeps its header:
 * both transforms, the order of bytes and the texts. What the numbers meant (intent, range to show) is cleared.
 */
export const encodeNifti: Encoder = (path, header, boxes) => {
  const { axes, type, scale, geometry } = header;
  const format = 'NIfTI';
  if (!hasOnly(axes, ['time', 'channel', 'z', 'y', 'x']))
    return notWritable(path, format, 'axes', axesText(axes));
  const code = typeCode(type);
  if (code === undefined) return notWritable(path, format, 'element-type', type);
  const [x, y, z] = [axisSize(axes, 'x'), axisSize(axes, 'y'), axisSize(axes, 'z')];
  const [time, channels] = [axisSize(axes, 'time'), axisSize(axes, 'channel')];
  const has = (name: string) => axes.some((axis) => axis.name === name);
  const rank = has('channel') ? 5 : has('time') ? 4 : has('z') ? 3 : 2;
  const dims = [x, y, z, time, channels, 1, 1];
  const large = dims.some((size) => size > MOST_SIZE);
  const fields = keptHeader(geometry, large) ?? placedHeader(geometry, large);
  const { version, little } = fields;
  fields.setDim(0, rank);
  for (const [i, size] of dims.entries()) fields.setDim(i + 1, size);
  fields.setType(code, elementBytes[type] * 8);
  fields.setFloat('slope', 0, scale?.slope ?? 1);
  fields.setFloat('slope', 1, scale?.intercept ?? 0);
  fields.setFloat('calMax', 0, 0);
  fields.setFloat('calMax', 1, 0);
  fields.setVoxOffset(version.dataStart);
  fields.setCode('intentCode', channels > 1 ? VECTOR : 0);
  for (let i = 0; i < 3; i++) fields.setFloat('intentParameters', i, 0);
  fields.bytes.fill(0, version.at.intentName, version.at.intentName + 16);
  fields.bytes.set(Buffer.from(version === NIFTI_2 ? 'n+2' : 'n+1'), version.at.magic);
  function* chunks(): Generator<Uint8Array> {
    const start = new Uint8Array(version.dataStart);
    start.set(fields.bytes);
    yield start;
    for (const elements of elementsIn(header, boxes, ['channel', 'time', 'z', 'y', 'x'])) {
      yield little ? elements : swapped(elements, elementBytes[type]);
    }
  }
  return { chunks: /\.gz$/i.test(path) ? deflatePieces(chunks(), 'gzip') : chunks() };
};

/** The intent that tells other programs that the fifth axis is one of channels. */
const VECTOR = 1007;
