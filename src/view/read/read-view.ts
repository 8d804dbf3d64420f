import { basename } from 'node:path';
import { channelNames } from '../../data/files/channel-files.js';
import { placeDifference } from '../../data/files/pair-geometry.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { readArray } from '../../formats/read.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { sizesOf } from '../../formats/stored-array.js';
import { storedRank } from '../../images/image-layout.js';
import { type LabelValues, labelValuesOf } from '../../images/label-values.js';
import { type ImageArray, imageArray } from '../../images/read-image.js';
import { labelled } from '../labelled.js';
import type { StackSize, ViewedImage, ViewerContent } from '../viewed-image.js';
import { viewedImage } from './image-of-array.js';
import { factsOf, limitedContent } from './shown-content.js';
import type { ViewOptions } from './view-options.js';

/** The number of spatial axes that the images of a file are read with. */
function rankOf(header: ArrayHeader, { as }: ViewOptions): 2 | 3 {
  if (as !== undefined) return as === 'volume' ? 3 : 2;
  const stored = storedRank(header);
  if (stored !== undefined) return stored;
  const sizes = sizesOf(header.axes);
  // Few planes in front are channels, and many are the depth of a volume.
  return sizes.length > 3 || (sizes.length === 3 && (sizes[0] ?? 0) > 4) ? 3 : 2;
}

async function openArray(
  path: string,
  options: ViewOptions,
  rank: number | undefined,
): Promise<ImageArray | Failure> {
  const stored = await readArray(path, options.array === undefined ? {} : { array: options.array });
  if (stored instanceof Failure) return stored;
  return imageArray(stored, { rank: rank ?? rankOf(stored.header, options) });
}

/** The images that are shown: all of a file, or the one that is chosen. */
function chosenImages({ header, layout }: ImageArray, page: number | undefined): readonly number[] | Failure {
  const all = Array.from({ length: layout.images }, (_, i) => i);
  if (page === undefined) return all;
  if (page < layout.images) return [page];
  return failure('view-page-missing', { path: header.path, page, pages: layout.images });
}

/** Slices, rows and columns of an array with images of two or three axes. */
function stackSize({ layout }: ImageArray, images: number): StackSize {
  const [a = 1, b = 1, c] = layout.spatial;
  return c === undefined ? [images, a, b] : [a, b, c];
}

/** The label values of a mask, for all images that are shown. */
function maskValues(array: ImageArray, images: readonly number[]): LabelValues | Failure {
  const parts: LabelValues[] = [];
  for (const image of images) {
    const part = labelValuesOf(array, image);
    if (part instanceof Failure) return part;
    const wrong = notWhole(part, array.header.path);
    if (wrong) return wrong;
    parts.push(part);
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1)
    return first ?? { values: new Int32Array(), coloured: false, palette: undefined, lossy: undefined };
  const length = parts.reduce((sum, { values }) => sum + values.length, 0);
  const isSmall = parts.every(({ values }) => values instanceof Int32Array);
  const values = isSmall ? new Int32Array(length) : new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { ...first, values };
}

/** Refuses numbers that name no class: fractions, NaN. */
function notWhole({ values }: LabelValues, path: string): Failure | undefined {
  if (values instanceof Int32Array) return undefined;
  let count = 0;
  let first: number | undefined;
  for (const value of values) {
    if (Number.isInteger(value)) continue;
    first ??= value;
    count += 1;
  }
  return first === undefined
    ? undefined
    : failure('view-mask-values', { path, value: String(first), count, total: values.length });
}

/** More files of channels are not shown. */
const MOST_FILES = 4;

/** The image with the channels of other files. */
async function withChannels(
  first: { readonly image: ViewedImage; readonly notes: readonly string[] },
  images: readonly number[],
  size: StackSize,
  rank: number,
  options: ViewOptions,
): Promise<typeof first | Failure> {
  const { channels: paths = [] } = options;
  if (paths.length === 0) return first;
  const names = channelNames([first.image.name, ...paths.map((path) => basename(path))]);
  const channels = first.image.channels.slice(0, 1);
  for (const path of paths.slice(0, MOST_FILES - 1)) {
    const array = await openArray(path, options, rank);
    if (array instanceof Failure) return array;
    channels.push(...viewedImage(array, images, size).image.channels.slice(0, 1));
  }
  const named = channels.map((channel, i) => ({ ...channel, name: names?.[i] ?? channel.name }));
  const left = 1 + paths.length - channels.length;
  return {
    image: { ...first.image, channels: named, colour: false },
    notes:
      left > 0
        ? [...first.notes, `Only the first ${MOST_FILES} of ${1 + paths.length} channels are shown.`]
        : first.notes,
  };
}

/**
 * Reads an image and masks of it for a page. Fails for files that cannot be read, for a mask of another size than the
 * image, for a mask with numbers that are not whole, and for planes that no page can hold.
 */
export async function readView(
  imagePath: string,
  maskPaths: readonly string[],
  options: ViewOptions = {},
): Promise<ViewerContent | Failure> {
  const array = await openArray(imagePath, options, undefined);
  if (array instanceof Failure) return array;
  const rank = array.layout.spatial.length;
  const images = chosenImages(array, options.page);
  if (images instanceof Failure) return images;
  const notes: string[] = [];
  // A volume is one image.
  const shown = rank === 3 ? images.slice(0, 1) : images;
  if (shown.length < images.length) {
    notes.push(`Only the first of ${images.length} volumes is shown; --page N shows another.`);
  }
  const size = stackSize(array, shown.length);
  const image = await withChannels(viewedImage(array, shown, size), shown, size, rank, options);
  if (image instanceof Failure) return image;
  notes.push(...image.notes);
  const masks: { name: string; values: LabelValues }[] = [];
  for (const path of maskPaths) {
    const mask = await openArray(path, options, rank);
    if (mask instanceof Failure) return mask;
    const single = mask.layout.images === 1 || mask.layout.images < array.layout.images;
    const own = single && images.length === 1 ? [0] : chosenImages(mask, options.page);
    if (own instanceof Failure) return own;
    const maskSize = stackSize(mask, rank === 3 ? 1 : own.length);
    if (maskSize.join() !== size.join()) {
      return failure('view-sizes-differ', { image: imagePath, size, mask: path, maskSize });
    }
    const values = maskValues(mask, rank === 3 ? own.slice(0, 1) : own);
    if (values instanceof Failure) return values;
    if (values.lossy !== undefined) {
      notes.push(`${basename(path)} was compressed as ${values.lossy}, which changes the values of a mask.`);
    }
    const difference = placeDifference(array.header, mask.header);
    if (difference) {
      notes.push(
        `The header of ${basename(path)} states another ${difference.case} than that of ${basename(imagePath)}; the page lays them over each other position by position.`,
      );
    }
    masks.push({ name: basename(path), values });
  }
  const { masks: viewed, table } = labelled(masks, options.names);
  return limitedContent(
    {
      title: basename(imagePath),
      image: image.image,
      masks: viewed,
      table,
      facts: factsOf(array, image.image),
      notes,
    },
    imagePath,
  );
}
