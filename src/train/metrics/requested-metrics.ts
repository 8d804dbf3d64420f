import type { recipeTable } from '../../language/schema/recipe-attributes.js';
import type { SchemaValue } from '../../language/schema/value-schema.js';

type RecipeMetric = SchemaValue<typeof recipeTable.metrics>[number]['kind'];

/** A metric that is measured only if a recipe lists it. Dice and IoU are always measured. */
export type MetricName = Exclude<RecipeMetric, 'dice' | 'iou'>;
type DistanceName = 'hd95' | 'hd' | 'assd';
type CountName = Exclude<MetricName, DistanceName>;

/** The values of a metric by class, the background first; null if there is no value. */
export interface ClassValues {
  /** Empty for `accuracy`, which is one number for all classes. */
  readonly byClass: readonly (number | null)[];
  /** The mean over all classes with a value, without the background; for `accuracy`, the value itself. */
  readonly overall: number | null;
}

/** The names of metrics in a report, in the order of a report. */
export const METRIC_TITLES: { readonly [K in MetricName]: string } = {
  precision: 'Precision',
  recall: 'Recall',
  accuracy: 'Accuracy',
  hd95: 'HD95',
  hd: 'HD',
  assd: 'ASSD',
};

/** All metrics, in the order of a report. The keys of a record of all names are names. */
export const METRIC_NAMES = Object.keys(METRIC_TITLES) as readonly MetricName[];

/** The metrics that a run measures besides Dice and IoU. */
export interface RequestedMetrics {
  readonly names: readonly MetricName[];
  /** The unit of distances, for people: "mm". */
  readonly unit: string;
}

export const NOTHING_REQUESTED: RequestedMetrics = { names: [], unit: 'pixels' };

/** Whether a metric counts positions; the others measure distances. */
export function isCountMetric(name: MetricName): name is CountName {
  return name === 'precision' || name === 'recall' || name === 'accuracy';
}

/** The metrics of a recipe's list besides Dice and IoU, each once, in the order of METRIC_NAMES. */
export function requestedMetrics(list: readonly { readonly kind: RecipeMetric }[]): readonly MetricName[] {
  const wanted = new Set<string>(list.map(({ kind }) => kind));
  return METRIC_NAMES.filter((name) => wanted.has(name));
}

const OVERLAP_CONVENTIONS: readonly string[] = [
  'Dice = 2 TP / (2 TP + FP + FN) and IoU = TP / (TP + FP + FN), for each class against all others.',
  'Unlabelled positions do not count, whatever is predicted there.',
  'A class that is neither in the truth nor in the prediction (TP + FP + FN = 0) has no value. Averages are over the classes and images with a value, as in nnU-Net.',
  'Over the data set: TP, FP and FN are added up over all images first.',
  'Per image: the value of each image first, then the mean over the images, class by class.',
  'The mean over classes is given twice: with the background (class 0) and without it. mIoU is the mean IoU with the background.',
];

const COUNT_CONVENTIONS: { readonly [K in CountName]: string } = {
  precision: 'Precision = TP / (TP + FP); it has no value if the class is not predicted.',
  recall: 'Recall = TP / (TP + FN); it has no value if the class is not in the truth.',
  accuracy: 'Accuracy = correct positions / labelled positions, for all classes together.',
};

const DISTANCE_CONVENTIONS: { readonly [K in DistanceName]: string } = {
  hd95: 'HD95: the larger of the two 95th percentiles, truth to prediction and prediction to truth, as in MONAI (not of both directions together, as in MedPy).',
  hd: 'HD (Hausdorff distance): the largest of all these distances.',
  assd: 'ASSD (average symmetric surface distance): the sum of these distances in both directions, divided by the number of positions of both borders.',
};

/** How to read the numbers. "Over the data set" and "per image" are the two parts of SegmentationMetrics. */
export function metricConventions({ names, unit }: RequestedMetrics): readonly string[] {
  const counted = names.filter(isCountMetric).map((name) => COUNT_CONVENTIONS[name]);
  const measured = names.flatMap((name) => (isCountMetric(name) ? [] : [DISTANCE_CONVENTIONS[name]]));
  if (measured.length === 0) return [...OVERLAP_CONVENTIONS, ...counted];
  return [
    ...OVERLAP_CONVENTIONS,
    ...counted,
    `Distances are in ${unit}. Each leads from a position of a border to the nearest position of the other border, for every class but the background. They are measured in each image, and the mean over the images is given.`,
    'The border of a class consists of its positions with a neighbour across a face (4 in 2D, 6 in 3D) that belongs to another class or lies beyond the image. An unlabelled neighbour makes no border.',
    'If a class is in the truth alone, or in the prediction alone, its distances are the diagonal of the image, so a missed class never makes a mean better. The report counts such images.',
    ...measured,
  ];
}
