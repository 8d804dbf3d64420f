import { inflateRawSync } from 'node:zlib';
import type { ByteSource } from '../source.js';

/** A data element: where its value lies, or the items of a sequence. */
export interface DicomElement {
  readonly offset: number;
  /** Undefined for a value in fragments: compressed pixels. */
  readonly length: number | undefined;
  readonly items: readonly Dataset[];
}

/** Data elements by their tag: group * 65536 + element. */
export type Dataset = ReadonlyMap<number, DicomElement>;

export interface DicomFile {
  readonly dataset: Dataset;
  readonly transferSyntax: string;
  readonly littleEndian: boolean;
  /** Whether the offsets are those of the inflated file. */
  readonly deflated: boolean;
  readonly bytesAt: (offset: number, length: number) => Uint8Array;
  /** Where the elements end. */
  readonly end: number;
}

export const PIXEL_DATA = 0x7fe00010;
const TRANSFER_SYNTAX = 0x00020010;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED_LENGTH = 0xffffffff;

/** The sequences that place the frames of a file, also where the file does not say what is a sequence. */
const SEQUENCES = new Set([0x52009229, 0x52009230, 0x00209113, 0x00209116, 0x00289110, 0x00289145]);

/** Value representations whose length takes four bytes. */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

const DEEPEST = 16;
const LARGEST_INFLATED = 1 << 30;

/** The file contradicts itself or ends inside an element. */
class Damaged extends Error {}

class Parser {
  constructor(
    readonly bytesAt: (offset: number, length: number) => Uint8Array,
    readonly end: number,
    readonly explicit: boolean,
    readonly littleEndian: boolean,
  ) {}

