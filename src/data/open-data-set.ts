import { join } from 'node:path';
import { Failure, failure } from '../diagnostics/failure.js';
import type { SliceAxis } from '../images/image-layout.js';
import type { DataSet } from './data-set.js';
import { channelNames } from './files/channel-files.js';
import {
  agreeOnChannels,
  type InspectedPair,
  inspectedPair,
  inspectPair,
  type PairFacts,
} from './files/inspect.js';
import { type FilePair, type FoundPairs, findPairs, type PairOptions } from './files/pairs.js';
import { setNotes } from './files/set-notes.js';
import { labelCounts, maskClasses, unknownValues } from './labels/classified-mask.js';
import { detectLabels, FoundValues } from './labels/detect-labels.js';
import { type LabelMap, labelMapOf } from './labels/label-map.js';
import type { IndexedLabels } from './labels/value-index.js';
import type { DataDescription } from './layouts/file-pair.js';
import { readMask, readSampleImage } from './samples/read-sample.js';
import type { Sample } from './samples/sample.js';
import { SampleMemory } from './samples/sample-memory.js';
import { samplesOf } from './samples/samples-of-pair.js';
import { type ImagesAhead, ReadAhead } from './survey/read-ahead.js';
import { invalidDataSet } from './survey/survey.js';
import type { ContentRequest } from './survey/survey-messages.js';
import { readMasks, surveyPairs } from './survey/survey-reader.js';

/** So many kinds of files in a set share what is known of them. */
const MOST_ALIKE = 64;

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
  /** Also reads the images, while their headers and masks are read; when left out, they are read when they are needed. */
  readonly readImages?: ImagesAhead;
  /** Called after each pair of files. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The masks of samples, those that were read ahead and the others, in the order of the samples. */
