import { elementCount } from '../ir/parameter.js';
import type { CaseMetrics, ClassMetrics, EvaluatedClass } from './case-metrics.js';
import { accuracyOf, type ConfusionMatrix } from './confusion.js';
import { IGNORED } from './ignored.js';
import { type ImageGrid, type Maps, mapsOf, measureClass } from './measure-class.js';
import { CLASS_METRICS, type ClassMetric, meanOf } from './metric-names.js';

/**
 * A segmentation, (...spatial): a label for each position, or, where classes overlap, a mask for each class, in which every
 * number but 0 belongs to the class.
 */
export type Segmentation = Uint16Array | readonly Uint8Array[];

export interface CaseOptions {
  /** (...spatial); 2D, 3D and every other number of axes are the same. */
  readonly shape: readonly number[];
  readonly classes: readonly EvaluatedClass[];
  /** The distance of neighbours along each axis, in any unit; positions when left out. */
  readonly spacing?: readonly number[] | undefined;
  /** What to measure; when left out, all but specificity, and `nsd` only with a tolerance. */
  readonly metrics?: readonly ClassMetric[] | undefined;
  /** For `nsd`, in the unit of the spacing: one for all classes, or one for each. */
  readonly tolerance?: number | readonly number[] | undefined;
  /** For `boundary_iou`: the width of the boundary, as a part of the diagonal; 0.02 when left out. */
  readonly boundaryRatio?: number | undefined;
  /** (...spatial): every number but 0 marks a position that nobody labelled, besides those whose label in the truth is IGNORED. */
  readonly ignored?: Uint8Array | undefined;
}

/** What is measured of each class, in the order of CLASS_METRICS. */
function metricsToMeasure({ metrics, tolerance }: CaseOptions): readonly ClassMetric[] {
  if (metrics?.includes('nsd') && tolerance === undefined) throw new Error('nsd needs a tolerance');
  return CLASS_METRICS.filter((metric) => {
    if (metrics) return metrics.includes(metric);
    return metric === 'nsd' ? tolerance !== undefined : metric !== 'specificity';
  });
}

/**
 * Measures a prediction against its truth, class by class. Positions whose label in the truth is IGNORED count nowhere.
 * docs/metrics.md defines every metric. A caller must map both segmentations to the labels of the classes first: a label
 * above the largest label of all classes is a bug, and throws.
 *
 * Axes of size 1 are left out, so a flat volume is measured as an image.
 */
export function evaluateCase(
  truth: Segmentation,
  predicted: Segmentation,
  options: CaseOptions,
): CaseMetrics {
  const { shape, classes, ignored } = options;
  const spacing = options.spacing ?? shape.map(() => 1);
  const metrics = metricsToMeasure(options);
  if (spacing.length !== shape.length) throw new Error('a spacing has one number for each axis');
  for (const length of [truth, predicted].flatMap(lengthsOf)) {
    const wanted = elementCount(shape);
    if (length !== wanted) throw new Error(`a segmentation of ${length} positions, and a shape of ${wanted}`);
  }
  const axes = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  // The size and the spacing of each axis, which exist.
  const grid: ImageGrid = {
    shape: axes.map((axis) => shape[axis] ?? 1),
    spacing: axes.map((axis) => spacing[axis] ?? 1),
    diagonal: Math.hypot(...axes.map((axis) => (shape[axis] ?? 1) * (spacing[axis] ?? 1))),
    voxel: elementCount(spacing),
  };
  const measure = (maps: Maps, members: readonly number[], one: EvaluatedClass, k: number) =>
    measureClass(
      maps,
      members,
      { ...options, metrics, name: one.name, background: one.background ?? false, k },
      grid,
    );
  if (truth instanceof Uint16Array && predicted instanceof Uint16Array) {
    const known = ignored ? truth.map((label, i) => (ignored[i] === 0 ? label : IGNORED)) : truth;
    const labels = 1 + classes.reduce((most, one) => Math.max(most, ...one.labels), 0);
    const maps = mapsOf(known, predicted, labels, grid);
    const measured = classes.map((one, k) => measure(maps, one.labels, one, k));
    return caseOf(measured, shape, spacing, metrics, maps.confusion);
  }
  const measured = classes.map((one, k) => {
    const maps = mapsOf(maskOf(truth, one, k, ignored), maskOf(predicted, one, k), 2, grid);
    return measure(maps, [1], one, k);
  });
  return caseOf(measured, shape, spacing, metrics, undefined);
}

function caseOf(
  classes: readonly ClassMetrics[],
  shape: readonly number[],
  spacing: readonly number[],
  metrics: readonly ClassMetric[],
  confusion: ConfusionMatrix | undefined,
): CaseMetrics {
  const foreground = classes.filter((one) => !one.background);
  const [first] = classes;
  return {
    shape,
    spacing,
    labelled: first ? Object.values(first.counts).reduce((sum: number, count: number) => sum + count, 0) : 0,
    classes,
    foreground: Object.fromEntries(
      metrics.map((metric) => [metric, meanOf(foreground.map(({ values }) => values[metric] ?? null))]),
    ),
    accuracy: confusion ? accuracyOf(confusion) : null,
    confusion: confusion ?? null,
  };
}

function lengthsOf(segmentation: Segmentation): readonly number[] {
  return segmentation instanceof Uint16Array
    ? [segmentation.length]
    : segmentation.map(({ length }) => length);
}

/** A class as a map of the labels 0 and 1. */
function maskOf(
  segmentation: Segmentation,
  { labels }: EvaluatedClass,
  k: number,
  ignored?: Uint8Array,
): Uint16Array {
  const mask = new Uint16Array(
    segmentation instanceof Uint16Array ? segmentation.length : (segmentation[k]?.length ?? 0),
  );
  if (segmentation instanceof Uint16Array) {
    const members = new Uint16Array(IGNORED + 1);
    for (const label of labels) members[label] = 1;
    members[IGNORED] = IGNORED;
    for (let i = 0; i < mask.length; i++) mask[i] = members[segmentation[i] ?? 0] ?? 0;
  } else {
    const own = segmentation[k];
    for (let i = 0; i < mask.length; i++) mask[i] = own?.[i] ? 1 : 0;
  }
  if (ignored) for (let i = 0; i < mask.length; i++) if (ignored[i] !== 0) mask[i] = IGNORED;
  return mask;
}
