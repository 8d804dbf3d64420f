import { type Failure, failure } from '../../diagnostics/failure.js';
import type { ByteSource } from '../source.js';

/** The tags of a TIFF that the reader uses (TIFF 6.0 and its supplements). */
export const Tag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  imageDescription: 270,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  chromaSubsampling: 530,
  imageDepth: 32997,
} as const;

/** The bytes of a value of each field type; 0 for types that do not exist. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where the values are in the file. */
  readonly offset: number;
}

/** One image file directory: its tags, whose values are read when they are needed. */
export class Directory {
  constructor(
    private readonly source: ByteSource,
    readonly little: boolean,
    private readonly entries: ReadonlyMap<number, Entry>,
  ) {}

  has(tag: number): boolean {
    return this.entries.has(tag);
  }

  /** How many values the tag has. */
  countOf(tag: number): number {
    return this.entries.get(tag)?.count ?? 0;
  }

  bytes(tag: number): Uint8Array {
    const entry = this.entries.get(tag);
    if (entry === undefined) return new Uint8Array(0);
    return this.source.read(entry.offset, entry.count * (TYPE_BYTES[entry.type] ?? 0));
  }

  /** The values of a tag as numbers: fewer than it has where the file ends, none of a type that has no numbers. */
  numbers(tag: number): number[] {
    const entry = this.entries.get(tag);
    if (entry === undefined) return [];
    const bytes = this.bytes(tag);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = TYPE_BYTES[entry.type] ?? 0;
    const count = size === 0 ? 0 : Math.floor(bytes.length / size);
    return Array.from({ length: count }, (_, i) => this.#number(view, entry.type, i * size));
  }

  number(tag: number): number | undefined {
    const entry = this.entries.get(tag);
    if (entry === undefined || entry.count < 1) return undefined;
    const bytes = this.source.read(entry.offset, TYPE_BYTES[entry.type] ?? 0);
    if (bytes.length === 0 || bytes.length < (TYPE_BYTES[entry.type] ?? 0)) return undefined;
    return this.#number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), entry.type, 0);
  }

  text(tag: number): string {
    return Buffer.from(this.bytes(tag)).toString('utf8').replace(/\0+$/, '');
  }

  #number(view: DataView, type: number, at: number): number {
    const { little } = this;
    switch (type) {
      case 1:
      case 2:
      case 7:
        return view.getUint8(at);
      case 3:
        return view.getUint16(at, little);
      case 4:
      case 13:
        return view.getUint32(at, little);
      case 5:
        return view.getUint32(at, little) / view.getUint32(at + 4, little);
      case 6:
        return view.getInt8(at);
      case 8:
        return view.getInt16(at, little);
      case 9:
        return view.getInt32(at, little);
      case 10:
        return view.getInt32(at, little) / view.getInt32(at + 4, little);
      case 11:
        return view.getFloat32(at, little);
      case 12:
        return view.getFloat64(at, little);
      case 17:
        return Number(view.getBigInt64(at, little));
      default:
        return Number(view.getBigUint64(at, little));
    }
  }
}

export interface TiffStructure {
  readonly little: boolean;
  /** The main chain of directories. */
  readonly directories: readonly Directory[];
}

interface Layout {
  readonly little: boolean;
  readonly big: boolean;
  readonly first: number;
}

function layoutOf(source: ByteSource): Layout | undefined {
  const head = source.read(0, 16);
  if (head.length < 8) return undefined;
  const mark = String.fromCharCode(head[0] ?? 0, head[1] ?? 0);
  if (mark !== 'II' && mark !== 'MM') return undefined;
  const little = mark === 'II';
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getUint16(2, little);
  if (version === 42) return { little, big: false, first: view.getUint32(4, little) };
  if (version !== 43 || head.length < 16 || view.getUint16(4, little) !== 8) return undefined;
  return { little, big: true, first: Number(view.getBigUint64(8, little)) };
}

/** Reads one directory and where the next one is; undefined where it does not fit into the file. */
function readDirectory(
  source: ByteSource,
  { little, big }: Layout,
  offset: number,
): { directory: Directory; next: number } | undefined {
  const [countBytes, entryBytes, pointerBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const head = source.read(offset, countBytes);
  if (head.length < countBytes) return undefined;
  const headView = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const count = big ? Number(headView.getBigUint64(0, little)) : headView.getUint16(0, little);
  // No directory has more entries than there are tags.
  if (count < 1 || count > 65536 || offset + countBytes + count * entryBytes > source.size) return undefined;
  const bytes = source.read(offset + countBytes, count * entryBytes + pointerBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pointer = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    const type = view.getUint16(at + 2, little);
    const values = big ? Number(view.getBigUint64(at + 4, little)) : view.getUint32(at + 4, little);
    const valueAt = at + 4 + pointerBytes;
    const length = values * (TYPE_BYTES[type] ?? 0);
    const here = length <= pointerBytes;
    const where = here ? offset + countBytes + valueAt : pointer(valueAt);
    // A value outside of the file is as good as none: what needs it says so.
    if (where + length > source.size) continue;
    entries.set(view.getUint16(at, little), { type, count: values, offset: where });
  }
  const nextAt = count * entryBytes;
  // Some writers end the file without the last pointer.
  const next = bytes.length >= nextAt + pointerBytes ? pointer(nextAt) : 0;
  return { directory: new Directory(source, little, entries), next };
}

/** Reads all directories of the main chain. */
export function readStructure(source: ByteSource): TiffStructure | Failure {
  const damaged = (problem: 'signature' | 'directory') =>
    failure('header-damaged', { path: source.path, format: 'TIFF', problem });
  const layout = layoutOf(source);
  if (layout === undefined) return damaged('signature');
  const directories: Directory[] = [];
  const seen = new Set<number>();
  for (let offset = layout.first; offset !== 0; ) {
    if (seen.has(offset)) return damaged('directory');
    seen.add(offset);
    const read = readDirectory(source, layout, offset);
    if (read === undefined) return damaged('directory');
    directories.push(read.directory);
    offset = read.next;
  }
  return directories.length === 0 ? damaged('directory') : { little: layout.little, directories };
}
