/** Types of a field's values. */
export const FieldType = { ascii: 2, short: 3, long: 4, rational: 5, long8: 16 } as const;

export interface Field {
  readonly tag: number;
  readonly type: (typeof FieldType)[keyof typeof FieldType];
  /** Text, or numbers; two, above and below the line, for each rational. */
  readonly values: readonly number[] | string;
}

const SIZES = { 2: 1, 3: 2, 4: 4, 5: 4, 16: 8 } as const;

function valueBytes({ type, values }: Field): Buffer {
  if (typeof values === 'string') return Buffer.from(`${values}\0`);
  const size = SIZES[type];
  const bytes = Buffer.alloc(values.length * size);
  for (const [i, value] of values.entries()) {
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value), i * size);
    else bytes.writeUIntLE(value, i * size, size);
  }
  return bytes;
}

/**
 * The little-endian bytes of a directory at `offset`, and of its longer values after it. The next one follows it, if there
 * is one. `big`: of a BigTIFF, with offsets of 8 bytes.
 */
export function directoryBytes(
  fields: readonly Field[],
  offset: number,
  { big, hasNext }: { readonly big: boolean; readonly hasNext: boolean },
): Uint8Array {
  const [countBytes, pointer] = big ? [8, 8] : [2, 4];
  const entryBytes = 4 + 2 * pointer;
  const length = countBytes + entryBytes * fields.length + pointer;
  const head = Buffer.alloc(length);
  const writePointer = (value: number, at: number) => {
    if (big) head.writeBigUInt64LE(BigInt(value), at);
    else head.writeUInt32LE(value, at);
  };
  if (big) head.writeBigUInt64LE(BigInt(fields.length), 0);
  else head.writeUInt16LE(fields.length, 0);
  const tail: Uint8Array[] = [];
  let end = offset + length;
  for (const [i, field] of fields.toSorted((a, b) => a.tag - b.tag).entries()) {
    const at = countBytes + entryBytes * i;
    const bytes = valueBytes(field);
    const count = bytes.length / SIZES[field.type] / (field.type === FieldType.rational ? 2 : 1);
    head.writeUInt16LE(field.tag, at);
    head.writeUInt16LE(field.type, at + 2);
    writePointer(count, at + 4);
    if (bytes.length <= pointer) head.set(bytes, at + 4 + pointer);
    else {
      writePointer(end, at + 4 + pointer);
      // Values begin at even offsets.
      const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
      tail.push(padded);
      end += padded.length;
    }
  }
  if (hasNext) writePointer(end, length - pointer);
  return Buffer.concat([head, ...tail]);
}
