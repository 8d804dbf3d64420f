import { Failure } from '../diagnostics/failure.js';
import { newData, type StoredData } from '../formats/element.js';
import { readArray } from '../formats/read.js';
import { type ArrayHeader, type ArrayNote, asNumbers, type StoredArray } from '../formats/stored-array.js';
import { allocate, elementCount, type Tensor } from '../runtime/tensor.js';
import { ALPHA, channelSources, hasAlpha, isGray, LUMA } from './channels.js';
import { gather } from './gather.js';
import { type ImageLayout, type LayoutOptions, layoutOf, type SliceAxis } from './image-layout.js';
import { largestValue, type ValueForm, type ValueScale, valueScale } from './value-scale.js';

/** An image read for a network, and notes for the user about how it was read. */
export interface LoadedImage {
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** Sentences: "only the first of 3 images was read". */
  readonly notes: readonly string[];
}

export interface ReadImageOptions {
  /** Spatial axes of the image; 2 when left out. */
  readonly rank?: 2 | 3;
  /** Which image of a file with several, from 0: a page, a frame, a slice. When left out, the first, with a note. */
  readonly page?: number;
  /** The axis along which the slices of a volume lie, for an image with two axes; z when left out. */
  readonly sliceAxis?: SliceAxis;
  /** The array of a file with several (.npz, HDF5, OME-Zarr). */
  readonly array?: string;
}

/** An array as numbers, and the images in it. */
export interface ImageArray {
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
  readonly data: Exclude<StoredData, BigInt64Array | BigUint64Array>;
}

/** Finds the images in an array that was read. Where it has a palette, its numbers are indices: see coloursOf. */
export function imageArray(stored: StoredArray, options: LayoutOptions): ImageArray | Failure {
  const layout = layoutOf(stored.header, options);
  if (layout instanceof Failure) return layout;
  const data = asNumbers(stored);
  if (data instanceof Failure) return data;
  return { header: stored.header, layout, data };
}

/**
 * An array of indices as the gray values or the colours, (3, ...), that its palette gives them, with an alpha channel
 * where the palette has one; others as they are.
 */
export function coloursOf(indexed: ImageArray): ImageArray {
  const { header, layout, data } = indexed;
  const { palette } = header;
  if (palette === undefined || header.colour !== 'palette') return indexed;
  const colours = isGray(palette) ? 1 : 3;
  const alpha = hasAlpha(palette) ? 1 : 0;
  const samples = colours + alpha;
  // A palette has up to 16 bits, which both types hold.
  const values = newData(palette.bits === 16 ? 'uint16' : 'uint8', samples * data.length) as
    | Uint8Array
    | Uint16Array;
  for (let sample = 0, at = 0; sample < samples; sample++) {
    // An index without a colour is black, as libtiff and libpng show it.
    const component = sample < colours ? sample : ALPHA;
    const table = palette.colours.map((colour) => colour[component] ?? 0);
    const without = component === ALPHA ? 2 ** palette.bits - 1 : 0;
    for (let i = 0; i < data.length; i++) values[at++] = table[data[i] ?? 0] ?? without;
  }
  return { header, layout: { ...layout, samples, sampleStride: data.length }, data: values };
}

/** One image of an array as the network's channels, (C, ...spatial), scaled as NORMALISATION says unless `form` is other. */
export function imageOf(
  array: ImageArray,
  image: number,
  channels: number,
  form: ValueForm = 'scaled',
): Tensor | Failure {
  const { header, layout, data } = array;
  const sources = channelSources(header, layout.samples, channels);
  if (sources instanceof Failure) return sources;
  const shape = [channels, ...layout.spatial];
  const count = elementCount(layout.spatial);
  const values = allocate(channels * count, { what: shape.length === 4 ? 'a volume' : 'an image', shape });
  if (values instanceof Failure) return values;
  const scale = valueScale(header, form);
  // Sums of colours, and numbers that float32 would round, are scaled before they are stored.
  const wide = scale.exact && !sources.includes('luma') ? undefined : new Float64Array(count);
  for (const [channel, source] of sources.entries()) {
    const plane = values.subarray(channel * count, (channel + 1) * count);
    if (source === 'opaque') plane.fill(form === 'scaled' ? 1 : (largestValue(header) ?? 1));
    else if (channel > 0 && source === sources[channel - 1]) {
      plane.set(values.subarray((channel - 1) * count, channel * count));
    } else {
      const numbers = wide ?? plane;
      if (source === 'luma') gatherLuma(array, image, numbers);
      else gather(data, layout, { image, sample: source }, numbers);
      scaleInto(plane, numbers, scale);
    }
  }
  return { shape, data: values };
}

