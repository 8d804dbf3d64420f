import { existsSync } from 'node:fs';
import { Failure, failure } from '../../diagnostics/failure.js';
import { commonOrder, inCommonOrder, reorderedAxes } from '../axis-order.js';
import { boxReader } from '../box-of-bytes.js';
import { decodeElements, elementBytes, type StoredData } from '../element.js';
import {
  columnLengths,
  finiteAffine,
  millimetres,
  orientationOf,
  scaledAffine,
  type WorldGeometry,
} from '../geometry.js';
import { DEFLATE_RATIO, inflated } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import { ByteSource } from '../source.js';
import {
  type ArrayHeader,
  type ArrayNote,
  type Axis,
  type AxisName,
  countOf,
  type ReadOptions,
  sizesOf,
} from '../stored-array.js';
import { ForwardInflate } from './forward-inflate.js';
import {
  NIFTI_UNITS,
  type NiftiFields,
  niftiFields,
  UNREAD_VOXEL_TYPES,
  VOXEL_TYPES,
} from './nifti-fields.js';
import { transformDistance } from './transform-distance.js';

/** The names of the file's axes, x first. */
const NAMES: readonly AxisName[] = ['x', 'y', 'z', 'time', 'channel'];

/** The header, a bit more than NIfTI-2's 540 bytes. */
const HEADER_BYTES = 544;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The first bytes of a file, inflated where it is compressed. */
export async function firstBytes(source: ByteSource, count: number): Promise<Uint8Array> {
  const start = source.read(0, Math.max(count, 1 << 14));
  if (!isGzip(start)) return start;
  // A stream that is cut gives what it holds, and the limit cuts what would be more.
  const bytes = await inflated(start, 'gzip', start.length * DEFLATE_RATIO, true);
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
}

/** The axes of the file, slowest first, with the numbers of a voxel as the fastest one; undefined where they are invalid. */
function axesOf(fields: NiftiFields, samples: number): Axis[] | 'sizes' | 'axes' {
  const rank = fields.dim(0);
  if (rank < 1 || rank > 7) return 'sizes';
  const sizes = Array.from({ length: rank }, (_, i) => fields.dim(i + 1));
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1)) return 'sizes';
  if (sizes.slice(5).some((size) => size > 1) || (samples > 1 && (sizes[4] ?? 1) > 1)) return 'axes';
  const axes = sizes.slice(0, 5).map((size, i): Axis => ({ name: NAMES[i] ?? 'channel', size }));
  // The fifth axis leaves a time of 1 before it, which is not one.
  const kept = axes.filter(
    ({ name, size }) => !(rank >= 5 && size === 1 && (name === 'time' || name === 'channel')),
  );
  return [...kept.reverse(), ...(samples > 1 ? [{ name: 'channel', size: samples } as const] : [])];
}

/** Where the header places the voxels. */
function geometryOf(fields: NiftiFields, axes: readonly Axis[]): WorldGeometry {
  const unit = NIFTI_UNITS[fields.units & 7];
  const factor = millimetres(unit);
  const qform = fields.qformCode > 0 ? finiteAffine(fields.qform) : undefined;
  const sform = fields.sformCode > 0 ? finiteAffine(fields.sform) : undefined;
  const chosen = sform ?? qform;
  const affine = chosen && scaledAffine(chosen, factor);
  const lengths = chosen ? columnLengths(chosen) : [];
  const spacing = axes
    .filter(({ name }) => name === 'x' || name === 'y' || name === 'z')
    .map(({ name }) => {
      const i = NAMES.indexOf(name);
      const stated = Math.abs(fields.pixdim(i + 1));
      const length = lengths[i] ?? 0;
      // The transform counts where the two differ by more than rounding.
      const usable = stated > 0 && Number.isFinite(stated);
      if (length > 0 && !(usable && Math.abs(stated - length) < 1e-4 * length)) return length;
      return usable ? stated : 1;
    });
  return {
    affine,
    spacing,
    unit,
    orientation: affine && orientationOf(affine),
    native: {
      form: 'nifti',
      header: fields.bytes.slice(0, fields.version.headerSize),
      qformCode: fields.qformCode,
      sformCode: fields.sformCode,
      qform,
      sform,
    },
  };
}

function notesOf(fields: NiftiFields, axes: readonly Axis[], geometry: WorldGeometry): ArrayNote[] {
  const { native } = geometry;
  const both = native?.form === 'nifti' && native.qform && native.sform;
  const distance = both
    ? transformDistance(native.qform, native.sform, axes) * millimetres(geometry.unit)
    : 0;
  const smallest = Math.min(...geometry.spacing) * millimetres(geometry.unit);
  return [
    ...(fields.intentCode === 0
      ? []
      : [{ kind: 'intent', code: fields.intentCode, name: fields.intentName } as const]),
    ...(distance > smallest / 10 ? [{ kind: 'transforms-differ', distance } as const] : []),
  ];
}

/** The header of a pair (.hdr beside .img), from either of its files. */
function partnerOf(path: string, from: RegExp, endings: readonly string[]): string {
  const all = endings.flatMap((ending) => [
    path.replace(from, ending),
    path.replace(from, ending.toUpperCase()),
  ]);
  return all.find((one) => existsSync(one)) ?? all[0] ?? path;
}

const IMAGE = /\.img(\.gz)?$/i;
const HEADER = /\.hdr(\.gz)?$/i;

