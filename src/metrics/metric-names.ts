import type { ClassCounts } from './confusion.js';

/** Metrics from counts of positions, in the order of a report. */
export const OVERLAP_METRICS = ['dice', 'iou', 'recall', 'precision', 'specificity'] as const;

/** Metrics from the volumes of a class; in 2D, a volume is an area. */
export const VOLUME_METRICS = ['volume_difference', 'relative_volume_difference'] as const;

/** Metrics from the distances of borders. */
export const SURFACE_METRICS = ['hd', 'hd95', 'assd', 'nsd'] as const;

/** All metrics of a class, in the order of a report. */
export const CLASS_METRICS = [
  ...OVERLAP_METRICS,
  ...VOLUME_METRICS,
  ...SURFACE_METRICS,
  'boundary_iou',
] as const;

export type OverlapMetric = (typeof OVERLAP_METRICS)[number];
export type SurfaceMetric = (typeof SURFACE_METRICS)[number];
/** The metric of a class in a case. `recall` is also called sensitivity. */
export type ClassMetric = (typeof CLASS_METRICS)[number];

/** Lengths, of which less is better. */
export function isDistance(metric: ClassMetric): boolean {
  return metric === 'hd' || metric === 'hd95' || metric === 'assd';
}

/** Why a metric has no value. */
export type NoValueReason =
  /** The class is neither in the truth nor in the prediction: TP + FP + FN = 0. */
  | 'class-absent'
  /** Precision is 0 / 0. */
  | 'class-not-predicted'
  /** Recall and the relative volume difference divide by 0. */
  | 'class-not-in-truth'
  /** Specificity is 0 / 0: the class is everywhere in the truth. */
  | 'class-everywhere'
  /** The class is in both, but a border has no position: all neighbours are unlabelled, or the image has one position. */
  | 'no-border'
  /** Borders of the background are not measured. */
  | 'background';

/** A number, or why there is none. */
export type MetricValue = number | NoValueReason;

/** Numbers by metric; null if there is none. */
export type MetricValues = Readonly<Partial<Record<ClassMetric, number | null>>>;

/**
 * Dice = 2 TP / (2 TP + FP + FN), IoU = TP / (TP + FP + FN), recall = TP / (TP + FN), precision = TP / (TP + FP) and
 * specificity = TN / (TN + FP). A class with TP + FP + FN = 0 has no value in any but specificity, as in nnU-Net.
 */
export function overlapMetric(metric: OverlapMetric, counts: ClassCounts): MetricValue {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = counts;
  const wrong = falsePositives + falseNegatives;
  if (metric === 'specificity') {
    const others = trueNegatives + falsePositives;
    return others === 0 ? 'class-everywhere' : trueNegatives / others;
  }
  if (truePositives + wrong === 0) return 'class-absent';
  switch (metric) {
    case 'dice':
      return (2 * truePositives) / (2 * truePositives + wrong);
    case 'iou':
      return truePositives / (truePositives + wrong);
    case 'recall':
      return truePositives + falseNegatives === 0
        ? 'class-not-in-truth'
        : truePositives / (truePositives + falseNegatives);
    case 'precision':
      return truePositives + falsePositives === 0
        ? 'class-not-predicted'
        : truePositives / (truePositives + falsePositives);
  }
}

/** The mean of the values that are not null; null if there is none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
