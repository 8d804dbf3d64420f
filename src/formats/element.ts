import { float16Bits, float16Value } from '../weights/float16.js';

/** The types of a stored number. JavaScript has no array of float16 in every Node: its values come as float32, exactly. */
export type StoredType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64';

export type StoredData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** The bytes that one element takes in a file. */
export const elementBytes: Readonly<Record<StoredType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

const integers: Readonly<Record<number, readonly [StoredType, StoredType]>> = {
  1: ['uint8', 'int8'],
  2: ['uint16', 'int16'],
  4: ['uint32', 'int32'],
  8: ['uint64', 'int64'],
};

/** The integer type of so many bytes. */
export function integerType(bytes: number, signed: boolean): StoredType | undefined {
  return integers[bytes]?.[signed ? 1 : 0];
}

/** The array type of the elements. */
export function newData(type: StoredType, length: number): StoredData {
  switch (type) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'float16':
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    default:
      return type satisfies never;
  }
}

let float16Table: Float32Array | undefined;

/** The values of all 65,536 half floats: looking one up is faster than computing it. */
function float16Values(): Float32Array {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16Value(bits));
  return float16Table;
}

function swapInPlace(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}

/** A view of little-endian bytes as elements; `bytes` must begin at a multiple of the element's size. */
function viewAs(type: StoredType, { buffer, byteOffset }: Uint8Array, count: number): StoredData {
  switch (type) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, count);
    case 'int8':
      return new Int8Array(buffer, byteOffset, count);
    case 'uint16':
    case 'float16':
      return new Uint16Array(buffer, byteOffset, count);
    case 'int16':
      return new Int16Array(buffer, byteOffset, count);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, count);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, count);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
    default:
      return type satisfies never;
  }
}

/**
 * The first `count` elements in `bytes`. The result may be a view of `bytes`, whose order of bytes may have been
 * changed: the caller gives the bytes away.
 */
export function decodeElements(
  bytes: Uint8Array,
  type: StoredType,
  count: number,
  littleEndian: boolean,
): StoredData {
  const size = elementBytes[type];
  const used = bytes.subarray(0, count * size);
  const aligned = used.byteOffset % size === 0 ? used : new Uint8Array(used);
  // Every machine that Node runs on keeps numbers little-endian.
  if (!littleEndian && size > 1) swapInPlace(aligned, size);
  const data = viewAs(type, aligned, count);
  if (type !== 'float16') return data;
  const table = float16Values();
  // A view as float16 is always one of Uint16Array, so its elements index the table.
  return Float32Array.from(data as Uint16Array, (bits) => table[bits] ?? 0);
}

/** The little-endian bytes of the elements. */
export function encodeElements(data: StoredData, type: StoredType): Uint8Array {
  if (type !== 'float16') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const halves = new Uint16Array(data.length);
  float16Bits(
    Float32Array.from({ length: data.length }, (_, i) => Number(data[i])),
    halves,
  );
  return new Uint8Array(halves.buffer);
}
