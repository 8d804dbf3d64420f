import type { InspectedPair } from '../data/files/inspect.js';
import { toClasses } from '../data/labels/classified-mask.js';
import { objectNumbers } from '../data/samples/object-numbers.js';
import { readMask } from '../data/samples/read-sample.js';
import type { Sample } from '../data/samples/sample.js';
import { samplesOf } from '../data/samples/samples-of-pair.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { type LengthScale, lengthScale } from '../metrics/length-scale.js';
import { type ClassMapOptions, type ClassMaps, classMapsOf } from './class-maps.js';

/** Predictions with their truth, ready to be read case by case. */
export interface OpenEvaluation {
  readonly truths: readonly Sample[];
  /** The sample of each truth whose mask is its prediction. */
  readonly predictions: readonly Sample[];
  /** The classes of both; undefined if both have the numbers of objects. */
  readonly maps: ClassMaps | undefined;
  readonly scale: LengthScale;
}

export interface EvaluationOptions extends ClassMapOptions {
  /** Whether both have the numbers of objects, and not classes. */
  readonly objects?: boolean;
  /** The names of the cases that are measured; all when left out. */
  readonly cases?: ReadonlySet<string> | undefined;
}

/** The labels of a case, (...spatial) each. */
export type CaseLabels =
  | { readonly kind: 'classes'; readonly truth: Uint16Array; readonly predicted: Uint16Array }
  | { readonly kind: 'objects'; readonly truth: Int32Array; readonly predicted: Int32Array };

function predictionOf(sample: Sample): Sample {
  const { images, part } = sample;
  return { ...sample, mask: images[0] ?? '', classFiles: [], part: { ...part, mask: part.image } };
}

/**
 * Finds the classes of predictions and truth; the image of each pair is its prediction. Fails with all files that cannot be
 * read, or whose values have no class.
 */
export async function openEvaluation(
  pairs: readonly InspectedPair[],
  options: EvaluationOptions,
): Promise<OpenEvaluation | Failure> {
  const truths = pairs.flatMap(samplesOf).filter(({ name }) => options.cases?.has(name) ?? true);
  const predictions = truths.map(predictionOf);
  const maps = options.objects ? undefined : await classMapsOf(truths, predictions, options);
  if (maps === undefined || 'classes' in maps) {
    return { truths, predictions, maps, scale: lengthScale(truths, undefined) };
  }
  const [only, ...more] = maps;
  const folder = pairs[0]?.pair.images[0] ?? '';
  return only && more.length === 0 ? only : failure('data-set-invalid', { folder, problems: maps });
}

async function numbersOf(sample: Sample): Promise<Int32Array | Failure> {
  const read = await readMask(sample);
  return read instanceof Failure ? read : objectNumbers(read, sample.mask);
}

async function classesOf(sample: Sample, maps: ClassMaps, of: 'truth' | 'predicted') {
  const read = await readMask(sample);
  return read instanceof Failure ? read : toClasses(read, maps[of], sample.mask);
}

/** Reads the labels of a case; what is wrong with its files. */
export async function readCase(
  { truths, predictions, maps }: OpenEvaluation,
  index: number,
): Promise<CaseLabels | readonly Failure[]> {
  const [truth, prediction] = [truths[index], predictions[index]];
  if (!truth || !prediction) throw new Error(`there is no case ${index}`);
  if (maps) {
    const [right, found] = [
      await classesOf(truth, maps, 'truth'),
      await classesOf(prediction, maps, 'predicted'),
    ];
    if (!(right instanceof Failure || found instanceof Failure)) {
      return { kind: 'classes', truth: right, predicted: found };
    }
    return [right, found].filter((one) => one instanceof Failure);
  }
  const [right, found] = [await numbersOf(truth), await numbersOf(prediction)];
  if (!(right instanceof Failure || found instanceof Failure)) {
    return { kind: 'objects', truth: right, predicted: found };
  }
  return [right, found].filter((one) => one instanceof Failure);
}
