/** A file in an archive. */
export interface ZippedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 of PKWARE's APPNOTE.TXT. */
const LOCAL = { signature: 0x04034b50, size: 30 } as const;
const CENTRAL = { signature: 0x02014b50, size: 46 } as const;
const END64 = { signature: 0x06064b50, size: 56 } as const;
const LOCATOR = { signature: 0x07064b50, size: 20 } as const;
const END = { signature: 0x06054b50, size: 22 } as const;
/** The version that a reader needs: 2.0, and 4.5 for 64 bits. */
const [VERSION, VERSION64] = [20, 45];
/** Names are UTF-8. */
const UTF8 = 0x0800;
/** The first day of MS-DOS: an archive of the same files has the same bytes. */
const DATE = 0x0021;
const [ALL16, ALL32] = [0xffff, 0xffffffff];

/**
 * A zip archive without compression, in chunks. From 65,535 files on, it ends with numbers of 64 bits. Throws if the files
 * grow above 4 GiB.
 */
export function* zipStored(files: Iterable<ZippedFile>): Generator<Uint8Array> {
  const entries: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encoded = new TextEncoder().encode(name);
    const common = commonFields(encoded, bytes);
    const local = new Uint8Array(LOCAL.size + encoded.length);
    const view = new DataView(local.buffer);
    view.setUint32(0, LOCAL.signature, true);
    local.set(common, 4);
    local.set(encoded, LOCAL.size);
    const entry = new Uint8Array(CENTRAL.size + encoded.length);
    const central = new DataView(entry.buffer);
    central.setUint32(0, CENTRAL.signature, true);
    central.setUint16(4, VERSION, true);
    entry.set(common, 6);
    central.setUint32(42, offset, true);
    entry.set(encoded, CENTRAL.size);
    entries.push(entry);
    yield local;
    yield bytes;
    offset += local.length + bytes.length;
    if (offset > ALL32) throw new Error('an archive of more than 4 GiB');
  }
  yield* entries;
  yield endOf(entries, offset);
}

/** The fields that both headers of a file have: from the version to the lengths of the name and of extra fields. */
function commonFields(name: Uint8Array, bytes: Uint8Array): Uint8Array {
  const fields = new Uint8Array(26);
  const view = new DataView(fields.buffer);
  view.setUint16(0, VERSION, true);
  view.setUint16(2, UTF8, true);
  view.setUint16(8, DATE, true);
  view.setUint32(10, crc32(bytes), true);
  view.setUint32(14, bytes.length, true);
  view.setUint32(18, bytes.length, true);
  view.setUint16(22, name.length, true);
  return fields;
}

function endOf(entries: readonly Uint8Array[], start: number): Uint8Array {
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  const isLong = entries.length >= ALL16 || start + size >= ALL32;
  const bytes = new Uint8Array((isLong ? END64.size + LOCATOR.size : 0) + END.size);
  const view = new DataView(bytes.buffer);
  if (isLong) {
    view.setUint32(0, END64.signature, true);
    view.setBigUint64(4, BigInt(END64.size - 12), true);
    view.setUint16(12, VERSION64, true);
    view.setUint16(14, VERSION64, true);
    view.setBigUint64(24, BigInt(entries.length), true);
    view.setBigUint64(32, BigInt(entries.length), true);
    view.setBigUint64(40, BigInt(size), true);
    view.setBigUint64(48, BigInt(start), true);
    view.setUint32(END64.size, LOCATOR.signature, true);
    view.setBigUint64(END64.size + 8, BigInt(start + size), true);
    view.setUint32(END64.size + 16, 1, true);
  }
  const end = bytes.length - END.size;
  view.setUint32(end, END.signature, true);
  view.setUint16(end + 8, isLong ? ALL16 : entries.length, true);
  view.setUint16(end + 10, isLong ? ALL16 : entries.length, true);
  view.setUint32(end + 12, isLong ? ALL32 : size, true);
  view.setUint32(end + 16, isLong ? ALL32 : start, true);
  return bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The checksum of zip and PNG (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = ALL32;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return (crc ^ ALL32) >>> 0;
}
