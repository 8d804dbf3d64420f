import { type ClassMetric, isDistance } from '../metrics/metric-names.js';

/** The metrics as tables name them. */
export const TABLE_TITLES: Readonly<Record<ClassMetric, string>> = {
  dice: 'Dice',
  iou: 'IoU',
  recall: 'Recall',
  precision: 'Precision',
  specificity: 'Specificity',
  volume_difference: 'Volume diff.',
  relative_volume_difference: 'Rel. volume diff.',
  hd: 'HD',
  hd95: 'HD95',
  assd: 'ASSD',
  nsd: 'NSD',
  boundary_iou: 'Boundary IoU',
};

export function isDifference(metric: ClassMetric): boolean {
  return metric === 'volume_difference' || metric === 'relative_volume_difference';
}

/** How bad a value is: 0 is perfect. */
export function badness(metric: ClassMetric, value: number): number {
  if (isDifference(metric)) return Math.abs(value);
  return isDistance(metric) ? value : 1 - value;
}

/** What cases are put in order by: the first of these that is measured. */
const ORDER: readonly ClassMetric[] = [
  'dice',
  'iou',
  'nsd',
  'boundary_iou',
  'recall',
  'precision',
  'hd95',
  'hd',
  'assd',
  'relative_volume_difference',
  'volume_difference',
  'specificity',
];

/** The metric that says which cases are the worst. */
export function orderingMetric(measured: readonly ClassMetric[]): ClassMetric {
  return ORDER.find((metric) => measured.includes(metric)) ?? 'dice';
}

/** The decimals of a metric in tables. */
export function decimalsFor(metric: ClassMetric): number {
  return isDistance(metric) || metric === 'volume_difference' ? 2 : 4;
}
