import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import type { NiftiDamage } from '../../diagnostics/codes/data-sets/files.js';
import { Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { allocate, elementCount, shapeText, type Tensor } from '../../runtime/tensor.js';
import {
  decodeHeader,
  encodeHeader,
  labelHeader,
  type NewNifti,
  type NiftiHeader,
  VOXEL_BYTES,
} from './nifti-header.js';

/** Enough of a compressed file for its header. */
const FIRST_BYTES = 16384;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The first bytes of a .nii or .nii.gz file, unpacked: its header and perhaps more. */
function firstBytes(path: string): Uint8Array | Failure {
  let descriptor: number | undefined;
  const start = new Uint8Array(FIRST_BYTES);
  let count = 0;
  try {
    descriptor = openSync(path, 'r');
    count = readSync(descriptor, start, 0, start.length, 0);
  } catch (error) {
    return fileFailure('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  if (count === 0) return damaged(path, { case: 'empty' });
  const bytes = start.subarray(0, count);
  if (!isGzip(bytes)) return bytes;
  try {
    // These bytes are the beginning of the file, so the end of the compressed data is not required.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return damaged(path, { case: 'compression', reason: reasonOf(error) });
  }
}

function damaged(path: string, damage: NiftiDamage): Failure {
  return failure('nifti-damaged', { path, damage });
}

/** Reads the header of a .nii or .nii.gz file, and nothing else of it. */
export function readNiftiHeader(path: string): NiftiHeader | Failure {
  const bytes = firstBytes(path);
  return bytes instanceof Failure ? bytes : decodeHeader(bytes, path);
}

/**
 * The bytes of a file of labels, (...spatial), of the volume in `path`. Spacing, directions and origin come from the header
 * of the volume, so the labels lie at its place in the world.
 */
export function encodeLabelsLike(
  path: string,
  labels: { readonly shape: readonly number[]; readonly data: Uint8Array },
  packed: boolean,
): Uint8Array | Failure {
  const start = firstBytes(path);
  if (start instanceof Failure) return start;
  const header = decodeHeader(start, path);
  if (header instanceof Failure) return header;
  const spatial = header.shape.slice(-header.spatialRank);
  if (shapeText(spatial) !== shapeText(labels.shape)) {
    return failure('label-volume-size', { labels: labels.shape, path, volume: spatial });
  }
  const head = labelHeader(start, header);
  const bytes = new Uint8Array(head.length + labels.data.length);
  bytes.set(head);
  bytes.set(labels.data, head.length);
  return packed ? packedBytes(bytes) : bytes;
}

function packedBytes(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes);
  // Byte 9 names the operating system, which must not change the file; 255 is "unknown" (RFC 1952).
  packed[9] = 255;
  return packed;
}

/** Unpacks a whole file, but never more than its header announces. */
function unpack(bytes: Uint8Array, header: NiftiHeader, path: string): Uint8Array | Failure {
  if (!isGzip(bytes)) return bytes;
  const most = header.offset + elementCount(header.shape) * VOXEL_BYTES[header.type];
  try {
    // Other data may follow the voxels; the limit keeps a small damaged file from taking all memory.
    return gunzipSync(bytes, { maxOutputLength: most + (1 << 20) });
  } catch (error) {
    if (error instanceof RangeError) return damaged(path, { case: 'too-long' });
    return damaged(path, { case: 'compression', reason: reasonOf(error) });
  }
}

/** Reads one stored number; the cases are the voxel types. */
function readerOf(view: DataView, { type, littleEndian }: NiftiHeader): (offset: number) => number {
  switch (type) {
    case 'uint8':
      return (offset) => view.getUint8(offset);
    case 'int8':
      return (offset) => view.getInt8(offset);
    case 'int16':
      return (offset) => view.getInt16(offset, littleEndian);
    case 'uint16':
      return (offset) => view.getUint16(offset, littleEndian);
    case 'int32':
      return (offset) => view.getInt32(offset, littleEndian);
    case 'uint32':
      return (offset) => view.getUint32(offset, littleEndian);
    case 'int64':
      return (offset) => Number(view.getBigInt64(offset, littleEndian));
    case 'uint64':
      return (offset) => Number(view.getBigUint64(offset, littleEndian));
    case 'float32':
      return (offset) => view.getFloat32(offset, littleEndian);
    case 'float64':
      return (offset) => view.getFloat64(offset, littleEndian);
    default:
      return type satisfies never;
  }
}

/** A volume and what its header says about it. */
export interface NiftiVolume {
  readonly header: NiftiHeader;
  /** (...spatial) or (C, ...spatial), after slope and intercept. */
  readonly volume: Tensor;
}

/**
 * Reads a NIfTI-1 file, .nii or .nii.gz, of either byte order, as float32: slope * number + intercept if the header has
 * them, otherwise unscaled. Numbers that float32 cannot represent are rounded. Fails for files that are missing, damaged,
 * cut off, NIfTI-2, or of complex or RGB voxels.
 */
export function readNifti(path: string): NiftiVolume | Failure {
  const header = readNiftiHeader(path);
  if (header instanceof Failure) return header;
  let file: Uint8Array;
  try {
    file = readFileSync(path);
  } catch (error) {
    return fileFailure('read', path, error);
  }
  const bytes = unpack(file, header, path);
  if (bytes instanceof Failure) return bytes;
  const count = elementCount(header.shape);
  const size = VOXEL_BYTES[header.type];
  const found = Math.max(0, bytes.length - header.offset);
  if (found < count * size) {
    return damaged(path, { case: 'voxels', shape: header.shape, bytes: found, expected: count * size });
  }
  const data = allocate(count, { what: 'a volume', shape: header.shape });
  if (data instanceof Failure) return data;
  const read = readerOf(new DataView(bytes.buffer, bytes.byteOffset + header.offset, count * size), header);
  const { slope, intercept } = header;
  for (let i = 0; i < count; i++) data[i] = slope * read(i * size) + intercept;
  return { header, volume: { shape: header.shape, data } };
}

/** The bytes of a .nii.gz file: `voxels` are of the header's type, in row-major order of its shape. */
export function encodeNiftiGz(volume: NewNifti, voxels: Uint8Array | Uint16Array): Uint8Array {
  const header = encodeHeader(volume);
  const bytes = new Uint8Array(header.length + voxels.byteLength);
  bytes.set(header);
  // Every machine that Node runs on today keeps numbers little-endian.
  bytes.set(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength), header.length);
  return packedBytes(bytes);
}
