import { constants } from 'node:buffer';
import { type Failure, failure } from '../diagnostics/failure.js';
import { elementBytes, type StoredData } from './element.js';
import type { ByteSource } from './source.js';
import { type ArrayHeader, countOf, type ReadOptions, sizesOf } from './stored-array.js';

/** A box of an array: where it begins and where it ends, for each axis of the header. */
export type Region = readonly (readonly [number, number])[];

/** A file whose header was read; `read` decodes its elements. */
export interface OpenedArray {
  readonly header: ArrayHeader;
  readonly read: () => Promise<StoredData | Failure>;
  /** Reads a box without the rest, where the format has parts for that. */
  readonly readRegion?: (region: Region) => Promise<StoredData | Failure>;
  /** Whether boxes are quick only in the order of the file: one that lies further up reads the file from its start. */
  readonly isForwardOnly?: boolean;
}

/** Opens a file of one format. The source stays open while `read` runs. */
export type FormatOpener = (source: ByteSource, options: ReadOptions) => Promise<OpenedArray | Failure>;

/** Elements that one typed array can hold in every engine of today. */
const MOST_BYTES = Math.min(constants.MAX_LENGTH, 2 ** 34);

/**
 * Refuses a header whose elements the file cannot contain, before anything is allocated for them. `ratio` is how many
 * bytes one byte of the file can stand for, and `stored` how many bytes of it hold elements.
 */
export function checkClaim(
  { path, format, axes, type, bits }: Pick<ArrayHeader, 'path' | 'format' | 'axes' | 'type' | 'bits'>,
  {
    stored,
    ratio,
    packed = false,
  }: { readonly stored: number; readonly ratio: number; readonly packed?: boolean },
): Failure | undefined {
  const sizes = sizesOf(axes);
  const count = countOf(sizes);
  const needed = packed ? Math.ceil((count * bits) / 8) : count * elementBytes[type];
  const found = Math.max(0, stored) * ratio;
  return needed > found ? failure('elements-missing', { path, format, sizes, needed, found }) : undefined;
}

/** A file as it is, except that all of its elements are read only if one array can hold them. Boxes of it can be read. */
export function withinMemory(opened: OpenedArray): OpenedArray {
  const { path, axes, type } = opened.header;
  const sizes = sizesOf(axes);
  const bytes = countOf(sizes) * elementBytes[type];
  if (bytes <= MOST_BYTES) return opened;
  return { ...opened, read: async () => failure('array-exceeds-memory', { path, sizes, bytes }) };
}
