import type { ByteSource } from '../source.js';

/** A file in a .zip archive (APPNOTE 6.3). */
export interface ArchiveEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly packedSize: number;
  readonly size: number;
  /** Where the entry's own header is. */
  readonly offset: number;
}

/** The end record is at most this far from the end: its 22 bytes and a comment. */
const END_RANGE = 22 + 65535;
const WIDE = 0xffffffff;

/** The values of 64 bits that stand for those that say 0xffffffff, in their order. */
function wideValues(extra: Uint8Array): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1) {
      const end = Math.min(at + 4 + length, extra.length);
      const values: number[] = [];
      for (let i = at + 4; i + 8 <= end; i += 8) values.push(Number(view.getBigUint64(i, true)));
      return values;
    }
    at += 4 + length;
  }
  return [];
}

interface Central {
  readonly offset: number;
  readonly size: number;
}

function findCentral(source: ByteSource): Central | undefined {
  const from = Math.max(0, source.size - END_RANGE);
  const tail = source.read(from, END_RANGE);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
    if (offset !== WIDE && size !== WIDE) return { offset, size };
    // ZIP64: a locator before the end record leads to a longer one.
    if (at < 20 || view.getUint32(at - 20, true) !== 0x07064b50) return undefined;
    const record = source.read(Number(view.getBigUint64(at - 12, true)), 56);
    if (record.length < 56) return undefined;
    const wide = new DataView(record.buffer, record.byteOffset, record.byteLength);
    return { size: Number(wide.getBigUint64(40, true)), offset: Number(wide.getBigUint64(48, true)) };
  }
  return undefined;
}

/** The files of an archive; undefined where its directory is damaged. */
export function archiveEntries(source: ByteSource): ArchiveEntry[] | undefined {
  const central = findCentral(source);
  if (central === undefined || central.offset + central.size > source.size) return undefined;
  const bytes = source.read(central.offset, central.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ArchiveEntry[] = [];
  for (let at = 0; at + 46 <= bytes.length; ) {
    if (view.getUint32(at, true) !== 0x02014b50) return undefined;
    const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const nameEnd = at + 46 + nameLength;
    const wide = wideValues(bytes.subarray(nameEnd, nameEnd + extraLength));
    const value = (narrow: number) => (narrow === WIDE ? (wide.shift() ?? narrow) : narrow);
    const size = value(view.getUint32(at + 24, true));
    const packedSize = value(view.getUint32(at + 20, true));
    entries.push({
      name: Buffer.from(bytes.subarray(at + 46, nameEnd)).toString('utf8'),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      packedSize,
      size,
      offset: value(view.getUint32(at + 42, true)),
    });
    at = nameEnd + extraLength + view.getUint16(at + 32, true);
  }
  return entries;
}

/** Where the bytes of an entry begin; undefined where its own header is damaged. */
export function zipDataStart(source: ByteSource, { offset }: ArchiveEntry): number | undefined {
  const head = source.read(offset, 30);
  if (head.length < 30) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50) return undefined;
  return offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}
