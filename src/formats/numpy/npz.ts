import { Failure, failure } from '../../diagnostics/failure.js';
import { chooseArray } from '../choose-array.js';
import { elementBytes, type StoredData } from '../element.js';
import { DEFLATE_RATIO, inflated } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import { countOf, type ReadOptions, sizesOf } from '../stored-array.js';
import { npyArrayHeader, npyElements } from './npy.js';
import { decodeNpyHeader, npyHeaderLength } from './npy-header.js';
import { type ArchiveEntry, archiveEntries, zipDataStart } from './zip.js';

const STORED = 0;
const DEFLATED = 8;

/** Bytes of an entry that are enough for nearly every header. */
const HEADER_BYTES = 1 << 14;

const nameOf = ({ name }: ArchiveEntry) => name.replace(/\.npy$/, '');

/** The entry of the array to read: see chooseArray. */
function chooseEntry(
  path: string,
  entries: readonly ArchiveEntry[],
  chosen: string | undefined,
): ArchiveEntry | Failure {
  const arrays = entries.filter(({ name }) => name.endsWith('.npy'));
  const name = chooseArray(path, arrays.map(nameOf), chosen);
  if (name instanceof Failure) return name;
  return arrays.find((one) => nameOf(one) === name) ?? failure('array-not-chosen', { path, arrays: [name] });
}

/** Opens one array of a .npz. */
export async function openNpz(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const damaged = (problem: 'directory' | 'sizes') =>
    failure('header-damaged', { path, format: 'NPZ', problem });
  const entries = archiveEntries(source);
  if (entries === undefined) return damaged('directory');
  const entry = chooseEntry(path, entries, options.array);
  if (entry instanceof Failure) return entry;
  if (entry.encrypted || (entry.method !== STORED && entry.method !== DEFLATED)) {
    const compression = entry.encrypted ? 'encryption' : `method ${entry.method}`;
    return failure('compression-unread', { path, format: 'NPZ', compression });
  }
  const start = zipDataStart(source, entry);
  if (start === undefined || start + entry.packedSize > source.size) return damaged('directory');
  const packed = (length: number) => source.read(start, Math.min(length, entry.packedSize));
  const head =
    entry.method === STORED
      ? packed(HEADER_BYTES)
      : await inflated(packed(HEADER_BYTES), 'raw', HEADER_BYTES * DEFLATE_RATIO, true);
  if (!(head instanceof Uint8Array)) {
    return failure('elements-damaged', { path, format: 'NPZ', reason: head.reason });
  }
  const length = npyHeaderLength(head) ?? 12;
  const layout = decodeNpyHeader(path, 'NPZ', head.subarray(0, Math.max(12, length)));
  if (layout instanceof Failure) return layout;
  const header = npyArrayHeader(path, 'NPZ', layout);
  const bytes = countOf(sizesOf(layout.axes)) * elementBytes[layout.type];
  const ratio = entry.method === STORED ? 1 : DEFLATE_RATIO;
  const wrong = checkClaim(header, { stored: entry.packedSize, ratio });
  if (wrong) return wrong;
  const read = async (): Promise<StoredData | Failure> => {
    const all =
      entry.method === STORED
        ? packed(layout.offset + bytes)
        : await inflated(packed(entry.packedSize), 'raw', layout.offset + bytes + 1024);
    if (!(all instanceof Uint8Array))
      return failure('elements-damaged', { path, format: 'NPZ', reason: all.reason });
    if (all.length < layout.offset + bytes) {
      const found = all.length - layout.offset;
      return failure('elements-missing', {
        path,
        format: 'NPZ',
        sizes: sizesOf(layout.axes),
        needed: bytes,
        found,
      });
    }
    return npyElements(all.subarray(layout.offset), layout);
  };
  return { header, read };
}