  private view(offset: number, length: number): DataView {
    const bytes = offset + length > this.end ? undefined : this.bytesAt(offset, length);
    if (bytes === undefined || bytes.length < length) throw new Damaged();
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** The tag of an element, and where its value begins. */
  private start(offset: number): { tag: number; vr: string; length: number; value: number } {
    const view = this.view(offset, 8);
    const little = this.littleEndian;
    const tag = view.getUint16(0, little) * 65536 + view.getUint16(2, little);
    // Items and their ends have no value representation.
    if (!this.explicit || tag >= ITEM) {
      return { tag, vr: '', length: view.getUint32(4, little), value: offset + 8 };
    }
    const vr = String.fromCharCode(view.getUint8(4), view.getUint8(5));
    if (!/^[A-Z]{2}$/.test(vr)) throw new Damaged();
    return LONG.has(vr)
      ? { tag, vr, length: this.view(offset + 8, 4).getUint32(0, little), value: offset + 12 }
      : { tag, vr, length: view.getUint16(6, little), value: offset + 8 };
  }

  /** The elements from an offset on, until the end, the end of an item, the pixels, or a group after `lastGroup`. */
  dataset(offset: number, end: number, depth = 0, lastGroup = 0xffff): { dataset: Dataset; next: number } {
    if (depth > DEEPEST) throw new Damaged();
    const dataset = new Map<number, DicomElement>();
    let at = offset;
    while (at + 8 <= end) {
      if (this.view(at, 2).getUint16(0, this.littleEndian) > lastGroup) break;
      const { tag, vr, length, value } = this.start(at);
      if (tag === ITEM_END) return { dataset, next: value };
      if (tag === PIXEL_DATA && depth === 0) {
        const isWhole = length !== UNDEFINED_LENGTH;
        dataset.set(tag, { offset: value, length: isWhole ? length : undefined, items: [] });
        break;
      }
      if (length === UNDEFINED_LENGTH || vr === 'SQ' || SEQUENCES.has(tag)) {
        // A sequence of unknown representation is implicit inside.
        const inner = vr === 'UN' ? new Parser(this.bytesAt, this.end, false, this.littleEndian) : this;
        const { items, next } = inner.items(value, length, depth);
        dataset.set(tag, { offset: value, length: next - value, items });
        at = next;
      } else {
        if (value + length > end) throw new Damaged();
        dataset.set(tag, { offset: value, length, items: [] });
        at = value + length;
      }
    }
    return { dataset, next: at };
  }

  private items(offset: number, length: number, depth: number): { items: Dataset[]; next: number } {
    const end = length === UNDEFINED_LENGTH ? this.end : offset + length;
    if (end > this.end) throw new Damaged();
    const items: Dataset[] = [];
    let at = offset;
    while (at + 8 <= end) {
      const item = this.start(at);
      if (item.tag === SEQUENCE_END) return { items, next: item.value };
      if (item.tag !== ITEM) throw new Damaged();
      const known = item.length !== UNDEFINED_LENGTH;
      const itemEnd = known ? item.value + item.length : end;
      if (itemEnd > end) throw new Damaged();
      const { dataset, next } = this.dataset(item.value, itemEnd, depth + 1);
      items.push(dataset);
      at = known ? itemEnd : next;
    }
    if (length === UNDEFINED_LENGTH) throw new Damaged();
    return { items, next: end };
  }

  /** How many fragments a compressed value has, with its table of offsets; undefined where the file ends inside it. */
  fragments(offset: number): number | undefined {
    try {
      for (let at = offset, count = 0; ; count++) {
        const { tag, length, value } = this.start(at);
        if (tag === SEQUENCE_END) return count;
        if (tag !== ITEM || value + length > this.end) return undefined;
        at = value + length;
      }
    } catch (error) {
      if (error instanceof Damaged) return undefined;
      throw error;
    }
  }
}

/** Where the elements about the file end, by their first one; the end of the file where it is absent. */
function metaEnd(source: ByteSource): number {
  const first = source.read(132, 12);
  if (first.length < 12) throw new Damaged();
  const view = new DataView(first.buffer, first.byteOffset, 12);
  const isLength = view.getUint32(0, true) === 2 && view.getUint16(6, true) === 4;
  return isLength ? Math.min(source.size, 144 + view.getUint32(8, true)) : source.size;
}

/** Reads the elements of a DICOM file up to its pixels; undefined where it is damaged. */
export function parseDicom(source: ByteSource): DicomFile | undefined {
  const plain = (offset: number, length: number) => source.read(offset, length);
  try {
    if (Buffer.from(plain(128, 4)).toString('latin1') !== 'DICM') return undefined;
    const meta = new Parser(plain, source.size, true, true).dataset(132, metaEnd(source), 0, 2);
    const named = meta.dataset.get(TRANSFER_SYNTAX);
    const syntax = named?.length === undefined ? '' : textIn(plain(named.offset, named.length));
    const deflated = syntax === '1.2.840.10008.1.2.1.99';
    let [bytesAt, start, end] = [plain, meta.next, source.size];
    if (deflated) {
      const bytes = inflateRawSync(plain(meta.next, source.size), { maxOutputLength: LARGEST_INFLATED });
      bytesAt = (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length));
      [start, end] = [0, bytes.length];
    }
    const littleEndian = syntax !== '1.2.840.10008.1.2.2';
    const parser = new Parser(bytesAt, end, syntax !== '1.2.840.10008.1.2', littleEndian);
    const { dataset } = parser.dataset(start, end);
    return { dataset, transferSyntax: syntax, littleEndian, deflated, bytesAt, end };
  } catch (error) {
    // Damaged, or zlib's error.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** How many fragments the pixels have; undefined where the file ends inside of them. */
export function fragmentsOf({ bytesAt, end }: DicomFile, offset: number): number | undefined {
  return new Parser(bytesAt, end, true, true).fragments(offset);
}

function textIn(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trim();
}

/** The text of an element; undefined where it is absent or empty. */
export function textOf(file: DicomFile, dataset: Dataset | undefined, tag: number): string | undefined {
  const element = dataset?.get(tag);
  if (element?.length === undefined || element.length === 0) return undefined;
  return textIn(file.bytesAt(element.offset, element.length)) || undefined;
}

/** The numbers of a text such as "1.5\\2"; undefined where it is absent. Not finite where it is no number. */
export function decimalsOf(
  file: DicomFile,
  dataset: Dataset | undefined,
  tag: number,
): readonly number[] | undefined {
  return textOf(file, dataset, tag)
    ?.split('\\')
    .map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
}

/** An unsigned number of 16 bits; undefined where it is absent. */
export function shortOf({ bytesAt, littleEndian, dataset }: DicomFile, tag: number): number | undefined {
  const element = dataset.get(tag);
  if (element?.length === undefined || element.length < 2) return undefined;
  const bytes = bytesAt(element.offset, 2);
  return new DataView(bytes.buffer, bytes.byteOffset, 2).getUint16(0, littleEndian);
}
