import type { recipeTable } from '../../language/schema/recipe-attributes.js';
import type { SchemaValue } from '../../language/schema/value-schema.js';
import { type ClassCounts, meanOf } from './class-counts.js';

type RecipeMetric = SchemaValue<typeof recipeTable.metrics>[number]['kind'];

/** A metric that is only measured where a recipe asks for it: Dice and IoU always are. */
export type MetricName = Exclude<RecipeMetric, 'dice' | 'iou'>;
type DistanceName = 'hd95' | 'hd' | 'assd';
type CountName = Exclude<MetricName, DistanceName>;

/** A metric's values by class, the background first; null where there is no value. */
export interface ClassValues {
  /** Empty for `accuracy`, which is of all classes together. */
  readonly byClass: readonly (number | null)[];
  /** The mean over all classes but the background that have a value; of `accuracy` the value itself. */
  readonly overall: number | null;
}

/** What metrics are called in a report, in its order. */
export const METRIC_TITLES: { readonly [K in MetricName]: string } = {
  precision: 'Precision',
  recall: 'Recall',
  accuracy: 'Accuracy',
  hd95: 'HD95',
  hd: 'HD',
  assd: 'ASSD',
};

/** All of them, in the order of a report. The keys of a record of all names are names. */
export const METRIC_NAMES = Object.keys(METRIC_TITLES) as readonly MetricName[];

/** The metrics that a run measures beyond Dice and IoU. */
export interface RequestedMetrics {
  readonly names: readonly MetricName[];
  /** Of distances, for people: "mm". */
  readonly unit: string;
}

export const NOTHING_REQUESTED: RequestedMetrics = { names: [], unit: 'pixels' };

/** Whether a metric is counted by positions; the others measure distances. */
export function isCountMetric(name: MetricName): name is CountName {
  return name === 'precision' || name === 'recall' || name === 'accuracy';
}

/** What a recipe's list asks for beyond Dice and IoU, each once, in the order of METRIC_NAMES. */
export function requestedMetrics(list: readonly { readonly kind: RecipeMetric }[]): readonly MetricName[] {
  const wanted = new Set<string>(list.map(({ kind }) => kind));
  return METRIC_NAMES.filter((name) => wanted.has(name));
}

/** The mean over all classes but the background that have a value. */
export function overallOf(byClass: readonly (number | null)[]): number | null {
  return meanOf(byClass.slice(1));
}

/**
 * Precision = TP / (TP + FP) and recall = TP / (TP + FN) of each class against all others; accuracy = correct positions
 * / labelled positions, the pixel accuracy of Long et al., CVPR 2015, section 5. Null where this is 0 / 0.
 */
export function countMetric(name: CountName, counts: ClassCounts): ClassValues {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const part = (hits: number, others: number) => (hits + others > 0 ? hits / (hits + others) : null);
  if (name === 'accuracy') {
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    return { byClass: [], overall: part(sum(truePositives), sum(falseNegatives)) };
  }
  const wrong = name === 'precision' ? falsePositives : falseNegatives;
  const byClass = truePositives.map((hits, k) => part(hits, wrong[k] ?? 0));
  return { byClass, overall: overallOf(byClass) };
}

const OVERLAP_CONVENTIONS: readonly string[] = [
  'Dice = 2 TP / (2 TP + FP + FN) and IoU = TP / (TP + FP + FN), for each class against all others.',
  'Positions that nobody labelled are left out, whatever is predicted there.',
  'A class that is neither in the truth nor in the prediction (TP + FP + FN = 0) has no value, and averages are over those that have one, as in nnU-Net.',
  'Over the data set: TP, FP and FN are added up over all images first.',
  'Per image: the value of each image first, then the mean over the images, class by class.',
  'The mean over classes is given twice: with the background (class 0) and without it; mIoU is the mean IoU with it.',
];

const COUNT_CONVENTIONS: { readonly [K in CountName]: string } = {
  precision: 'Precision = TP / (TP + FP), without a value where the class is not predicted.',
  recall: 'Recall = TP / (TP + FN), without a value where the class is not in the truth.',
  accuracy: 'Accuracy = correct positions / labelled positions, of all classes together.',
};

const DISTANCE_CONVENTIONS: { readonly [K in DistanceName]: string } = {
  hd95: 'HD95: the larger of the two 95th percentiles, truth to prediction and prediction to truth, as in MONAI (not of both directions together, as in MedPy).',
  hd: 'HD (Hausdorff distance): the largest of all these distances.',
  assd: 'ASSD (average symmetric surface distance): the sum of these distances in both directions by the number of positions of both borders.',
};

/** How the numbers are to be read; "over the data set" and "per image" name the two parts of SegmentationMetrics. */
export function metricConventions({ names, unit }: RequestedMetrics): readonly string[] {
  const counted = names.filter(isCountMetric).map((name) => COUNT_CONVENTIONS[name]);
  const measured = names.flatMap((name) => (isCountMetric(name) ? [] : [DISTANCE_CONVENTIONS[name]]));
  if (measured.length === 0) return [...OVERLAP_CONVENTIONS, ...counted];
  return [
    ...OVERLAP_CONVENTIONS,
    ...counted,
    `Distances are in ${unit}, from each position of a border to the nearest one of the other border, of each class but the background; they are of one image, and the mean over the images is given.`,
    'The border of a class: its positions with a neighbour across a face (4 in 2D, 6 in 3D) that is of another class or beyond the image. A neighbour that nobody labelled makes no border.',
    'Where a class has a border in the truth alone, or in the prediction alone, the image has no distance and is left out of the mean, as in nnU-Net: the report counts such images.',
    ...measured,
  ];
}
