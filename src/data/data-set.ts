import { Failure } from '../diagnostics/failure.js';
import { elementCount, shapeText, type Tensor } from '../runtime/tensor.js';
import { agreeOnChannels, type InspectedPair, inspectPair } from './files/inspect.js';
import { type Pages, readIntensities } from './files/intensities.js';
import type { SpacingUnit } from './files/nifti-header.js';
import { type FilePair, findPairs, type PairOptions } from './files/pairs.js';
import { addValueCounts, detectLabels, type LabelMap, labelMapOf, toClasses } from './labels/label-map.js';
import { type LabelValues, readLabelValues } from './labels/label-values.js';

export interface DataSetOptions extends PairOptions {
  /** Spatial axes, 2 or 3; as the files have them when left out. With 3, the pages of a TIFF are its depth. */
  readonly rank?: 2 | 3;
  /** Of the images; as the files have them when left out. */
  readonly channels?: number;
  /**
   * The class of each value of a mask: `{"0": 0, "255": 1}`, `{"#ff0000": 1, ...}`. When left out, the masks are read
   * once to find out: 0 and 255, or 0, 1, ..., K - 1.
   */
  readonly labels?: Readonly<Record<string, number>>;
  /** The value of positions that nobody labelled. */
  readonly ignore?: string | number;
  /** When something is wrong, also reads all pixels of the pairs that seem right, to list files that are damaged. */
  readonly thorough?: boolean;
  /** Called while the masks are read to find their classes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An image and the class of each of its positions. */
export interface LabelledImage {
  readonly name: string;
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** (...spatial): 0 .. classes - 1, or IGNORED. */
  readonly classes: Uint8Array;
  /** Between positions, on each spatial axis; undefined where the file does not say it. */
  readonly spacing: readonly number[] | undefined;
}

/** One image of a data set, read when it is wanted. */
export interface Sample {
  /** The image's name without its ending; pages are "name#1", "name#2", ... */
  readonly name: string;
  readonly images: readonly string[];
  readonly mask: string;
  /** (...spatial). */
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  /** What the spacing is in; undefined where the file does not say it. */
  readonly spacingUnit?: SpacingUnit | undefined;
  /** Reads both from the disk each time. Fails where a file is damaged or a mask has a value without a class. */
  read(): Promise<LabelledImage | Failure>;
}

export interface DataSet {
  /** Where it was opened. */
  readonly folder: string;
  /** In the order of their names. */
  readonly samples: readonly Sample[];
  readonly rank: number;
  readonly channels: number;
  readonly labels: LabelMap;
  /** How many samples are image files with colours, and how many such without: either can be read as the other. */
  readonly coloured: number;
  readonly plain: number;
}

/** Everything that is wrong with a data set: a line each, with the path. */
export class DataSetFailure extends Failure {
  readonly problems: readonly string[];

  constructor(folder: string, problems: readonly string[]) {
    const count = problems.length === 1 ? 'there is 1 problem' : `there are ${problems.length} problems`;
    super(`${folder}: ${count}\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}

/** A sample before the classes are known. */
interface Source {
  readonly name: string;
  readonly inspected: InspectedPair;
  readonly pages: Pages;
}

function sourcesOf(inspected: InspectedPair): Source[] {
  const { pair, pages, stacked, spatial } = inspected;
  if (stacked) return [{ name: pair.name, inspected, pages: { depth: spatial[0] ?? 1 } }];
  if (pages === 1) return [{ name: pair.name, inspected, pages: {} }];
  return Array.from({ length: pages }, (_, page) => ({
    name: `${pair.name}#${page + 1}`,
    inspected,
    pages: { page },
  }));
}

/** The mask's values on the pages of a source. */
async function labelValues({ inspected, pages }: Source): Promise<LabelValues | Failure> {
  const { mask } = inspected.pair;
  if (!('depth' in pages)) return readLabelValues(mask, pages.page);
  const plane = elementCount(inspected.spatial.slice(1));
  const values = new Float64Array(plane * pages.depth);
  for (let page = 0; page < pages.depth; page++) {
    const read = await readLabelValues(mask, page);
    if (read instanceof Failure) return read;
    values.set(Float64Array.from(read.values), page * plane);
  }
  return { values, coloured: true };
}

function sampleOf(source: Source, rank: number, channels: number, labels: LabelMap): Sample {
  const { inspected, name, pages } = source;
  const { pair, spatial, spacing, spacingUnit } = inspected;
  const read = async (): Promise<LabelledImage | Failure> => {
    const image = await readIntensities(pair.images, channels, rank, pages);
    if (image instanceof Failure) return image;
    const values = await labelValues(source);
    if (values instanceof Failure) return values;
    const classes = toClasses(values, labels, pair.mask);
    if (classes instanceof Failure) return classes;
    if (shapeText(image.shape.slice(1)) !== shapeText(spatial) || classes.length !== elementCount(spatial)) {
      return new Failure(
        `${pair.images[0]}: its size, or that of its mask, is not ${shapeText(spatial)} any more`,
      );
    }
    return { name, image, classes, spacing };
  };
  return { name, images: pair.images, mask: pair.mask, spatial, spacing, spacingUnit, read };
}

