import type { InspectedPair } from '../data/files/inspect.js';
import { maskClasses, unknownValues } from '../data/labels/classified-mask.js';
import { detectLabels, FoundValues } from '../data/labels/detect-labels.js';
import { type LabelMap, labelMapOf } from '../data/labels/label-map.js';
import { type IndexedLabels, indexValues } from '../data/labels/value-index.js';
import { readMask } from '../data/samples/read-sample.js';
import type { Sample } from '../data/samples/sample.js';
import { samplesOf } from '../data/samples/samples-of-pair.js';
import { Failure, failure } from '../diagnostics/failure.js';
import type { CaseMetrics, EvaluatedClass } from '../metrics/case-metrics.js';
import { plainClasses } from '../metrics/case-metrics.js';
import { evaluateCase } from '../metrics/evaluate-case.js';
import { lengthScale } from '../metrics/length-scale.js';
import type { ClassMetric } from '../metrics/metric-names.js';
import {
  evaluateObjects,
  type ObjectMetrics,
  type ObjectSummary,
  summarizeObjects,
} from '../metrics/objects/evaluate-objects.js';
import { MetricsAccumulator, type MetricsSummary } from '../metrics/summarize.js';

export interface EvaluationOptions {
  /** The class of each value of the truth; found in the masks when left out. */
  readonly labels?: Readonly<Record<string, number>> | 'values' | undefined;
  /** The value of positions of the truth that nobody labelled. */
  readonly ignore?: string | undefined;
  /** The names of the classes, from 0 on. */
  readonly names?: readonly string[] | undefined;
  readonly metrics?: readonly ClassMetric[] | undefined;
  /** For `nsd`, in the unit of the spacing. */
  readonly tolerance?: number | undefined;
  /** Both hold the numbers of objects, and not classes. */
  readonly objects?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What is measured of a prediction. */
export interface EvaluatedCase {
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
  readonly metrics: CaseMetrics | undefined;
  readonly objects: ObjectMetrics | undefined;
}

export interface FolderEvaluation {
  readonly cases: readonly EvaluatedCase[];
  /** Of distances: "mm", "pixels". */
  readonly unit: string;
  readonly summary: MetricsSummary | undefined;
  readonly objects: ObjectSummary | undefined;
}

/** The sample whose mask is the prediction. */
function predictionOf(sample: Sample): Sample {
  const { images, part } = sample;
  return { ...sample, mask: images[0] ?? '', classFiles: [], part: { ...part, mask: part.image } };
}

/** Reads the numbers of all masks, to find their classes. */
async function foundIn(samples: readonly Sample[]): Promise<FoundValues | readonly Failure[]> {
  const found = new FoundValues();
  const problems: Failure[] = [];
  for (const sample of samples) {
    const read = await readMask(sample);
    if (read instanceof Failure) problems.push(read);
    else {
      const { numbers, counts, ...rest } = indexValues(read, false);
      found.add(sample.mask, numbers, counts, rest);
    }
  }
  return problems.length > 0 ? problems : found;
}

async function classesOf(sample: Sample, labels: LabelMap): Promise<Uint16Array | Failure> {
  const read = await readMask(sample);
  if (read instanceof Failure) return read;
  const index: IndexedLabels = indexValues(read);
  return (
    unknownValues(index, labels, sample.mask) ??
    maskClasses(index, labels) ??
    failure('too-many-classes', { classes: index.numbers.length, limit: 2 ** 16 })
  );
}

async function numbersOf(sample: Sample): Promise<Int32Array | Failure> {
  const read = await readMask(sample);
  if (read instanceof Failure) return read;
  const isNumber = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 31;
  const wrong = read.values.filter((value) => !isNumber(value));
  const [value] = wrong;
  if (value === undefined) return Int32Array.from(read.values);
  const counts = { count: wrong.length, total: read.values.length };
  return failure('object-number-invalid', { path: sample.mask, value, ...counts });
}

/** The classes of the values of truth and predictions. */
interface Maps {
  readonly truth: LabelMap;
  readonly predicted: LabelMap;
  readonly classes: readonly EvaluatedClass[];
}

/** Predictions have the numbers of the classes, or 0 and 255 as the truth may have. */
async function mapsOf(
  truths: readonly Sample[],
  predictions: readonly Sample[],
  { labels, ignore, names }: EvaluationOptions,
): Promise<Maps | readonly Failure[]> {
  const given = labels === undefined || labels === 'values' ? undefined : labelMapOf(labels, ignore);
  if (given instanceof Failure) return [given];
  const found = given ? undefined : await foundIn(truths);
  if (Array.isArray(found)) return found;
  const truth =
    given ??
    (found instanceof FoundValues
      ? detectLabels(found, ignore, labels === 'values' ? 'values' : names?.length)
      : undefined);
  if (truth instanceof Failure) return [truth];
  if (truth === undefined) return [];
  const own = await foundIn(predictions);
  if (!(own instanceof FoundValues)) return own;
  const predicted = detectLabels(own, undefined, Math.max(truth.classes, names?.length ?? 0));
  // A prediction that has only one class, such as nothing but background.
  const plain = labelMapOf(
    Object.fromEntries(Array.from({ length: truth.classes }, (_, k) => [String(k), k])),
    undefined,
  );
  if (plain instanceof Failure) return [plain];
  const map = predicted instanceof Failure ? plain : predicted;
  const count = Math.max(truth.classes, map.classes, names?.length ?? 0);
  const all = Array.from({ length: count }, (_, k) => names?.[k] ?? (k === 0 ? 'background' : `class ${k}`));
  return { truth, predicted: map, classes: plainClasses(all) };
}

/** Measures predictions against their truth. Fails with all files that cannot be read or whose values have no class. */
export async function evaluatePairs(
  pairs: readonly InspectedPair[],
  options: EvaluationOptions,
): Promise<FolderEvaluation | Failure> {
  const truths = pairs.flatMap(samplesOf);
  const predictions = truths.map(predictionOf);
  const maps = options.objects ? undefined : await mapsOf(truths, predictions, options);
  const folder = pairs[0]?.pair.images[0] ?? '';
  if (maps !== undefined && !('classes' in maps)) {
    const [only, ...more] = maps;
    return only && more.length === 0 ? only : failure('data-set-invalid', { folder, problems: maps });
  }
  const scale = lengthScale(truths, undefined);
  const accumulator = new MetricsAccumulator();
  const cases: EvaluatedCase[] = [];
  const problems: Failure[] = [];
  const { metrics, tolerance, onProgress } = options;
  for (const [i, truth] of truths.entries()) {
    const prediction = predictions[i] ?? truth;
    const base = { name: truth.name, prediction: prediction.mask, truth: truth.mask };
    if (maps) {
      const [right, found] = [
        await classesOf(truth, maps.truth),
        await classesOf(prediction, maps.predicted),
      ];
      for (const one of [right, found]) if (one instanceof Failure) problems.push(one);
      if (!(right instanceof Failure || found instanceof Failure)) {
        const own = evaluateCase(right, found, {
          ...{ shape: truth.spatial, classes: maps.classes, spacing: scale.spacingOf(truth) },
          ...{ metrics, tolerance },
        });
        accumulator.add(own);
        cases.push({ ...base, metrics: own, objects: undefined });
      }
    } else {
      const [right, found] = [await numbersOf(truth), await numbersOf(prediction)];
      for (const one of [right, found]) if (one instanceof Failure) problems.push(one);
      if (!(right instanceof Failure || found instanceof Failure)) {
        cases.push({ ...base, metrics: undefined, objects: evaluateObjects(right, found) });
      }
    }
    onProgress?.(i + 1, truths.length);
  }
  if (problems.length > 0) return failure('data-set-invalid', { folder, problems });
  const objects = cases.flatMap((one) => one.objects ?? []);
  return {
    cases,
    unit: scale.unit,
    summary: maps ? accumulator.result() : undefined,
    objects: objects.length > 0 ? summarizeObjects(objects) : undefined,
  };
}