/** Opens NIfTI-1 or -2: one file, compressed or not, or a pair of header and image. */
export async function openNifti(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const start = await firstBytes(source, HEADER_BYTES);
  const found = niftiFields(start);
  if (found === undefined && IMAGE.test(path)) return openImageOfPair(source, options);
  if (found === undefined) {
    const damaged = (problem: 'signature' | 'cut-off') =>
      failure('header-damaged', { path, format: 'NIfTI-1', problem });
    if (start.length < 348) return damaged('cut-off');
    const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
    const analyze = view.getInt32(0, true) === 348 || view.getInt32(0, false) === 348;
    return analyze && HEADER.test(path)
      ? failure('format-unread', { path, format: 'Analyze 7.5', saveAs: 'NIfTI, which says where left is' })
      : damaged('signature');
  }
  const { fields, single } = found;
  if (single) return openVoxels(fields, source, source);
  const image = partnerOf(path, HEADER, ['.img', '.img.gz']);
  if (!HEADER.test(path) || !existsSync(image)) {
    return failure('data-file-missing', { path, data: image === path ? `${path}.img` : image });
  }
  return ofPair(fields, source, image);
}

/** The .img of a pair was named. */
async function openImageOfPair({ path }: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const header = partnerOf(path, IMAGE, ['.hdr', '.hdr.gz']);
  if (!existsSync(header)) return failure('data-file-missing', { path, data: header });
  return ByteSource.open(header, (source) => openNifti(source, options));
}

/** The image is opened again for the voxels: the header's reading may be long over. */
async function ofPair(fields: NiftiFields, header: ByteSource, path: string): Promise<OpenedArray | Failure> {
  const opened = await ByteSource.open(path, (image) => openVoxels(fields, header, image));
  if (opened instanceof Failure) return opened;
  const read = () =>
    ByteSource.open(path, async (image) => {
      const again = await openVoxels(fields, header, image);
      return again instanceof Failure ? again : again.read();
    });
  return { header: opened.header, read };
}

async function openVoxels(
  fields: NiftiFields,
  { path }: ByteSource,
  image: ByteSource,
): Promise<OpenedArray | Failure> {
  const format = fields.version.name;
  const damaged = (problem: 'sizes' | 'element-type' | 'data-offset') =>
    failure('header-damaged', { path, format, problem });
  const voxel = VOXEL_TYPES[fields.datatype];
  if (voxel === undefined) {
    const type = UNREAD_VOXEL_TYPES[fields.datatype];
    return type === undefined
      ? damaged('element-type')
      : failure('element-type-unread', { path, format, type });
  }
  const axes = axesOf(fields, voxel.samples);
  if (axes === 'sizes') return damaged('sizes');
  if (axes === 'axes') return failure('layout-unread', { path, format, layout: 'axes' });
  const inOneFile = path === image.path;
  const earliest = inOneFile ? fields.version.headerSize : 0;
  const offset = inOneFile && fields.voxOffset === 0 ? fields.version.dataStart : fields.voxOffset;
  if (!Number.isSafeInteger(offset) || offset < earliest) return damaged('data-offset');
  const { slope, intercept } = fields;
  // A slope of 0 means that the stored numbers are the values.
  const isScale = slope !== 0 && Number.isFinite(slope);
  if (isScale && !Number.isFinite(intercept)) {
    return failure('header-damaged', { path, format, problem: 'field-invalid', field: 'scl_inter' });
  }
  const scaled = isScale && !(slope === 1 && intercept === 0);
  const geometry = geometryOf(fields, axes);
  const header: ArrayHeader = {
    path,
    format,
    axes: reorderedAxes(axes, commonOrder(axes)),
    type: voxel.type,
    bits: elementBytes[voxel.type] * 8,
    scale: scaled ? { slope, intercept } : undefined,
    colour:
      voxel.samples === 3
        ? 'rgb'
        : voxel.samples === 4
          ? 'rgba'
          : axes.some(({ name }) => name === 'channel')
            ? 'vector'
            : 'none',
    geometry,
    notes: notesOf(fields, axes, geometry),
  };
  const packed = isGzip(image.read(0, 2));
  const wrong = checkClaim(header, {
    stored: packed ? image.size : image.size - offset,
    ratio: packed ? DEFLATE_RATIO : 1,
  });
  if (wrong) return wrong;
  const count = countOf(sizesOf(axes));
  const length = count * elementBytes[voxel.type];
  const read = async (): Promise<StoredData | Failure> => {
    const bytes = await bytesAt(image, offset, length);
    if (!(bytes instanceof Uint8Array))
      return failure('elements-damaged', { path, format, reason: bytes.reason });
    if (bytes.length < length) {
      return failure('elements-missing', {
        path,
        format,
        sizes: sizesOf(axes),
        needed: length,
        found: bytes.length,
      });
    }
    return inCommonOrder(decodeElements(bytes, voxel.type, count, fields.little), voxel.type, axes);
  };
  // A stream that is read in its order has the boxes of one volume only in the order of its slices.
  const isOneVolume = axes.every(
    ({ name, size }) => size === 1 || name === 'z' || name === 'y' || name === 'x',
  );
  if (!inOneFile || (packed && !isOneVolume)) return { header, read };
  const stream = packed ? new ForwardInflate(image, 0, 'gzip', offset + length) : image;
  const bytes = async (at: number, count: number) => stream.read(offset + at, count);
  const readRegion = boxReader({ header, axes, type: voxel.type, littleEndian: fields.little, bytes });
  return { header, read, readRegion, isForwardOnly: packed };
}

/** What may follow the elements of a compressed file. */
const TRAILER = 1 << 20;

/** Bytes of a file that may be compressed by gzip. */
export async function bytesAt(
  source: ByteSource,
  offset: number,
  length: number,
): Promise<Uint8Array | { readonly reason: string }> {
  if (!isGzip(source.read(0, 2))) return source.read(offset, length);
  const bytes = await inflated(source.readAll(), 'gzip', offset + length + TRAILER);
  return bytes instanceof Uint8Array ? bytes.subarray(offset, offset + length) : bytes;
}
