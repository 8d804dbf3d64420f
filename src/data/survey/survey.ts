import { Failure, failure } from '../../diagnostics/failure.js';
import { formFor, type ValueForm } from '../../images/value-scale.js';
import { type ImageSummary, summaryOf } from '../../normalize/image-summary.js';
import type { DataSet } from '../data-set.js';
import { labelCounts, maskClasses, unknownValues } from '../labels/classified-mask.js';
import type { LabelCounts } from '../labels/label-counts.js';
import type { SampleParts } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import type { SurveyedImage } from './survey-messages.js';
import { readImages, readMasks } from './survey-reader.js';

/** What the files of a sample contain. */
export interface SampleFindings {
  readonly sample: Sample;
  readonly labels: LabelCounts;
}

export interface SummaryReceiver {
  /** The form of the values; that of the data set's normalisation when left out. */
  readonly form?: ValueForm;
  /** Whether it takes a sample; all when left out. */
  readonly takes?: (sample: Sample) => boolean;
  add(sample: Sample, summary: ImageSummary): void;
}

export interface SurveyOptions {
  /** Which of the samples stay decoded in the memory of the data set, for the loader that comes next; none when left out. */
  readonly keep?: (sample: Sample) => boolean;
  /** Receives what the values of the images are like, in the order of the samples. */
  readonly summaries?: SummaryReceiver | undefined;
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
  { keep = () => false, summaries, onProgress }: SurveyOptions = {},
): Promise<readonly SampleFindings[] | Failure> {
  const { memory } = dataSet;
  const problems: Failure[] = [];
  const failed = new Set<Sample>();
  const add = (sample: Sample, problem: Failure) => {
    // One problem a sample: its mask is read again only if its image was readable.
    if (!failed.has(sample)) problems.push(problem);
    failed.add(sample);
  };
  const images = new Map<Sample, Pick<SampleParts, 'image' | 'divisor'>>();
  let done = 0;
  for await (const read of readSurveyed(dataSet, samples, keep, summaries)) {
    const sample = samples[done];
    if (!sample) break;
    if (read instanceof Failure) add(sample, read);
    else {
      memory.setChecked(sample);
      const { image, divisor, summary } = read;
      if (image && keep(sample)) images.set(sample, { image, divisor });
      if (summary && (summaries?.takes?.(sample) ?? true)) summaries?.add(sample, summary);
    }
    if (!keep(sample)) memory.drop(sample);
    done += 1;
    onProgress?.(done, samples.length);
  }
  const isDecoded = (sample: Sample) =>
    memory.countsOf(sample) !== undefined && (!keep(sample) || memory.partsOf(sample).classes !== undefined);
  const undecoded = samples.filter((sample) => !failed.has(sample) && !isDecoded(sample));
  for await (const [sample, read] of readClasses(dataSet, undecoded)) {
    if (read instanceof Failure) add(sample, read);
    else {
      memory.setCounts(sample, read.counts);
      if (keep(sample)) memory.keep(sample, { classes: read.classes });
    }
  }
  if (problems.length > 0) return invalidDataSet(dataSet.folder, problems);
  for (const [sample, image] of images) {
    memory.keep(sample, { ...image, classes: memory.partsOf(sample).classes });
  }
  return samples.flatMap((sample) => {
    const labels = memory.countsOf(sample);
    return labels ? [{ sample, labels }] : [];
  });
}

/** What is known of the images of samples, in the order of the samples: from memory, or else from the files. */
async function* readSurveyed(
  { memory, channels, normalization }: DataSet,
  samples: readonly Sample[],
  keep: (sample: Sample) => boolean,
  summaries: SummaryReceiver | undefined,
): AsyncGenerator<SurveyedImage | Failure> {
  const own = formFor(normalization);
  const form = summaries?.form ?? own;
  // An image of another form than that of the data set cannot be kept.
  const isKept = form === own ? keep : () => false;
  const takes = (sample: Sample) => summaries !== undefined && (summaries.takes?.(sample) ?? true);
  const inMemory = (sample: Sample) => (memory.form === form ? memory.partsOf(sample).image : undefined);
  const isRead = (sample: Sample) =>
    !inMemory(sample) && (isKept(sample) || takes(sample) || !memory.isChecked(sample));
  const unread = samples.filter(isRead);
  const isUnread = new Set(unread);
  // They make room for those that are kept.
  for (const sample of samples) if (!keep(sample) && !inMemory(sample)) memory.drop(sample);
  const isSummarized = summaries !== undefined;
  const reading = readImages(unread, { channels, form, isSummarized }, isKept);
  for (const sample of samples) {
    if (isUnread.has(sample)) {
      const next = await reading.next();
      if (next.done) return;
      yield next.value;
      continue;
    }
    const image = inMemory(sample);
    const { divisor = 1, summary } = memory.partsOf(sample);
    const own = image && takes(sample) ? (summary ?? summaryOf(image, divisor)) : undefined;
    yield { image, divisor, summary: own };
  }
}

interface ClassifiedMask {
  readonly classes: Uint16Array | undefined;
  readonly counts: LabelCounts;
}

/** The masks of samples as classes, in the order of the samples. */
async function* readClasses(
  { labels, memory }: DataSet,
  samples: readonly Sample[],
): AsyncGenerator<readonly [Sample, ClassifiedMask | Failure]> {
  let index = 0;
  for await (const mask of readMasks(samples, memory.bound > 0)) {
    const sample = samples[index++];
    if (!sample) return;
    if (mask instanceof Failure) yield [sample, mask];
    else {
      const unknown = unknownValues(mask, labels, sample.mask);
      yield [sample, unknown ?? { counts: labelCounts(mask, labels), classes: maskClasses(mask, labels) }];
    }
  }
}

/** Reads every sample of a data set once: see surveySamples. */
export function verifyDataSet(
  dataSet: DataSet,
  options: Pick<SurveyOptions, 'summaries' | 'onProgress'> = {},
): Promise<readonly SampleFindings[] | Failure> {
  return surveySamples(dataSet, dataSet.samples, options);
}

/**
 * How many positions each class has in each sample. Decodes the masks that no one has decoded yet, and keeps them while
 * there is room. Fails with all masks that cannot be read.
 */
export async function countSampleLabels(
  dataSet: DataSet,
  samples: readonly Sample[],
  onProgress?: (done: number, total: number) => void,
): Promise<readonly LabelCounts[] | Failure> {
  const { memory } = dataSet;
  const unread = samples.filter((sample) => memory.countsOf(sample) === undefined);
  let done = samples.length - unread.length;
  const problems: Failure[] = [];
  for await (const [sample, read] of readClasses(dataSet, unread)) {
    if (read instanceof Failure) problems.push(read);
    else {
      memory.setCounts(sample, read.counts);
      memory.keep(sample, { classes: read.classes });
    }
    done += 1;
    onProgress?.(done, samples.length);
  }
  if (problems.length > 0) return invalidDataSet(dataSet.folder, problems);
  return samples.map((sample) => memory.countsOf(sample) ?? { byClass: [], ignored: 0 });
}

/** All that is wrong with the files of a data set, each problem once. */
export function invalidDataSet(folder: string, problems: readonly Failure[]): Failure {
  const distinct = [...new Map(problems.map((one) => [one.message, one])).values()];
  return failure('data-set-invalid', { folder, problems: distinct });
}
