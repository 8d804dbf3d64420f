import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure, failure } from '../diagnostics/failure.js';
import type { SliceAxis } from '../images/image-layout.js';
import type { DataSet } from './data-set.js';
import { agreeOnChannels, type InspectedPair, inspectPair } from './files/inspect.js';
import { type FilePair, type FoundPairs, findPairs, type PairOptions } from './files/pairs.js';
import { setNotes } from './files/set-notes.js';
import { labelCounts, maskClasses } from './labels/classified-mask.js';
import { detectLabels, FoundValues } from './labels/detect-labels.js';
import { type LabelMap, labelMapOf } from './labels/label-map.js';
import type { IndexedLabels } from './labels/value-index.js';
import { readMask, readSampleImage } from './samples/read-sample.js';
import type { Sample } from './samples/sample.js';
import { SampleMemory } from './samples/sample-memory.js';
import { invalidDataSet } from './survey/survey.js';

import { inspectPairs, readMasks } from './survey/survey-reader.js';

export interface DataSetOptions extends PairOptions {
  /** Spatial axes, 2 or 3; as the files have them when left out. With 3, the pages of a TIFF are its depth. */
  readonly rank?: 2 | 3;
  /** Of the images; as the files have them when left out. */
  readonly channels?: number;
  /** For images with two axes in volumes: the axis along which the slices lie; z when left out. */
  readonly sliceAxis?: SliceAxis;
  /**
   * The class of each value of a mask: `{"0": 0, "255": 1}`, `{"#ff0000": 1, ...}`, of a range, `{"1..9": 1}`, or of all
   * other values, `{"*": 1}`. `values`: every value 0, 1, ..., K - 1 is a class. When left out, openDataSet decodes the
   * masks to find the classes: 0 and 255, or 0, 1, ..., K - 1 if these do not look like the numbers of objects.
   */
  readonly labels?: Readonly<Record<string, number>> | 'values';
  /** How many classes the network has: masks with as many values are never taken for the numbers of objects. */
  readonly classes?: number;
  /** The value of positions that nobody labelled. */
  readonly ignore?: string | number;
  /** If something is wrong, also reads all pixels of the pairs that seem right, to list files that are damaged. */
  readonly thorough?: boolean;
  /** How many bytes of decoded samples stay in memory; 1 GiB when left out. */
  readonly cacheBytes?: number;
  /** Called while the masks are decoded to find their classes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The samples of a pair of files: one for each image in them. */
function samplesOf(inspected: InspectedPair): Sample[] {
  const { pair, images: count, part, spatial, spacing, spacingUnit } = inspected;
  const { name: stem, images, mask, parts: classFiles = [] } = pair;
  const whole = {
    stem,
    images,
    mask,
    classFiles,
    instances: instancesOf(mask),
    spatial,
    spacing,
    spacingUnit,
  };
  return Array.from({ length: count }, (_, image) => ({
    ...whole,
    name: count === 1 ? stem : `${stem}#${image + 1}`,
    part: { image: { ...part.image, image }, mask: { ...part.mask, image } },
  }));
}

/** The map of instances that belongs to a mask: `instances/a.png` beside `masks/a.png`. */
function instancesOf(mask: string): string | undefined {
  const path = join(dirname(dirname(mask)), 'instances', basename(mask));
  return existsSync(path) ? path : undefined;
}

/** A mask that is decoded before its classes are known. */
interface DecodedMask {
  readonly sample: Sample;
  readonly mask: IndexedLabels;
}

/**
 * Decodes every mask once, finds the classes, and remembers what is in each mask; a failure for each mask that cannot be
 * read.
 */
async function findClasses(
  samples: readonly Sample[],
  { ignore, labels: given, classes, onProgress }: DataSetOptions,
  memory: SampleMemory,
): Promise<LabelMap | readonly Failure[]> {
  const found = new FoundValues();
  const problems: Failure[] = [];
  const decoded: DecodedMask[] = [];
  let room = memory.bound;
  let done = 0;
  for await (const read of readMasks(samples, memory.bound > 0)) {
    const sample = samples[done];
    if (read instanceof Failure) problems.push(read);
    else if (sample) {
      const { positions } = read;
      const isKept = positions !== undefined && positions.byteLength <= room;
      if (isKept) room -= positions.byteLength;
      decoded.push({ sample, mask: isKept ? read : { ...read, positions: undefined } });
      found.add(sample.mask, read.numbers, read.counts, read);
    }
    done += 1;
    onProgress?.(done, samples.length);
  }
  if (problems.length > 0) return problems;
  const labels = detectLabels(found, ignore, given === 'values' ? 'values' : classes);
  if (labels instanceof Failure) return [labels];
  for (const { sample, mask } of decoded) {
    memory.setCounts(sample, labelCounts(mask, labels));
    const own = maskClasses(mask, labels);
    if (own) memory.keep(sample, { classes: own });
  }
  return labels;
}

/** Fails for each file whose pixels cannot be read; masks that were decoded before are left out. */
async function unreadable(
  samples: readonly Sample[],
  channels: number,
  withMasks: boolean,
): Promise<readonly Failure[]> {
  const problems: Failure[] = [];
  for (const sample of samples) {
    const image = await readSampleImage(sample, channels, 'stored');
    const mask = withMasks ? await readMask(sample) : undefined;
    for (const read of [image, mask]) if (read instanceof Failure) problems.push(read);
  }
  return problems;
}

/** One failure in place of one for each file, if no pair has the axes that are wanted and the first has others. */
async function otherAxes(
  folder: string,
  [first]: readonly FilePair[],
  wanted: 2 | 3 | undefined,
): Promise<Failure | undefined> {
  const one = first && wanted && (await inspectPair(first));
  if (!one || !('pair' in one) || one.spatial.length === wanted) return undefined;
  const { pair, spatial, channels = 1 } = one;
  const path = pair.images[0] ?? '';
  return failure('image-axes', { folder, path, shape: spatial, input: [channels, ...spatial], wanted });
}

/** The classes that a user gives, or else the data set's description; undefined if the masks decide. */
function givenLabels(
  { labels, ignore }: DataSetOptions,
  { description, labelSource: source }: Pick<FoundPairs, 'description' | 'labelSource'>,
): LabelMap | Failure | undefined {
  if (labels === 'values') return undefined;
  if (labels !== undefined) return labelMapOf(labels, ignore ?? description?.ignore);
  if (description?.labels === undefined) return undefined;
  const described = labelMapOf(description.labels, ignore ?? description.ignore);
  return described instanceof Failure ? described : { ...described, source };
}

/**
 * Opens a folder of images and masks: see findPairs for the names, and src/formats for the formats. Reads every header and
 * compares it with the header of its partner. Pixels are read later, except that the masks are decoded if `labels` is
 * left out. Fails with everything that does not fit, as `data-set-invalid`.
 */
export async function openDataSet(folder: string, options: DataSetOptions = {}): Promise<DataSet | Failure> {
  const own = givenLabels(options, {});
  if (own instanceof Failure) return own;
  const found = findPairs(folder, options);
  if (found instanceof Failure) return found;
  const given = givenLabels(options, found);
  if (given instanceof Failure) return given;
  const problems = [...found.problems];
  const inspected: InspectedPair[] = [];
  for await (const one of inspectPairs(found.pairs, options)) {
    if ('pair' in one) inspected.push(one);
    else problems.push(...one);
  }
  const otherRank = inspected.length === 0 ? await otherAxes(folder, found.pairs, options.rank) : undefined;
  if (otherRank) return otherRank;
  const [first] = inspected;
  const rank = first?.spatial.length ?? 0;
  for (const { pair, spatial } of inspected) {
    if (spatial.length === rank) continue;
    const [path = '', other = ''] = [pair.images[0], first?.pair.images[0]];
    problems.push(failure('mixed-axes', { path, axes: spatial.length, other, otherAxes: rank }));
  }
  const agreed = agreeOnChannels(inspected, options.channels);
  problems.push(...agreed.problems);
  const { channels } = agreed;
  const samples = inspected.toSorted((a, b) => (a.pair.name < b.pair.name ? -1 : 1)).flatMap(samplesOf);
  const refuse = async (known: readonly Failure[], withMasks: boolean) => {
    // With channels that no image has, every image would fail in the same way.
    const isReadable = options.thorough && agreed.problems.length === 0;
    const more = isReadable ? await unreadable(samples, channels, withMasks) : [];
    return invalidDataSet(folder, [...known, ...more]);
  };
  if (problems.length > 0) return refuse(problems, true);
  const memory = new SampleMemory(options.cacheBytes);
  const ignore = options.ignore ?? found.description?.ignore;
  const labels =
    given ??
    (await findClasses(samples, { ...options, ...(ignore === undefined ? {} : { ignore }) }, memory));
  if (!('classOf' in labels)) return refuse(labels, false);
  const pictures = inspected.filter((one) => one.channels === undefined);
  const coloured = pictures
    .filter(({ hasColours }) => hasColours)
    .reduce((sum, { images }) => sum + images, 0);
  const plain = pictures.reduce((sum, { images }) => sum + images, 0) - coloured;
  const notes = [...found.notes, ...setNotes(inspected, channels)];
  const { sliceAxis } = options;
  return { folder, samples, rank, channels, labels, sliceAxis, coloured, plain, memory, notes };
}
