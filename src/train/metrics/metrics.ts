import { type ClassCounts, countOutcomes, meanOf } from './class-counts.js';
import {
  type ClassValues,
  countMetric,
  isCountMetric,
  type MetricName,
  metricConventions,
  NOTHING_REQUESTED,
  overallOf,
  type RequestedMetrics,
} from './requested-metrics.js';
import { type SurfaceComparison, surfaceDistances } from './surface-distances.js';

/** Dice and IoU in [0, 1], by class and averaged; null if there is no value (see metricConventions). */
export interface OverlapScores {
  readonly dice: readonly (number | null)[];
  readonly iou: readonly (number | null)[];
  /** Over all classes, including the background (class 0). */
  readonly meanDice: number | null;
  readonly meanIou: number | null;
  /** Over all classes but the background. */
  readonly foregroundDice: number | null;
  readonly foregroundIou: number | null;
}

/** A metric that the recipe lists. */
export interface RequestedMetric {
  readonly name: MetricName;
  /** From the counts of all images together; undefined for a distance, which belongs to one image. */
  readonly overDataSet: ClassValues | undefined;
  /** The mean over the images of each class's value. */
  readonly perImage: ClassValues;
}

/** How many images have a distance, by class; 0 for the background. */
export interface SurfaceCounts {
  /** For people: "mm". */
  readonly unit: string;
  readonly measured: readonly number[];
  /** Images with a border of the class in the truth alone, or in the prediction alone: these have no distance. */
  readonly onlyOne: readonly number[];
}

export interface SegmentationMetrics {
  readonly images: number;
  /** Added up over all images. */
  readonly counts: ClassCounts;
  /** From the counts of all images together. */
  readonly overDataSet: OverlapScores;
  /** The mean over the images of each class's value, and the mean over classes of these. */
  readonly perImage: OverlapScores;
  /** Metrics besides Dice and IoU. */
  readonly requested: readonly RequestedMetric[];
  /** Undefined if no distances were measured. */
  readonly surfaces: SurfaceCounts | undefined;
  /** How to read the numbers: see metricConventions. */
  readonly conventions: readonly string[];
}

function scoresOf(dice: readonly (number | null)[], iou: readonly (number | null)[]): OverlapScores {
  return {
    dice,
    iou,
    meanDice: meanOf(dice),
    meanIou: meanOf(iou),
    foregroundDice: meanOf(dice.slice(1)),
    foregroundIou: meanOf(iou.slice(1)),
  };
}

/** Dice and IoU from counts. */
export function overlapScores({ truePositives, falsePositives, falseNegatives }: ClassCounts): OverlapScores {
  const dice: (number | null)[] = [];
  const iou: (number | null)[] = [];
  for (const [k, tp] of truePositives.entries()) {
    const wrong = (falsePositives[k] ?? 0) + (falseNegatives[k] ?? 0);
    const any = tp + wrong > 0;
    dice.push(any ? (2 * tp) / (2 * tp + wrong) : null);
    iou.push(any ? tp / (tp + wrong) : null);
  }
  return scoresOf(dice, iou);
}

/** The size and the spacing of an image, for metrics that measure distances. */
export interface ImageGeometry {
  /** (...spatial). */
  readonly shape: readonly number[];
  /** In the unit of the requested metrics. */
  readonly spacing: readonly number[];
}

interface ImageFindings {
  readonly counts: ClassCounts;
  /** By class; undefined for the background, and if no distances are measured. */
  readonly surfaces: readonly (SurfaceComparison | undefined)[];
}

/** Collects the results of images, one after the other. It keeps a few numbers per class and image, but no map. */
export class MetricsCollector {
  private readonly all: ImageFindings[] = [];
  private readonly measures: boolean;

  constructor(
    readonly classes: number,
    readonly requests: RequestedMetrics = NOTHING_REQUESTED,
  ) {
    this.measures = requests.names.some((name) => !isCountMetric(name));
  }

  /** Adds an image: see countOutcomes. Distances need its geometry. */
  add(predicted: Uint16Array, truth: Uint16Array, geometry?: ImageGeometry): void {
    const { classes, measures } = this;
    if (measures && !geometry) throw new Error('distances need the shape and the spacing of an image');
    const surfaces = Array.from({ length: classes }, (_, k) =>
      measures && geometry && k > 0
        ? surfaceDistances(predicted, truth, k, geometry.shape, geometry.spacing)
        : undefined,
    );
    this.all.push({ counts: countOutcomes(predicted, truth, classes), surfaces });
  }

  result(): SegmentationMetrics {
    const classes = Array.from({ length: this.classes }, (_, k) => k);
    const total = (key: keyof ClassCounts) =>
      classes.map((k) => this.all.reduce((sum, { counts }) => sum + (counts[key][k] ?? 0), 0));
    const counts = {
      truePositives: total('truePositives'),
      falsePositives: total('falsePositives'),
      falseNegatives: total('falseNegatives'),
    };
    const each = this.all.map((image) => overlapScores(image.counts));
    const overImages = (key: 'dice' | 'iou') =>
      classes.map((k) => meanOf(each.map((scores) => scores[key][k] ?? null)));
    return {
      images: this.all.length,
      counts,
      overDataSet: overlapScores(counts),
      perImage: scoresOf(overImages('dice'), overImages('iou')),
      requested: this.requests.names.map((name) => this.requested(name, counts)),
      surfaces: this.measures ? this.surfaceCounts() : undefined,
      conventions: metricConventions(this.requests),
    };
  }

  private requested(name: MetricName, total: ClassCounts): RequestedMetric {
    const each = this.all.map((image): ClassValues => {
      if (isCountMetric(name)) return countMetric(name, image.counts);
      const byClass = image.surfaces.map((found) => (typeof found === 'object' ? found[name] : null));
      return { byClass, overall: overallOf(byClass) };
    });
    const byClass = (each[0]?.byClass ?? []).map((_, k) => meanOf(each.map((one) => one.byClass[k] ?? null)));
    const overall = name === 'accuracy' ? meanOf(each.map((one) => one.overall)) : overallOf(byClass);
    const overDataSet = isCountMetric(name) ? countMetric(name, total) : undefined;
    return { name, overDataSet, perImage: { byClass, overall } };
  }

  private surfaceCounts(): SurfaceCounts {
    const count = (wanted: (found: SurfaceComparison | undefined) => boolean) =>
      Array.from(
        { length: this.classes },
        (_, k) => this.all.filter(({ surfaces }) => wanted(surfaces[k])).length,
      );
    return {
      unit: this.requests.unit,
      measured: count((found) => typeof found === 'object'),
      onlyOne: count((found) => found === 'only one border'),
    };
  }
}
