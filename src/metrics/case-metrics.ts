import type { ClassCounts, ConfusionMatrix } from './confusion.js';
import type { ClassMetric, MetricValues, NoValueReason } from './metric-names.js';

/** A class to evaluate: a set of labels. Classes may have labels in common, such as the regions of a tumour. */
export interface EvaluatedClass {
  readonly name: string;
  readonly labels: readonly number[];
  /** Means over the foreground leave it out, and its borders are not measured; false when left out. */
  readonly background?: boolean;
}

/** Where a class is: a mask is empty if no labelled position belongs to the class. */
export type Presence = 'both' | 'truth' | 'prediction' | 'neither';

/** The metrics of a class in a case. Everything is JSON. */
export interface ClassMetrics {
  readonly name: string;
  readonly background: boolean;
  readonly presence: Presence;
  readonly counts: ClassCounts;
  /** In the unit of the spacing, to the power of the number of axes: mm^3, or positions without a spacing. */
  readonly volumes: { readonly truth: number; readonly prediction: number };
  /** The metrics that were asked for; null if one has no value. */
  readonly values: MetricValues;
  /** Why, for each null. */
  readonly reasons: Readonly<Partial<Record<ClassMetric, NoValueReason>>>;
  /**
   * Distances that could not be measured, because the class is in only one of the two masks. Each has the largest value that
   * an image of this size can have, the length of its diagonal.
   */
  readonly substituted: readonly ClassMetric[];
}

/** The metrics of one prediction and its truth. Everything is JSON: there is no NaN, and nothing is infinite. */
export interface CaseMetrics {
  /** (...spatial). */
  readonly shape: readonly number[];
  /** The distance of neighbours along each axis; 1 if it is not known. */
  readonly spacing: readonly number[];
  /** How many positions are labelled. */
  readonly labelled: number;
  readonly classes: readonly ClassMetrics[];
  /** The mean over the classes that have a value, without the background. */
  readonly foreground: MetricValues;
  /** Correct positions / labelled positions; null if none is labelled, or if the input are masks. */
  readonly accuracy: number | null;
  /** `confusion[truth][prediction]` of all labels, in positions; null if the input are masks, which may overlap. */
  readonly confusion: ConfusionMatrix | null;
}

/** A class for each label: the first is the background. */
export function plainClasses(names: readonly string[]): readonly EvaluatedClass[] {
  return names.map((name, label) => ({ name, labels: [label], background: label === 0 }));
}