function gatherLuma({ data, layout }: ImageArray, image: number, gray: Float32Array | Float64Array): void {
  const plane = new Float64Array(gray.length);
  gray.fill(0);
  for (const [sample, weight] of LUMA.entries()) {
    gather(data, layout, { image, sample }, plane);
    // Both arrays have the length of `gray`.
    for (let i = 0; i < gray.length; i++) gray[i] = (gray[i] as number) + weight * (plane[i] as number);
  }
}

function scaleInto(
  plane: Float32Array,
  numbers: Float32Array | Float64Array,
  { slope, divisor, intercept }: ValueScale,
): void {
  const isPlain = slope === 1 && divisor === 1 && intercept === 0;
  if (isPlain && numbers === plane) return;
  // Both arrays have the length of `plane`.
  for (let i = 0; i < plane.length; i++) plane[i] = (slope * (numbers[i] as number)) / divisor + intercept;
}

/**
 * Reads an image of a file as (channels, ...spatial) float32: see src/formats for the formats, and NORMALISATION for the
 * numbers.
 *
 * One channel: gray, by BT.601 luma from colours. Three: RGB, with gray repeated. Four: RGBA, opaque if the file has no
 * transparency. Otherwise transparency is dropped, without blending. EXIF orientation is applied; ICC profiles are not.
 * Fails for other numbers of channels, and for files that are missing, damaged or of another format.
 */
export async function readImage(
  path: string,
  channels: number,
  { rank = 2, page, sliceAxis = 'z', array }: ReadImageOptions = {},
): Promise<LoadedImage | Failure> {
  const stored = await readArray(path, array === undefined ? {} : { array });
  if (stored instanceof Failure) return stored;
  const images = imageArray(stored, { rank, sliceAxis });
  if (images instanceof Failure) return images;
  const image = imageOf(coloursOf(images), page ?? 0, channels);
  if (image instanceof Failure) return image;
  const { header, layout } = images;
  const notes = [...readingNotes({ notes: header.notes, samples: layout.samples }, channels)];
  if (page === undefined && layout.images > 1)
    notes.push(`only the first of ${layout.images} images was read`);
  return { image, notes };
}

/** Sentences on how a file with `samples` stored numbers per position is read for a network of so many channels. */
export function readingNotes(
  { notes, samples }: { readonly notes: readonly ArrayNote[]; readonly samples: number },
  channels: number,
): readonly string[] {
  return notes.flatMap((note) => {
    if (note.kind === 'white-is-zero') {
      return ['viewers show 0 as white, and the numbers are used as stored'];
    }
    if (note.kind === 'alpha' && note.index === samples - 1 && channels < samples) {
      return ['its transparency is not used'];
    }
    if (note.kind === 'transforms-differ') {
      const distance = Number(note.distance.toPrecision(3));
      return [`its qform and its sform place voxels up to ${distance} mm apart; the sform counts`];
    }
    if (note.kind === 'axes-ignored')
      return [`the axes that ${note.source} wrote contradict the pages, so the pages are one axis`];
    if (note.kind === 'other-images') return [`${note.count} more images of the file are not read`];
    if (note.kind === 'transparent' && !(note.inPalette && channels === 4)) {
      return ['its transparency is not used'];
    }
    return [];
  });
}
