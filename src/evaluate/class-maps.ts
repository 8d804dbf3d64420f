import { detectLabels, FoundValues } from '../data/labels/detect-labels.js';
import { type LabelMap, labelMapOf } from '../data/labels/label-map.js';
import { indexValues } from '../data/labels/value-index.js';
import { readMask } from '../data/samples/read-sample.js';
import type { Sample } from '../data/samples/sample.js';
import { Failure } from '../diagnostics/failure.js';
import { canonicalValue } from '../images/label-values.js';
import { type EvaluatedClass, plainClasses } from '../metrics/case-metrics.js';

/** The classes of the values of truth and predictions. */
export interface ClassMaps {
  readonly truth: LabelMap;
  readonly predicted: LabelMap;
  readonly classes: readonly EvaluatedClass[];
}

export interface ClassMapOptions {
  /** The class of each value of the truth; found in the masks when left out. */
  readonly labels?: Readonly<Record<string, number>> | 'values' | LabelMap | undefined;
  /** The value of positions of the truth that nobody labelled. */
  readonly ignore?: string | undefined;
  /** The names of the classes, from 0 on. */
  readonly names?: readonly string[] | undefined;
  /** How many classes predictions have that are the numbers of their classes; found in them when left out. */
  readonly predictedClasses?: number | undefined;
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

function isMap(labels: ClassMapOptions['labels']): labels is LabelMap {
  return typeof labels === 'object' && labels.classOf instanceof Map;
}

/** The map that a caller gives; undefined if the masks decide. */
function givenMap({ labels, ignore }: ClassMapOptions): LabelMap | undefined | Failure {
  if (labels === undefined || labels === 'values') return undefined;
  return isMap(labels) ? labels : labelMapOf(labels, ignore);
}

/** The classes of the truth. Where its own values do not tell them, those of the predictions may. */
async function truthMap(
  truths: readonly Sample[],
  predictions: readonly Sample[],
  options: ClassMapOptions,
): Promise<LabelMap | readonly Failure[]> {
  const given = givenMap(options);
  if (given instanceof Failure) return [given];
  if (given) return given;
  const found = await foundIn(truths);
  if (!(found instanceof FoundValues)) return found;
  const { ignore, labels, names, predictedClasses } = options;
  const map = detectLabels(found, ignore, labels === 'values' ? 'values' : names?.length);
  if (!(map instanceof Failure)) return map;
  const ignored = ignore === undefined ? new Set<string>() : found.textsOf(canonicalValue(ignore) ?? ignore);
  if (predictedClasses !== undefined || found.areObjects(ignored)) return [map];
  const predicted = await foundIn(predictions);
  if (!(predicted instanceof FoundValues)) return predicted;
  const values = [...found.counts.keys()].filter((value) => !ignored.has(value));
  return sharedMap(values, [...predicted.counts.keys()], ignore) ?? [map];
}

/**
 * The values as the numbers of classes, where the predictions have all values of the truth: some class is missing in all
 * masks. Undefined if they have not, or if these are hardly numbers of classes.
 */
function sharedMap(
  truth: readonly string[],
  predicted: readonly string[],
  ignore: string | undefined,
): LabelMap | Failure[] | undefined {
  const isBinary = predicted.every((value) => value === '0' || value === '255');
  const classes = isBinary ? 2 : classNumbers(predicted);
  if (classes === undefined || truth.some((value) => !predicted.includes(value))) return undefined;
  if (isBinary && truth.includes('255')) return undefined;
  const map = plainMap(Math.max(2, classes), ignore);
  return map instanceof Failure ? [map] : map;
}

/** Numbers from here on are hardly those of classes, but gray values, or the numbers of objects. */
const MOST_CLASSES = 64;

/** How many classes there are, if all values are their numbers. */
function classNumbers(values: readonly string[]): number | undefined {
  const numbers = values.map(Number);
  const areNumbers = numbers.every((one) => Number.isInteger(one) && one >= 0 && one < MOST_CLASSES);
  return areNumbers && numbers.length > 0 ? Math.max(...numbers) + 1 : undefined;
}

/** The numbers of so many classes as their values. */
function plainMap(classes: number, ignore?: string): LabelMap | Failure {
  const numbers = Array.from({ length: classes }, (_, k) => [String(k), k] as const);
  return labelMapOf(Object.fromEntries(numbers), ignore);
}

/**
 * Predictions have the numbers of the classes, and may have classes that the truth lacks. Those of other programs may have 0
 * and 255 for two classes, or the values of the truth: if all are values of the truth, and one is beyond the classes.
 */
async function predictedMap(
  predictions: readonly Sample[],
  truth: LabelMap,
  { names, predictedClasses }: ClassMapOptions,
): Promise<LabelMap | readonly Failure[]> {
  const { classes } = truth;
  const plain = plainMap(Math.max(classes, predictedClasses ?? 0));
  if (plain instanceof Failure) return [plain];
  if (predictedClasses !== undefined) return plain;
  const found = await foundIn(predictions);
  if (!(found instanceof FoundValues)) return found;
  const values = [...found.counts.keys()];
  const isBeyond = values.some((value) => !plain.classOf.has(value));
  if (isBeyond && values.every((value) => truth.classOf.has(value))) return truth;
  const map = detectLabels(found, undefined, Math.max(classes, names?.length ?? 0));
  const isBinary = !(map instanceof Failure) && map.classOf.has('255') && map.classes === 2;
  if (!(map instanceof Failure) && !(isBinary && classes > 2)) return map;
  const numbered = plainMap(Math.max(classes, classNumbers(values) ?? 0));
  return numbered instanceof Failure ? [numbered] : numbered;
}

/** The classes of truth and predictions; what is wrong with their files or their values. */
export async function classMapsOf(
  truths: readonly Sample[],
  predictions: readonly Sample[],
  options: ClassMapOptions,
): Promise<ClassMaps | readonly Failure[]> {
  const truth = await truthMap(truths, predictions, options);
  if (!('classOf' in truth)) return truth;
  const { names } = options;
  const predicted = await predictedMap(predictions, truth, options);
  if (!('classOf' in predicted)) return predicted;
  const count = Math.max(truth.classes, predicted.classes, names?.length ?? 0);
  const all = Array.from({ length: count }, (_, k) => names?.[k] ?? (k === 0 ? 'background' : `class ${k}`));
  return { truth, predicted, classes: plainClasses(all) };
}
