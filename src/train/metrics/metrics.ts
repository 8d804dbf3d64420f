import { plainClasses } from '../../metrics/case-metrics.js';
import type { ClassCounts } from '../../metrics/confusion.js';
import { evaluateCase } from '../../metrics/evaluate-case.js';
import type { ClassMetric } from '../../metrics/metric-names.js';
import { MetricsAccumulator, type MetricsSummary, type OverallValues } from '../../metrics/summarize.js';
import {
  type ClassValues,
  isCountMetric,
  type MetricName,
  metricConventions,
  NOTHING_REQUESTED,
  type RequestedMetrics,
} from './requested-metrics.js';

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
  /** Images with the class in the truth alone, or in the prediction alone: their distance is the diagonal. */
  readonly onlyOne: readonly number[];
}

export interface SegmentationMetrics {
  readonly images: number;
  /** By class, added up over all images. */
  readonly counts: readonly ClassCounts[];
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

/** The size and the spacing of an image, for metrics that measure distances. */
export interface ImageGeometry {
  /** (...spatial). */
  readonly shape: readonly number[];
  /** In the unit of the requested metrics. */
  readonly spacing: readonly number[];
}

/** Where a summary has the values of a class and their means: over the data set, or per image. */
type Part = keyof OverallValues;

/** Collects the results of images, one after the other. It keeps a few numbers per class and image, but no map. */
export class MetricsCollector {
  private readonly all = new MetricsAccumulator();
  private readonly metrics: readonly ClassMetric[];
  private readonly measures: boolean;

  constructor(
    readonly classes: number,
    readonly requests: RequestedMetrics = NOTHING_REQUESTED,
  ) {
    this.measures = requests.names.some((name) => !isCountMetric(name));
    this.metrics = ['dice', 'iou', ...requests.names.filter((name) => name !== 'accuracy')];
  }

  /**
   * Adds an image. `predicted` and `truth` are (...spatial), with classes 0 .. classes - 1. Positions whose truth is IGNORED
   * are not counted. Distances need the geometry of the image.
   */
  add(predicted: Uint16Array, truth: Uint16Array, geometry?: ImageGeometry): void {
    if (this.measures && !geometry) throw new Error('distances need the shape and the spacing of an image');
    const measured = evaluateCase(truth, predicted, {
      shape: geometry?.shape ?? [truth.length],
      spacing: geometry?.spacing,
      classes: plainClasses(Array.from({ length: this.classes }, (_, k) => String(k))),
      metrics: this.metrics,
    });
    this.all.add(measured);
  }

  result(): SegmentationMetrics {
    const summary = this.all.result();
    return {
      images: summary.cases,
      counts: summary.classes.map(({ counts }) => counts),
      overDataSet: this.scores(summary, 'pooled'),
      perImage: this.scores(summary, 'perCase'),
      requested: this.requests.names.map((name) => this.requested(summary, name)),
      surfaces: this.measures ? this.surfaceCounts(summary) : undefined,
      conventions: metricConventions(this.requests),
    };
  }

  /** The values of a metric by class; null for a class of which no image was added. */
  private byClass({ classes }: MetricsSummary, metric: ClassMetric, part: Part): (number | null)[] {
    return Array.from({ length: this.classes }, (_, k) => {
      const one = classes[k];
      return (part === 'pooled' ? one?.pooled[metric] : one?.perCase[metric]?.mean) ?? null;
    });
  }

  private scores(summary: MetricsSummary, part: Part): OverlapScores {
    const { all, foreground } = summary;
    return {
      dice: this.byClass(summary, 'dice', part),
      iou: this.byClass(summary, 'iou', part),
      meanDice: all[part].dice ?? null,
      meanIou: all[part].iou ?? null,
      foregroundDice: foreground[part].dice ?? null,
      foregroundIou: foreground[part].iou ?? null,
    };
  }

  private requested(summary: MetricsSummary, name: MetricName): RequestedMetric {
    const values = (part: Part): ClassValues =>
      name === 'accuracy'
        ? { byClass: [], overall: summary.accuracy[part] }
        : {
            byClass: this.byClass(summary, name, part),
            overall: summary.foreground[part][name] ?? null,
          };
    return {
      name,
      overDataSet: isCountMetric(name) ? values('pooled') : undefined,
      perImage: values('perCase'),
    };
  }

  private surfaceCounts({ classes }: MetricsSummary): SurfaceCounts {
    const name = this.requests.names.find((one) => !isCountMetric(one));
    const found = Array.from({ length: this.classes }, (_, k) =>
      name ? classes[k]?.perCase[name] : undefined,
    );
    return {
      unit: this.requests.unit,
      measured: found.map((one) => (one ? one.cases - one.substituted : 0)),
      onlyOne: found.map((one) => one?.substituted ?? 0),
    };
  }
}
