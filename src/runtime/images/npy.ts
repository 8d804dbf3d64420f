import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parse } from 'npyjs';
import type { NpyProblem } from '../../diagnostics/codes/images.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { elementCount, stridesOf, type Tensor } from '../tensor.js';

/**
 * NumPy's array files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * npyjs reads the header and the element types. We do first what it cannot do: move a header of any length to an aligned
 * offset, swap big-endian bytes, and treat booleans as bytes.
 */

const MAGIC = '\x93NUMPY';
/** Start of the header text in versions 2 and 3, which have four bytes for its length. */
const TEXT_START = 12;
/** No plain array has a longer header, and a damaged length must not become an allocation. */
const LONGEST_HEADER = 1 << 20;

/** Bytes per element, for the readable types. */
const ELEMENT_SIZES: Readonly<Record<string, number>> = {
  u1: 1,
  i1: 1,
  u2: 2,
  i2: 2,
  f2: 2,
  u4: 4,
  i4: 4,
  f4: 4,
  u8: 8,
  i8: 8,
  f8: 8,
};

/** Reads until `bytes` is full or the file ends. Returns the number of bytes read. */
function readInto(descriptor: number, bytes: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(bytes.length - filled, 1 << 30);
    const count = readSync(descriptor, bytes, filled, length, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function damaged(path: string, problem: NpyProblem): Failure {
  return failure('npy-damaged', { path, problem });
}

/** The text of the header, and the offset of the elements. */
function readHeader(descriptor: number, path: string): { text: string; end: number } | Failure {
  const start = new Uint8Array(TEXT_START);
  const count = readInto(descriptor, start, 0);
  if (count === 0) return failure('file-empty', { path });
  if (count < TEXT_START || String.fromCharCode(...start.subarray(0, 6)) !== MAGIC) {
    return damaged(path, { case: 'not-npy' });
  }
  const major = start[6] ?? 0;
  const view = new DataView(start.buffer);
  if (major < 1 || major > 3) return damaged(path, { case: 'unknown-version', version: major });
  const textStart = major === 1 ? 10 : TEXT_START;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const bytes = new Uint8Array(Math.min(length, LONGEST_HEADER));
  if (readInto(descriptor, bytes, textStart) < length) {
    return damaged(path, { case: 'header-cut-off' });
  }
  return { text: new TextDecoder('latin1').decode(bytes), end: textStart + length };
}

/** The size of an element and the order of its bytes, from 'descr': "<f4", "|u1", ">i2". */
function elementType(
  text: string,
  path: string,
): { size: number; bigEndian: boolean; header: string } | Failure {
  const descr = /'descr'\s*:\s*'([<>|=]?)([^']*)'/.exec(text);
  if (descr === null) return failure('npy-not-numbers', { path, type: undefined });
  const order = descr[1] ?? '';
  const type = descr[2] === 'b1' ? 'u1' : (descr[2] ?? '');
  const size = ELEMENT_SIZES[type];
  if (size === undefined) {
    return failure('npy-not-numbers', { path, type: descr[2] ?? '' });
  }
  return { size, bigEndian: order === '>', header: text.replace(descr[0], `'descr': '<${type}'`) };
}

/** Converts Fortran order, in which the first axis is fastest, into row-major order. */
function transposeFortran(data: Float32Array, shape: readonly number[]): Float32Array {
  const result = new Float32Array(data.length);
  const strides = stridesOf(shape);
  let read = 0;
  const visit = (axis: number, offset: number) => {
    const [size, stride] = [shape[axis] ?? 1, strides[axis] ?? 1];
    for (let i = 0; i < size; i++) {
      if (axis === 0) result[offset + i * stride] = data[read++] ?? 0;
      else visit(axis - 1, offset + i * stride);
    }
  };
  visit(shape.length - 1, 0);
  return result;
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}

function toFloat32(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from({ length: data.length }, (_, i) => Number(data[i]));
  }
  // Only the types of ELEMENT_SIZES reach this point, and npyjs makes typed arrays of all of them.
  return new Float32Array(data as ArrayLike<number>);
}

/** What the header of a .npy file says. */
interface Layout {
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  readonly size: number;
  readonly bigEndian: boolean;
  /** A header for npyjs; the elements follow it. */
  readonly start: Uint8Array<ArrayBuffer>;
  /** The offset of the elements in the file, and how many bytes they take. */
  readonly from: number;
  readonly payload: number;
}

