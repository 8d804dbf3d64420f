import { statSync } from 'node:fs';
import { Failure } from '../../diagnostics/failure.js';
import { readArray } from '../../formats/read.js';
import type { SliceAxis } from '../../images/image-layout.js';
import { type ImageArray, imageArray } from '../../images/read-image.js';

/** Which image of a file is meant. */
export interface FilePart {
  /** The number of the image, from 0. */
  readonly image: number;
  /** Whether the image is a page, which can be read without the others. */
  readonly isPage: boolean;
  /** The array of a file with several. */
  readonly array?: string;
  readonly sliceAxis?: SliceAxis;
}

/** An array and the number of the image in it. */
export interface ReadPart {
  readonly array: ImageArray;
  readonly image: number;
}

/** The last array with several images, which may be needed for the next of them. */
let last: { readonly key: string; readonly array: ImageArray } | undefined;

/** Reads the array that contains an image of `rank` spatial axes. */
export async function readPart(
  path: string,
  rank: number,
  { image, isPage, array: name, sliceAxis }: FilePart,
): Promise<ReadPart | Failure> {
  const changed = isPage ? 0 : statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const key = [path, rank, name, sliceAxis, changed].join('\0');
  if (!isPage && last?.key === key) return { array: last.array, image };
  // Both at once would take the memory of two.
  last = undefined;
  const stored = await readArray(path, {
    ...(isPage ? { page: image } : {}),
    ...(name === undefined ? {} : { array: name }),
  });
  if (stored instanceof Failure) return stored;
  const array = imageArray(stored, { rank, ...(sliceAxis ? { sliceAxis } : {}) });
  if (array instanceof Failure) return array;
  if (isPage) return { array, image: 0 };
  if (array.layout.images > 1) last = { key, array };
  return { array, image };
}
