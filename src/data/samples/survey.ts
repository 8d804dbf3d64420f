import { Failure, failure } from '../../diagnostics/failure.js';
import { notFinite, positionOf } from '../../images/finite.js';
import type { DataSet } from '../data-set.js';
import { countLabels, type LabelCounts } from '../labels/label-counts.js';
import { toClasses } from '../labels/label-map.js';
import { readMask, readSampleImage } from './read-sample.js';
import type { Sample } from './sample.js';

/** What the files of a sample contain. */
export interface SampleFindings {
  readonly sample: Sample;
  readonly labels: LabelCounts;
}

export interface SurveyOptions {
  /** Which of the samples stay decoded in the memory of the data set, for the loader that comes next; none when left out. */
  readonly keep?: (sample: Sample) => boolean;
  /** Called after each sample. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads each sample once, so that training meets no surprise in its files. A mask that openDataSet decoded is not decoded
 * again. Fails with all files that cannot be read and all images with values that are NaN or infinite.
 */
export async function surveySamples(
  dataSet: DataSet,
  samples: readonly Sample[],
  { keep = () => false, onProgress }: SurveyOptions = {},
): Promise<readonly SampleFindings[] | Failure> {
  const { memory } = dataSet;
  for (const sample of samples) if (!keep(sample)) memory.drop(sample);
  const findings: SampleFindings[] = [];
  const problems: Failure[] = [];
  for (const [i, sample] of samples.entries()) {
    const labels = await survey(dataSet, sample, keep(sample));
    if (labels instanceof Failure) problems.push(labels);
    else findings.push({ sample, labels });
    onProgress?.(i + 1, samples.length);
  }
  return problems.length === 0 ? findings : invalidDataSet(dataSet.folder, problems);
}

async function survey(dataSet: DataSet, sample: Sample, isKept: boolean): Promise<LabelCounts | Failure> {
  const { memory, channels } = dataSet;
  const image = await readSampleImage(sample, channels);
  if (image instanceof Failure) return image;
  const known = memory.countsOf(sample);
  let { classes } = memory.partsOf(sample);
  // The counts may be known although there was no room for the mask.
  if (known === undefined || (isKept && classes === undefined)) {
    const read = await decodeMask(dataSet, sample);
    if (read instanceof Failure) return read;
    classes = read;
  }
  const wrong = notFinite(image.data);
  if (wrong) {
    const first = positionOf(wrong.first, image.shape);
    return failure('values-not-finite', {
      paths: sample.images,
      count: wrong.count,
      total: image.data.length,
      first,
    });
  }
  const counts = known ?? countLabels(classes ?? new Uint16Array(), dataSet.labels.classes);
  memory.setCounts(sample, counts);
  if (isKept) memory.keep(sample, { image, classes });
  return counts;
}

async function decodeMask({ labels }: DataSet, sample: Sample): Promise<Uint16Array | Failure> {
  const values = await readMask(sample);
  return values instanceof Failure ? values : toClasses(values, labels, sample.mask);
}

/** Reads every sample of a data set once: see surveySamples. */
export function verifyDataSet(
  dataSet: DataSet,
  options: Pick<SurveyOptions, 'onProgress'> = {},
): Promise<readonly SampleFindings[] | Failure> {
  return surveySamples(dataSet, dataSet.samples, options);
}

/**
 * How many positions each class has in each sample. Decodes the masks that no one has decoded yet, and keeps them while
 * there is room.
 */
export async function countSampleLabels(
  dataSet: DataSet,
  samples: readonly Sample[],
  onProgress?: (done: number, total: number) => void,
): Promise<readonly LabelCounts[] | Failure> {
  const { memory } = dataSet;
  const all: LabelCounts[] = [];
  for (const [i, sample] of samples.entries()) {
    let counts = memory.countsOf(sample);
    if (counts === undefined) {
      const classes = await decodeMask(dataSet, sample);
      if (classes instanceof Failure) return classes;
      counts = countLabels(classes, dataSet.labels.classes);
      memory.setCounts(sample, counts);
      memory.keep(sample, { classes });
    }
    all.push(counts);
    onProgress?.(i + 1, samples.length);
  }
  return all;
}

/** All that is wrong with the files of a data set, each problem once. */
export function invalidDataSet(folder: string, problems: readonly Failure[]): Failure {
  const distinct = [...new Map(problems.map((one) => [one.message, one])).values()];
  return failure('data-set-invalid', { folder, problems: distinct });
}
