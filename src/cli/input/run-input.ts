import { placeDifference } from '../../data/files/pair-geometry.js';
import type { InputDifference } from '../../diagnostics/codes/images.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { readArray } from '../../formats/read.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { notFinite, positionOf } from '../../images/finite.js';
import {
  hasSlices,
  type ImageLayout,
  type LayoutOptions,
  type SliceAxis,
} from '../../images/image-layout.js';
import { coloursOf, type ImageArray, imageArray, imageOf, readingNotes } from '../../images/read-image.js';
import type { ValueForm } from '../../images/value-scale.js';
import { allocate, elementCount, shapeText, type Tensor } from '../../runtime/tensor.js';
import { inputFiles } from './input-files.js';

/** The images that a network runs on, from the files of `--input`. */
export interface RunInput {
  /** Of the first file. */
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
  readonly options: LayoutOptions;
  /** Sentences on how the files were read. */
  readonly notes: readonly string[];
  /** One of the images, (C, ...spatial). Fails if it has a number that is NaN or infinite. */
  image(index: number): Tensor | Failure;
}

export interface RunInputOptions {
  readonly channels: number;
  /** The channels of the training, by the names of their files; undefined where nothing says them. */
  readonly trainedChannels?: readonly string[] | undefined;
  readonly rank: 2 | 3;
  /** The axis of the slices of a volume, as the caller names it. */
  readonly sliceAxis?: SliceAxis;
  /** The axis of the slices that the network was trained on, for volumes whose caller names none. */
  readonly trainedAxis?: SliceAxis;
  /** Whether numbers are as stored, or pictures are scaled. */
  readonly form: ValueForm;
  /** What takes the place of NaN and infinite numbers; they are an error when left out. */
  readonly replacement?: number;
}

/** Reads the files of one image, a file a channel or all channels in one, for a network of so many channels and axes. */
export async function readRunInput(
  given: readonly string[],
  { channels, trainedChannels, rank, form, sliceAxis, trainedAxis, replacement }: RunInputOptions,
): Promise<RunInput | Failure> {
  const files = inputFiles(given, trainedChannels);
  if (files instanceof Failure) return files;
  const { paths } = files;
  if (paths.length > 1 && paths.length !== channels) {
    return failure('input-count', { files: paths, channels });
  }
  let options: LayoutOptions = { rank, ...(sliceAxis ? { sliceAxis } : {}) };
  const arrays: ImageArray[] = [];
  for (const path of paths) {
    const stored = await readArray(path);
    if (stored instanceof Failure) return stored;
    // The first file decides; a file of another kind then differs from it.
    const isCut = arrays.length === 0 && !sliceAxis && rank === 2 && hasSlices(stored.header);
    if (isCut && trainedAxis) options = { rank, sliceAxis: trainedAxis };
    const array = imageArray(stored, options);
    if (array instanceof Failure) return array;
    arrays.push(coloursOf(array));
  }
  const [first] = arrays;
  if (first === undefined) throw new Error('there is at least one file');
  const { header, layout } = first;
  for (const other of arrays) {
    const difference = differenceOf(first, other);
    if (difference)
      return failure('inputs-differ', { path: header.path, other: other.header.path, difference });
  }
  const each = arrays.length === 1 ? channels : 1;
  const names = arrays.flatMap(({ header: { notes }, layout: { samples } }) =>
    readingNotes({ notes, samples }, each),
  );
  const along = layout.along.join(' x ');
  return {
    header,
    layout,
    options,
    notes: [
      ...files.notes,
      ...new Set(names),
      ...(options.sliceAxis && options.sliceAxis !== sliceAxis
        ? [
            `the network was trained on slices along ${options.sliceAxis}, and runs on those; --axis names another axis`,
          ]
        : []),
      ...(layout.images > 1
        ? [`${header.path} has ${layout.images} images along ${along}: each one is run`]
        : []),
    ],
    image(index) {
      const parts: Tensor[] = [];
      for (const array of arrays) {
        const part = imageOf(array, index, each, form);
        if (part instanceof Failure) return part;
        const wrong = checkFinite(part, array.header.path, replacement);
        if (wrong) return wrong;
        parts.push(part);
      }
      return joined(parts);
    },
  };
}

/** In what the size or the place of two files differs. */
function differenceOf(a: ImageArray, b: ImageArray): InputDifference | undefined {
  const [size = [], otherSize = []] = [a, b].map(({ layout }) => [layout.images, ...layout.spatial]);
  if (shapeText(size) !== shapeText(otherSize)) return { case: 'size', size, otherSize };
  return placeDifference(a.header, b.header);
}

function joined(parts: readonly Tensor[]): Tensor | Failure {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? { shape: [], data: new Float32Array() };
  const shape = [parts.length, ...first.shape.slice(1)];
  const data = allocate(elementCount(shape), { what: 'an image', shape });
  if (data instanceof Failure) return data;
  for (const [i, part] of parts.entries()) data.set(part.data, i * first.data.length);
  return { shape, data };
}

function checkFinite(
  { shape, data }: Tensor,
  path: string,
  replacement: number | undefined,
): Failure | undefined {
  const found = notFinite(data);
  if (found === undefined) return undefined;
  if (replacement === undefined) {
    const first = positionOf(found.first, shape);
    return failure('values-not-finite', { paths: [path], count: found.count, total: data.length, first });
  }
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) data[i] = replacement;
  return undefined;
}