/** Reads every mask once and finds the classes; a line about each mask that can't be read. */
async function classesOfMasks(
  sources: readonly Source[],
  { ignore, onProgress }: DataSetOptions,
): Promise<LabelMap | readonly string[]> {
  const counts = new Map<string, number>();
  /** The first mask that holds a value. */
  const places = new Map<string, string>();
  const problems: string[] = [];
  for (const [i, source] of sources.entries()) {
    const values = await labelValues(source);
    if (values instanceof Failure) problems.push(values.message);
    else {
      const own = new Map<string, number>();
      addValueCounts(values, own);
      for (const [value, count] of own) {
        counts.set(value, (counts.get(value) ?? 0) + count);
        if (!places.has(value)) places.set(value, source.inspected.pair.mask);
      }
    }
    onProgress?.(i + 1, sources.length);
  }
  if (problems.length > 0) return problems;
  const labels = detectLabels(counts, ignore, places);
  return labels instanceof Failure ? [labels.message] : labels;
}

/** A line about each file whose pixels can't be read. */
async function unreadable(sources: readonly Source[], channels: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const source of sources) {
    const { pair, spatial } = source.inspected;
    const image = await readIntensities(pair.images, channels, spatial.length, source.pages);
    const mask = await labelValues(source);
    for (const read of [image, mask]) if (read instanceof Failure) problems.push(read.message);
  }
  return problems;
}

/** One line in place of one for each file, where no pair has the axes that are wanted and the first has others. */
async function otherAxes(
  folder: string,
  [first]: readonly FilePair[],
  wanted: 2 | 3 | undefined,
): Promise<Failure | undefined> {
  const one = first && wanted && (await inspectPair(first, undefined));
  if (!one || !('pair' in one) || one.spatial.length === wanted) return undefined;
  const { pair, spatial, channels = 1 } = one;
  const input = `input = ${shapeText([channels, ...spatial])}`;
  return new Failure(
    wanted === 2
      ? `${folder}: its images are volumes (${pair.images[0]} is ${shapeText(spatial)}), and images of height x width are wanted: ` +
          `take a network of volumes, such as with \`${input}\`, or save the slices as images of their own`
      : `${folder}: its images are flat (${pair.images[0]} is ${shapeText(spatial)}), and volumes of depth x height x width ` +
          `are wanted: take a network of images, such as with \`${input}\`, or save the slices as volumes`,
  );
}

/**
 * Opens a folder of images and masks: see findPairs for the names, and formatOf for the formats. Every header is read
 * and held against its partner's; pixels only when a sample is read, except that masks are read once where `labels`
 * is left out. Fails with a DataSetFailure that lists everything that does not fit.
 */
export async function openDataSet(folder: string, options: DataSetOptions = {}): Promise<DataSet | Failure> {
  const given = options.labels === undefined ? undefined : labelMapOf(options.labels, options.ignore);
  if (given instanceof Failure) return given;
  const found = findPairs(folder, options);
  if (found instanceof Failure) return found;
  const problems = [...found.problems];
  const inspected: InspectedPair[] = [];
  for (const pair of found.pairs) {
    const one = await inspectPair(pair, options.rank);
    if ('pair' in one) inspected.push(one);
    else problems.push(...one);
  }
  const otherRank = inspected.length === 0 ? await otherAxes(folder, found.pairs, options.rank) : undefined;
  if (otherRank) return otherRank;
  const rank = inspected[0]?.spatial.length ?? 0;
  for (const { pair, spatial } of inspected) {
    if (spatial.length === rank) continue;
    problems.push(
      `${pair.images[0]}: it has ${spatial.length} axes, but ${inspected[0]?.pair.images[0]} has ${rank}`,
    );
  }
  const agreed = agreeOnChannels(inspected, options.channels);
  problems.push(...agreed.problems);
  const sources = inspected.toSorted((a, b) => (a.pair.name < b.pair.name ? -1 : 1)).flatMap(sourcesOf);
  const failure = async (known: readonly string[]) => {
    // Pixels that are read with channels that no image has would only say it again.
    const more =
      options.thorough && agreed.problems.length === 0 ? await unreadable(sources, agreed.channels) : [];
    return new DataSetFailure(folder, [...new Set([...known, ...more])]);
  };
  if (problems.length > 0) return failure(problems);
  const labels = given ?? (await classesOfMasks(sources, options));
  if (!('classOf' in labels)) return failure(labels);
  const samples = sources.map((source) => sampleOf(source, rank, agreed.channels, labels));
  const images = sources.filter(({ inspected: { channels } }) => channels === undefined);
  const coloured = images.filter(({ inspected: { hasColours } }) => hasColours).length;
  const plain = images.length - coloured;
  return { folder, samples, rank, channels: agreed.channels, labels, coloured, plain };
}

/** That an image has values which are no numbers, and how many: a training can't come back from a single one. */
function notFinite({ images }: Sample, { image: { data } }: LabelledImage): string | undefined {
  let count = 0;
  for (const value of data) if (!Number.isFinite(value)) count += 1;
  if (count === 0) return undefined;
  return `${images.join(' and ')}: ${count} of ${data.length} values are NaN or infinite: replace them`;
}

/**
 * Reads every sample once, and lists all that can't be read or has values that are no numbers: what openDataSet can't see in
 * headers.
 */
export async function verifyDataSet(
  { samples }: DataSet,
  folder: string,
  onEach?: (sample: LabelledImage | undefined, done: number, total: number) => void,
): Promise<Failure | undefined> {
  const problems: string[] = [];
  for (const [i, sample] of samples.entries()) {
    const read = await sample.read();
    const problem = read instanceof Failure ? read.message : notFinite(sample, read);
    if (problem !== undefined) problems.push(problem);
    onEach?.(read instanceof Failure ? undefined : read, i + 1, samples.length);
  }
  return problems.length === 0 ? undefined : new DataSetFailure(folder, [...new Set(problems)]);
}