function readLayout(descriptor: number, path: string): Layout | Failure {
  const header = readHeader(descriptor, path);
  if (header instanceof Failure) return header;
  const type = elementType(header.text, path);
  if (type instanceof Failure) return type;

  const text = type.header.padEnd(Math.ceil((TEXT_START + type.header.length) / 64) * 64 - TEXT_START);
  const start = new Uint8Array(TEXT_START + text.length);
  start.set(Array.from(`${MAGIC}\x02\x00`, (c) => c.charCodeAt(0)));
  new DataView(start.buffer).setUint32(8, text.length, true);
  start.set(
    Array.from(text, (c) => c.charCodeAt(0)),
    TEXT_START,
  );
  const { shape, fortranOrder } = parse(start.buffer);
  if (!/'shape'\s*:\s*\(/.test(text) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    return damaged(path, { case: 'header-damaged' });
  }
  const payload = fstatSync(descriptor).size - header.end;
  const wanted = elementCount(shape) * type.size;
  if (wanted !== payload) {
    return damaged(path, { case: 'elements', shape, bytes: payload, expected: wanted });
  }
  return {
    shape,
    fortranOrder,
    size: type.size,
    bigEndian: type.bigEndian,
    start,
    from: header.end,
    payload,
  };
}

function readArray(descriptor: number, path: string): Tensor | Failure {
  const layout = readLayout(descriptor, path);
  if (layout instanceof Failure) return layout;
  const { shape, fortranOrder, start } = layout;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(start.length + layout.payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure('out-of-memory', { need: { path }, bytes: layout.payload });
  }
  bytes.set(start);
  const elements = bytes.subarray(start.length);
  readInto(descriptor, elements, layout.from);
  if (layout.bigEndian) swapBytes(elements, layout.size);
  const data = toFloat32(parse(bytes.buffer).data);
  return { shape, data: fortranOrder ? transposeFortran(data, shape) : data };
}

/** Runs `read` on an open file. */
function withFile<T>(path: string, read: (descriptor: number) => T | Failure): T | Failure {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return read(descriptor);
  } catch (error) {
    return fileFailure('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The shape of the array in a .npy file, without its elements. Fails as readNpy does. */
export function readNpyShape(path: string): readonly number[] | Failure {
  return withFile(path, (descriptor) => {
    const layout = readLayout(descriptor, path);
    return layout instanceof Failure ? layout : layout.shape;
  });
}

/**
 * Reads a .npy file (versions 1 to 3) of integers, floats or booleans as float32, unscaled, in row-major order. 64-bit
 * numbers are rounded to float32.
 */
export function readNpy(path: string): Tensor | Failure {
  return withFile(path, (descriptor) => readArray(descriptor, path));
}

/**
 * An array as the image of a network with `channels` inputs and `rank` spatial axes: (C, ...spatial). The array may be
 * (C, ...spatial), (1, C, ...spatial) or, for one channel, (...spatial).
 */
export function asImage(array: Tensor, name: string, channels: number, rank: number): Tensor | Failure {
  const spatial = array.shape.slice(-rank);
  const wanted = [channels, ...spatial];
  const before = array.shape.slice(0, -rank);
  const accepted = [[channels], [1, channels], ...(channels === 1 ? [[]] : [])];
  const fits =
    spatial.length === rank &&
    accepted.some((lead) => lead.length === before.length && lead.every((size, i) => size === before[i]));
  if (fits) {
    if (!spatial.includes(0)) return { shape: wanted, data: array.data };
  }
  const channelsLast = !fits && array.shape.at(-1) === channels && array.shape.length === rank + 1;
  return failure('array-shape-mismatch', { name, shape: array.shape, channels, rank, channelsLast });
}

/**
 * The bytes of a .npy file, version 1.0, of little-endian float32 in row-major order. The elements are not copied.
 */
export function* npyChunks(tensor: Tensor): Generator<Uint8Array> {
  const sizes = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = 10;
  const length = Math.ceil((start + text.length + 1) / 64) * 64 - start;
  const header = Buffer.alloc(start + length, ' ');
  header.write(MAGIC, 'latin1');
  header.writeUInt8(1, 6);
  header.writeUInt8(0, 7);
  header.writeUInt16LE(length, 8);
  header.write(text, start, 'latin1');
  header.write('\n', start + length - 1, 'latin1');
  yield header;
  // Every machine that Node runs on today stores numbers little-endian.
  const { buffer, byteOffset, byteLength } = tensor.data;
  yield new Uint8Array(buffer, byteOffset, byteLength);
}
