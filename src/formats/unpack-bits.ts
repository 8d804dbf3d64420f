import { newData, type StoredData, type StoredType } from './element.js';

/** Rows of numbers of `bits` bits each, the highest bit first; each row begins with a byte. */
export interface PackedRows {
  readonly bits: number;
  readonly signed: boolean;
  readonly rows: number;
  /** Numbers in a row, and bytes of a row. */
  readonly perRow: number;
  readonly rowBytes: number;
}

function unpackSmall(bytes: Uint8Array, { bits, rows, perRow, rowBytes }: PackedRows): Uint8Array {
  const result = new Uint8Array(rows * perRow);
  const mask = (1 << bits) - 1;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * rowBytes;
    for (let i = 0; i < perRow; i++) {
      const bit = i * bits;
      result[at++] = ((bytes[start + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return result;
}

/** Unpacks numbers of 1 to 32 bits into elements of `type`, which has no 64 bits. */
export function unpackBits(bytes: Uint8Array, type: StoredType, packed: PackedRows): StoredData {
  const { bits, signed, rows, perRow, rowBytes } = packed;
  if (!signed && 8 % bits === 0) return unpackSmall(bytes, packed);
  // No 64 bits, so the elements are numbers.
  const result = newData(type, rows * perRow) as Exclude<StoredData, BigInt64Array | BigUint64Array>;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    let bit = row * rowBytes * 8;
    for (let i = 0; i < perRow; i++) {
      let value = 0;
      for (let left = bits; left > 0; ) {
        const [taken, part] = take(bytes, bit, left);
        value = value * 2 ** taken + part;
        left -= taken;
        bit += taken;
      }
      result[at++] = signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
    }
  }
  return result;
}

/** The bits from `bit` to the end of its byte, at most `left`: how many, and what they say. */
function take(bytes: Uint8Array, bit: number, left: number): [number, number] {
  const inByte = bit % 8;
  const taken = Math.min(8 - inByte, left);
  const byte = bytes[Math.floor(bit / 8)] ?? 0;
  return [taken, (byte >> (8 - inByte - taken)) & ((1 << taken) - 1)];
}
