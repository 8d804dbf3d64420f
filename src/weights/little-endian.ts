/** Whether this machine stores numbers with the low byte first, as all our file formats do. */
const littleEndianHost = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The bytes of values in little-endian order: a view on little-endian hosts, a swapped copy on others. */
export function littleEndianBytes(values: Float32Array | Float64Array | Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return littleEndianHost ? bytes : swapped(bytes, values.BYTES_PER_ELEMENT);
}

/**
 * Little-endian bytes as an aligned buffer in the host's order, ready for typed arrays of elements of `size` bytes. The
 * bytes are copied only if they are unaligned or the host has the other order.
 */
export function alignedBytes(bytes: Uint8Array, size: number): Uint8Array {
  if (!littleEndianHost) return swapped(bytes, size);
  return bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
}

/** Copies with the constructor, because `slice` of a Buffer returns a view. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += size) {
    out.set(new Uint8Array(bytes.subarray(start, start + size)).reverse(), start);
  }
  return out;
}
