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

/** Dice and IoU in [0, 1], by class and averaged; null where there is no value (see METRIC_CONVENTIONS). */
export interface OverlapScores {
  readonly dice: readonly (number | null)[];
  readonly iou: readonly (number | null)[];
  /** Over all classes, the background (class 0) among them. */
  readonly meanDice: number | null;
  readonly meanIou: number | null;
  /** Over all classes but the background. */
  readonly foregroundDice: number | null;
  readonly foregroundIou: number | null;
}

/** A metric that was asked for. */
export interface RequestedMetric {
  readonly name: MetricName;
  /** From the counts of all images together; undefined of a distance, which is of one image. */
  readonly overDataSet: ClassValues | undefined;
  /** The mean over the images of each class's value. */
  readonly perImage: ClassValues;
}

/** In how many images there are distances, by class; 0 of the background. */
export interface SurfaceCounts {
  /** For people: "mm". */
  readonly unit: string;
  readonly measured: readonly number[];
  /** The class has a border in the truth or in the prediction alone: there is no distance. */
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
  /** What was asked for beyond Dice and IoU. */
  readonly requested: readonly RequestedMetric[];
  /** Where distances were asked for. */
  readonly surfaces: SurfaceCounts | undefined;
  /** metricConventions, to go with the numbers wherever they go. */
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

/** Dice and IoU of counts. */
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

/** An image's size and the distances of its positions, for metrics that measure these. */
export interface ImagePlace {
  /** (...spatial). */
  readonly shape: readonly number[];
  /** In the unit of the requests. */
  readonly spacing: readonly number[];
}

interface ImageFindings {
  readonly counts: ClassCounts;
  /** By class; undefined of the background, and where no distance is asked for. */
  readonly surfaces: readonly (SurfaceComparison | undefined)[];
}

/** Collects what images come to, one after the other; it keeps a few numbers a class and image, and no map. */
export class MetricsCollector {
  private readonly all: ImageFindings[] = [];
  private readonly measures: boolean;

  constructor(
    readonly classes: number,
    readonly requests: RequestedMetrics = NOTHING_REQUESTED,
  ) {
    this.measures = requests.names.some((name) => !isCountMetric(name));
  }

  /** Adds an image, as countClasses takes it; `place` says how its positions lie, where distances are asked for. */
  add(predicted: Uint8Array, truth: Uint8Array, place?: ImagePlace): void {
    const { classes, measures } = this;
    if (measures && !place) throw new Error('distances need the shape and the spacing of an image');
    const surfaces = Array.from({ length: classes }, (_, k) =>
      measures && place && k > 0
        ? surfaceDistances(predicted, truth, k, place.shape, place.spacing)
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
