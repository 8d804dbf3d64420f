import { channelNames } from '../../data/files/channel-files.js';
import { type FilePart, readPart } from '../../data/files/read-part.js';
import { Failure } from '../../diagnostics/failure.js';
import { type StackSize, type ViewedChannel, type ViewedImage, viewedChannel } from '../viewed-image.js';
import { viewedImage } from './image-of-array.js';
import { factsOf } from './shown-content.js';

/** Where one image is stored: a file with all channels, or a file for each. */
export interface ImageSource {
  readonly paths: readonly string[];
  readonly part: FilePart;
  /** (...spatial). */
  readonly spatial: readonly number[];
}

/** An image to look at, with what stands below its title and sentences on it. */
export interface CaseImage {
  readonly image: ViewedImage;
  readonly facts: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
}

/** More channels of files of their own are not shown. */
const MOST_FILES = 4;

/** Reads one image of the files. Fails for files that cannot be read. */
export async function readCaseImage({ paths, part, spatial }: ImageSource): Promise<CaseImage | Failure> {
  const names = channelNames(paths);
  let first: CaseImage | undefined;
  const channels: ViewedChannel[] = [];
  for (const [i, path] of paths.slice(0, MOST_FILES).entries()) {
    const read = await readPart(path, spatial.length, part);
    if (read instanceof Failure) return read;
    const { layout } = read.array;
    const [a = 1, b = 1, c] = layout.spatial;
    const size: StackSize = c === undefined ? [1, a, b] : [a, b, c];
    const { image, notes } = viewedImage(read.array, [read.image], size);
    first ??= { image, notes, facts: factsOf(read.array, image) };
    const name = names?.[i];
    if (paths.length === 1) return first;
    channels.push(...image.channels.slice(0, 1).map((one) => (name ? { ...one, name } : one)));
  }
  if (!first) throw new Error('an image has at least one file');
  const left = paths.length - channels.length;
  return {
    ...first,
    image: { ...first.image, channels, colour: false },
    notes:
      left > 0
        ? [...first.notes, `Only the first ${MOST_FILES} of ${paths.length} channels are shown.`]
        : first.notes,
  };
}

/** Nothing in the place of a mask that has no image: all black. */
export async function blankImage(source: ImageSource): Promise<CaseImage | Failure> {
  const read = await readCaseImage({ ...source, paths: source.paths.slice(0, 1) });
  if (read instanceof Failure) return read;
  const count = read.image.size.reduce((product, size) => product * size, 1);
  const channel = viewedChannel('no image', new Uint8Array(count));
  return { ...read, image: { ...read.image, channels: [channel], colour: false, isBlank: true }, notes: [] };
}
