import { Failure } from '../../diagnostics/failure.js';
import { eachTime, type FileReader } from '../../formats/file-reader.js';
import type { SliceAxis } from '../../images/image-layout.js';
import { type ImageArray, imageArray } from '../../images/read-image.js';
import { statOf } from '../../runtime/files/folders.js';

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
let last:
  | { readonly key: string; readonly changed: number | undefined; readonly array: ImageArray }
  | undefined;

/** When a file was changed. */
function changeOf(path: string): number | undefined {
  return statOf(path)?.mtimeMs;
}

/** Reads the array that contains an image of `rank` spatial axes. */
export async function readPart(
  path: string,
  rank: number,
  { image, isPage, array: name, sliceAxis }: FilePart,
  files: FileReader = eachTime,
): Promise<ReadPart | Failure> {
  const key = [path, rank, name, sliceAxis].join('\0');
  if (!isPage && last?.key === key && last.changed === changeOf(path)) return { array: last.array, image };
  // Both at once would take the memory of two.
  last = undefined;
  const stored = await files.array(path, {
    ...(isPage ? { page: image } : {}),
    ...(name === undefined ? {} : { array: name }),
  });
  if (stored instanceof Failure) return stored;
  const array = imageArray(stored, { rank, ...(sliceAxis ? { sliceAxis } : {}) });
  if (array instanceof Failure) return array;
  if (isPage) return { array, image: 0 };
  if (array.layout.images > 1) last = { key, changed: changeOf(path), array };
  return { array, image };
}
