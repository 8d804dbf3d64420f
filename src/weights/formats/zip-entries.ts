import type { RandomAccess } from '../random-access.js';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Whether its bytes are stored without compression, as PyTorch always does. */
  readonly stored: boolean;
  readonly size: number;
  /** The offset of its bytes in the archive. */
  readonly offset: number;
}

export type ZipReading =
  | { readonly ok: true; readonly entries: readonly ZipEntry[] }
  | { readonly ok: false; readonly expected: string; readonly found: string };

/** Sections 4.3.6 to 4.3.16 of PKWARE's APPNOTE.TXT. */
const LOCAL = { signature: 0x04034b50, size: 30 } as const;
const CENTRAL = { signature: 0x02014b50, size: 46 } as const;
const END = { signature: 0x06054b50, size: 22 } as const;
const LOCATOR = { signature: 0x07064b50, size: 20 } as const;
const END64 = { signature: 0x06064b50, size: 56 } as const;
const EXTRA64 = 1;

/** The longest comment that may follow the end of the archive. */
const LONGEST_COMMENT = 65535;
const LONGEST_DIRECTORY = 100_000_000;
const ALL32 = 0xffffffff;
const ALL16 = 0xffff;

/** The file is not an archive, or is cut off. Thrown inside this file only. */
class ZipDamage extends Error {
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** The files of a zip archive, from its central directory, with sizes and offsets of 32 or 64 bits. */
export function zipEntries(file: RandomAccess): ZipReading {
  try {
    const { start, size, count } = findDirectory(file);
    if (size > LONGEST_DIRECTORY) throw new ZipDamage('a list of files', `${size} bytes of it`);
    const view = viewOf(file, start, size, 'the list of files');
    const entries: ZipEntry[] = [];
    let position = 0;
    for (let i = 0; i < count; i += 1) {
      if (position + CENTRAL.size > size || view.getUint32(position, true) !== CENTRAL.signature) {
        throw new ZipDamage(`a list of ${count} files`, `${i}`);
      }
      const lengths = [28, 30, 32].map((at) => view.getUint16(position + at, true));
      const next = position + lengths.reduce((sum, length) => sum + length, CENTRAL.size);
      if (next > size) throw new ZipDamage(`a list of ${count} files`, `${i}`);
      entries.push(readEntry(file, view, position, lengths));
      position = next;
    }
    return { ok: true, entries };
  } catch (error) {
    if (!(error instanceof ZipDamage)) throw error;
    return { ok: false, expected: error.expected, found: error.found };
  }
}

interface Directory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
}

function findDirectory(file: RandomAccess): Directory {
  const length = Math.min(file.size, END.size + LONGEST_COMMENT);
  const first = file.size - length;
  const view = viewOf(file, first, length, 'an archive');
  let at = length - END.size;
  while (at >= 0 && view.getUint32(at, true) !== END.signature) at -= 1;
  if (at < 0) throw new ZipDamage("an archive's list of files at the end", 'none: the file is cut off');
  const count = view.getUint16(at + 10, true);
  const size = view.getUint32(at + 12, true);
  const start = view.getUint32(at + 16, true);
  if (count !== ALL16 && size !== ALL32 && start !== ALL32) return { start, size, count };
  const locator = viewOf(file, first + at - LOCATOR.size, LOCATOR.size, 'the offset of the list of files');
  if (locator.getUint32(0, true) !== LOCATOR.signature) return { start, size, count };
  const end = viewOf(file, toNumber(locator.getBigUint64(8, true)), END64.size, 'the list of files');
  if (end.getUint32(0, true) !== END64.signature) throw new ZipDamage('a list of files', 'something else');
  return {
    count: toNumber(end.getBigUint64(32, true)),
    size: toNumber(end.getBigUint64(40, true)),
    start: toNumber(end.getBigUint64(48, true)),
  };
}

function readEntry(
  file: RandomAccess,
  view: DataView,
  at: number,
  [nameLength = 0, extraLength = 0]: readonly number[],
): ZipEntry {
  const nameStart = view.byteOffset + at + CENTRAL.size;
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, nameStart, nameLength));
  const stored = view.getUint16(at + 10, true) === 0;
  let size = view.getUint32(at + 24, true);
  let local = view.getUint32(at + 42, true);
  // Numbers that need 64 bits are in an extra field, in this order; their 32 bits are then all ones.
  const packed = view.getUint32(at + 20, true);
  for (
    let extra = at + CENTRAL.size + nameLength;
    extra + 4 <= at + CENTRAL.size + nameLength + extraLength;
  ) {
    const length = view.getUint16(extra + 2, true);
    if (view.getUint16(extra, true) === EXTRA64) {
      let next = extra + 4;
      const wide = (): number => {
        if (next + 8 > extra + 4 + length) throw new ZipDamage(`the size of ${name}`, 'a part of it');
        next += 8;
        return toNumber(view.getBigUint64(next - 8, true));
      };
      if (size === ALL32) size = wide();
      if (packed === ALL32) wide();
      if (local === ALL32) local = wide();
    }
    extra += 4 + length;
  }
  const head = viewOf(file, local, LOCAL.size, `the file ${name}`);
  if (head.getUint32(0, true) !== LOCAL.signature) throw new ZipDamage(`the file ${name}`, 'something else');
  const offset = local + LOCAL.size + head.getUint16(26, true) + head.getUint16(28, true);
  if (stored && offset + size > file.size) {
    throw new ZipDamage(`at least ${offset + size} bytes`, `${file.size} bytes`);
  }
  return { name, stored, size, offset };
}

function viewOf(file: RandomAccess, offset: number, length: number, what: string): DataView {
  if (offset < 0 || offset + length > file.size) throw new ZipDamage(what, 'the end of the file');
  const bytes = file.read(offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipDamage('an offset in the file', `${value}`);
  return Number(value);
}
