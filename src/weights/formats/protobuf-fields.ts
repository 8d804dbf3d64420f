import protobuf from 'protobufjs/minimal.js';
import type { RandomAccess } from '../random-access.js';

/** Wire types of protobuf (protobuf.dev, "Encoding"). */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

/** A field of a message. Its content is the bytes from `start` to `end`; a varint also has its value. */
export interface ProtobufField {
  readonly number: number;
  readonly wire: number;
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

/** The bytes are not a protobuf message, or end too early. Thrown inside this folder only. */
export class ProtobufDamage extends Error {
  constructor(
    message: string,
    /** The least size that the file should have, if it ends too early. */
    readonly needed?: number,
  ) {
    super(message);
  }
}

/** A tag and a length are at most 5 + 10 bytes. */
const FIELD_START = 15;

/** Anything longer is not a shape, name or entry of a model, and is not read. */
const LONGEST_VARINTS = 1 << 16;
const LONGEST_TEXT = 1 << 26;

/** The fields of the message from `start` to `end`. Their contents are skipped, not read. */
export function* fieldsOf(
  file: RandomAccess,
  start: number,
  end: number,
): Generator<ProtobufField, void, undefined> {
  let position = start;
  while (position < end) {
    const reader = protobuf.Reader.create(file.read(position, Math.min(FIELD_START, end - position)));
    let [tag, value, length] = [0, 0, 0];
    try {
      tag = reader.uint32();
      if ((tag & 7) === VARINT) value = Number(reader.int64());
      else if ((tag & 7) === LENGTH) length = reader.uint32();
    } catch {
      throw new ProtobufDamage(`something else at byte ${position}`);
    }
    const wire = tag & 7;
    if (wire === FIXED64) length = 8;
    if (wire === FIXED32) length = 4;
    const known = wire === VARINT || wire === FIXED64 || wire === LENGTH || wire === FIXED32;
    if (tag >>> 3 === 0 || !known) throw new ProtobufDamage(`something else at byte ${position}`);
    const content = position + reader.pos;
    if (content + length > end) {
      throw new ProtobufDamage(`a field that ends after byte ${end}`, content + length);
    }
    yield { number: tag >>> 3, wire, start: content, end: content + length, value };
    position = content + length;
  }
}

/** The whole numbers of a packed repeated field, or of a single one. */
export function varintsOf(file: RandomAccess, field: ProtobufField): readonly number[] {
  if (field.wire === VARINT) return [field.value];
  const reader = protobuf.Reader.create(contentOf(file, field, LONGEST_VARINTS));
  const values: number[] = [];
  try {
    while (reader.pos < reader.len) values.push(Number(reader.int64()));
  } catch {
    throw new ProtobufDamage(`something else at byte ${field.start}`);
  }
  return values;
}

export function fieldText(file: RandomAccess, field: ProtobufField): string {
  return new TextDecoder().decode(contentOf(file, field, LONGEST_TEXT));
}

function contentOf(file: RandomAccess, { start, end }: ProtobufField, longest: number): Uint8Array {
  if (end - start > longest) throw new ProtobufDamage(`something else at byte ${start}`);
  return file.read(start, end - start);
}