async function* masksOf(
  samples: readonly Sample[],
  ahead: ReadAhead,
  withPositions: boolean,
): AsyncGenerator<IndexedLabels | Failure> {
  const rest = readMasks(
    samples.filter((sample) => ahead.maskOf(sample) === undefined),
    withPositions,
  );
  for (const sample of samples) {
    const known = ahead.maskOf(sample);
    if (known) yield known;
    else {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  }
}

/** Finds the classes from the masks; a failure for each mask that cannot be read. */
async function findClasses(
  samples: readonly Sample[],
  { ignore, labels: given, classes }: DataSetOptions,
  memory: SampleMemory,
  ahead: ReadAhead,
): Promise<LabelMap | readonly Failure[]> {
  const found = new FoundValues();
  const problems: Failure[] = [];
  const decoded: [Sample, IndexedLabels][] = [];
  let index = 0;
  for await (const read of masksOf(samples, ahead, memory.bound > 0)) {
    const sample = samples[index++];
    if (read instanceof Failure) problems.push(read);
    else if (sample) {
      decoded.push([sample, read]);
      found.add(sample.mask, read.numbers, read.counts, read);
    }
  }
  if (problems.length > 0) return problems;
  const labels = detectLabels(found, ignore, given === 'values' ? 'values' : classes);
  if (labels instanceof Failure) return [labels];
  for (const [sample, mask] of decoded) rememberMask(memory, labels, sample, mask);
  return labels;
}

function rememberMask(memory: SampleMemory, labels: LabelMap, sample: Sample, mask: IndexedLabels): void {
  memory.setCounts(sample, labelCounts(mask, labels));
  const own = maskClasses(mask, labels);
  if (own) memory.keep(sample, { classes: own });
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
  if (!one || !('spatial' in one) || one.spatial.length === wanted) return undefined;
  const { spatial, channels = 1 } = one;
  const path = first.images[0] ?? '';
  return failure('image-axes', { folder, path, shape: spatial, input: [channels, ...spatial], wanted });
}

/** Says that the files have other channels than dataset.json names; pictures have those that a network takes. */
function otherChannels(
  folder: string,
  inspected: readonly InspectedPair[],
  description: DataDescription | undefined,
): Failure | undefined {
  const named = description?.channelNames?.length;
  const odd = inspected.find(({ channels }) => channels !== undefined && channels !== named);
  if (named === undefined || odd?.channels === undefined) return undefined;
  // Files that are not as many as the channels are a problem of their own.
  if (odd.pair.images.length > 1 && odd.pair.images.length !== named) return undefined;
  const problem = { case: 'channel-count', named, channels: odd.channels, image: odd.pair.name } as const;
  return failure('dataset-json-invalid', { path: join(folder, 'dataset.json'), problem });
}

/** The names of the channels by the files of all pairs; undefined where each image is one file, or where they differ. */
function agreedChannelNames(pairs: readonly FilePair[]): readonly string[] | undefined {
  const [first, ...others] = pairs.map(({ images }) => channelNames(images));
  return others.every((one) => one?.join('/') === first?.join('/')) ? first : undefined;
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

/** What is read of the pairs besides their headers. */
function contentsAhead(
  { readImages: images, channels, labels }: DataSetOptions,
  given: LabelMap | undefined,
  memory: SampleMemory,
): ContentRequest {
  return {
    masks:
      given === undefined || labels === 'values' || images ? { withPositions: memory.bound > 0 } : undefined,
    images: images && {
      channels,
      form: images.form,
      isKept: images.use === 'keep' && memory.bound > 0,
      isSummarized: true,
    },
    // Training needs them.
    withHashes: images?.use === 'keep',
  };
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
  const samples: Sample[] = [];
  const pairs = found.pairs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const memory = new SampleMemory(options.cacheBytes, options.readImages?.form);
  const ahead = new ReadAhead(memory.bound, options.readImages?.use === 'describe');
  const alike = new Map<string, PairFacts>();
  let done = 0;
  for await (const one of surveyPairs(pairs, options, contentsAhead(options, given, memory))) {
    const pair = pairs[done++];
    if (!('facts' in one)) problems.push(...one);
    else if (pair) {
      // Alike files share what is known of them, so that a large set takes little memory.
      const text = JSON.stringify({ ...one.facts, instances: undefined });
      const facts = alike.get(text) ?? one.facts;
      if (alike.size < MOST_ALIKE) alike.set(text, facts);
      const known = inspectedPair(pair, facts, one.facts.instances);
      inspected.push(known);
      const own = samplesOf(known);
      samples.push(...own);
      ahead.add(own, one.contents);
      for (const [i, { hashes }] of one.contents.entries()) {
        const sample = own[i];
        if (sample && hashes) memory.setHashes(sample, hashes);
      }
    }
    options.onProgress?.(done, pairs.length);
  }
  const isAcross = options.sliceAxis === 'x' || options.sliceAxis === 'y';
  const unfit =
    inspected.length > 0
      ? undefined
      : isAcross
        ? problems.find(({ code }) => code === 'unexpected-axes')
        : await otherAxes(folder, pairs, options.rank);
  if (unfit) return unfit;
  const [first] = inspected;
  const rank = first?.spatial.length ?? 0;
  for (const { pair, spatial } of inspected) {
    if (spatial.length === rank) continue;
    const [path = '', other = ''] = [pair.images[0], first?.pair.images[0]];
    problems.push(failure('mixed-axes', { path, axes: spatial.length, other, otherAxes: rank }));
  }
  const agreed = agreeOnChannels(inspected, options.channels);
  problems.push(...agreed.problems);
  const described = otherChannels(folder, inspected, found.description);
  if (described) problems.push(described);
  const { channels } = agreed;
  const refuse = async (known: readonly Failure[], withMasks: boolean) => {
    // With channels that no image has, every image would fail in the same way.
    const isReadable = options.thorough && agreed.problems.length === 0;
    const more = isReadable ? await unreadable(samples, channels, withMasks) : [];
    return invalidDataSet(folder, [...known, ...more]);
  };
  if (problems.length > 0) return refuse(problems, true);
  const ignore = options.ignore ?? found.description?.ignore;
  const labels =
    given ??
    (await findClasses(samples, { ...options, ...(ignore === undefined ? {} : { ignore }) }, memory, ahead));
  if (!('classOf' in labels)) return refuse(labels, false);
  for (const sample of samples) {
    const mask = given && ahead.maskOf(sample);
    // A mask with a value without a class is reported by the survey.
    if (mask && !unknownValues(mask, given, sample.mask)) rememberMask(memory, given, sample, mask);
    if (ahead.isChecked(sample, channels)) memory.setChecked(sample);
    const own = ahead.imageOf(sample, channels);
    if (own.image) memory.keep(sample, { ...memory.partsOf(sample), ...own });
  }
  const values = ahead.valuesOf(channels);
  const pictures = inspected.filter((one) => one.channels === undefined);
  const coloured = pictures
    .filter(({ hasColours }) => hasColours)
    .reduce((sum, { images }) => sum + images, 0);
  const plain = pictures.reduce((sum, { images }) => sum + images, 0) - coloured;
  const notes = [...found.notes, ...setNotes(inspected, channels)];
  // A caller's own classes have no names.
  const named = options.labels === undefined ? found.description?.classNames : undefined;
  return {
    ...{ folder, samples, rank, channels, labels, coloured, plain, memory, notes, values },
    ...{ sliceAxis: options.sliceAxis, channelNames: agreedChannelNames(pairs) },
    classNames: named?.length === labels.classes ? named : undefined,
  };
}
