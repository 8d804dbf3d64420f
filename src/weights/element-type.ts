import { float16Value } from './float16.js';
import { alignedBytes } from './little-endian.js';
import type { RandomAccess } from './random-access.js';

/** The readable types of numbers, and their bytes per element. */
export const elementSizes = { F32: 4, F16: 2, BF16: 2, F64: 8 } as const;
export type ElementType = keyof typeof elementSizes;

/** The readable types, for messages. */
export const readableTypes = Object.keys(elementSizes).join(', ');

export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(elementSizes, text);
}

/** Elements read at a time. */
const CHUNK = 65536;

/** `count` consecutive little-endian numbers from `offset`, as float32 (F64 is rounded). */
export function* floatChunks(
  file: RandomAccess,
  type: ElementType,
  offset: number,
  count: number,
): Generator<Float32Array, void, undefined> {
  const size = elementSizes[type];
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    const bytes = alignedBytes(file.read(offset + start * size, length * size), size);
    yield toFloat32(type, bytes.buffer, bytes.byteOffset, length);
  }
}

function toFloat32(type: ElementType, buffer: ArrayBufferLike, offset: number, length: number): Float32Array {
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, offset, length);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, offset, length));
    case 'F16': {
      const bits = new Uint16Array(buffer, offset, length);
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = float16Value(bits[i] ?? 0);
      return values;
    }
    case 'BF16': {
      // The upper half of a float32's bits.
      const words = Uint32Array.from(new Uint16Array(buffer, offset, length), (bits) => bits << 16);
      return new Float32Array(words.buffer);
    }
  }
}
