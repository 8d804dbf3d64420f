import type { CaseMetrics, ClassMetrics, Presence } from './case-metrics.js';
import {
  accuracyOf,
  addConfusions,
  type ClassCounts,
  type ConfusionMatrix,
  sumOfCounts,
} from './confusion.js';
import {
  CLASS_METRICS,
  type ClassMetric,
  type MetricValues,
  meanOf,
  OVERLAP_METRICS,
  overlapMetric,
} from './metric-names.js';
import { type Statistic, statisticOf } from './statistic.js';

/** A class over all cases. Everything is JSON. */
export interface ClassSummary {
  readonly name: string;
  readonly background: boolean;
  /** Added up over the cases. */
  readonly counts: ClassCounts;
  readonly volumes: { readonly truth: number; readonly prediction: number };
  /** How many cases have the class where; `neither` counts those without a value. */
  readonly presence: Readonly<Record<Presence, number>>;
  /** Metrics of counts and volumes, from the sums over all cases. Metrics of borders belong to a case. */
  readonly pooled: MetricValues;
  /** Metrics of each case first, then over the cases. */
  readonly perCase: Readonly<Partial<Record<ClassMetric, Statistic>>>;
}

/** Means over classes of what ClassSummary has. */
export interface OverallValues {
  readonly pooled: MetricValues;
  /** The mean over the classes of each class's mean over the cases. */
  readonly perCase: MetricValues;
}

/** What all cases together give. Everything is JSON. */
export interface MetricsSummary {
  readonly cases: number;
  readonly classes: readonly ClassSummary[];
  /** Over all classes but the background. */
  readonly foreground: OverallValues;
  /** Over all classes, with the background: the pooled IoU is the mIoU. */
  readonly all: OverallValues;
  /** Of all labelled positions together, and the mean over the cases. */
  readonly accuracy: { readonly pooled: number | null; readonly perCase: number | null };
  /** Added up over the cases; null if a case has none. */
  readonly confusion: ConfusionMatrix | null;
}

/** The summary of cases that were measured with the same classes and metrics. See MetricsAccumulator. */
export function summarize(cases: Iterable<CaseMetrics>): MetricsSummary {
  const accumulator = new MetricsAccumulator();
  for (const one of cases) accumulator.add(one);
  return accumulator.result();
}

/** Collects cases, one after the other. It keeps a few numbers of each case and class, but no map. */
export class MetricsAccumulator {
  private readonly byClass: ClassMetrics[][] = [];
  private readonly accuracies: (number | null)[] = [];
  private confusion: ConfusionMatrix | null | undefined;

  add({ classes, accuracy, confusion }: CaseMetrics): void {
    if (this.accuracies.length > 0 && classes.length !== this.byClass.length) {
      throw new Error(`a case of ${classes.length} classes after cases of ${this.byClass.length}`);
    }
    for (const [k, one] of classes.entries()) {
      const own = this.byClass[k];
      if (own) own.push(one);
      else this.byClass[k] = [one];
    }
    this.accuracies.push(accuracy);
    if (this.confusion === undefined) this.confusion = confusion;
    else this.confusion = this.confusion && confusion && addConfusions(this.confusion, confusion);
  }

  result(): MetricsSummary {
    const classes = this.byClass.map(classSummary);
    const confusion = this.confusion ?? null;
    return {
      cases: this.accuracies.length,
      classes,
      foreground: overall(classes.filter(({ background }) => !background)),
      all: overall(classes),
      accuracy: {
        pooled: confusion && accuracyOf(confusion),
        perCase: meanOf(this.accuracies),
      },
      confusion,
    };
  }
}

/** The metrics that were measured, in the order of a report. */
function measured(
  values: Readonly<Partial<Record<ClassMetric, unknown>>> | undefined,
): readonly ClassMetric[] {
  return CLASS_METRICS.filter((metric) => values?.[metric] !== undefined);
}

function classSummary(cases: readonly ClassMetrics[]): ClassSummary {
  const [first] = cases;
  const counts = sumOfCounts(cases.map((one) => one.counts));
  const sum = (of: 'truth' | 'prediction') => cases.reduce((total, { volumes }) => total + volumes[of], 0);
  const volumes = { truth: sum('truth'), prediction: sum('prediction') };
  const count = (presence: Presence) => cases.filter((one) => one.presence === presence).length;
  const metrics = measured(first?.values);
  return {
    name: first?.name ?? '',
    background: first?.background ?? false,
    ...{ counts, volumes },
    presence: {
      ...{ both: count('both'), truth: count('truth') },
      ...{ prediction: count('prediction'), neither: count('neither') },
    },
    pooled: pooledValues(metrics, counts, volumes),
    perCase: Object.fromEntries(
      metrics.map((metric) => {
        const values = cases.map((one) => one.values[metric] ?? null);
        const substituted = cases.filter((one) => one.substituted.includes(metric)).length;
        return [metric, statisticOf(values, substituted, metric.endsWith('volume_difference'))];
      }),
    ),
  };
}

function pooledValues(
  metrics: readonly ClassMetric[],
  counts: ClassCounts,
  volumes: ClassSummary['volumes'],
): MetricValues {
  const difference = volumes.prediction - volumes.truth;
  const absent = volumes.prediction + volumes.truth === 0;
  const found: Partial<Record<ClassMetric, number | null>> = {};
  for (const metric of OVERLAP_METRICS) {
    if (!metrics.includes(metric)) continue;
    const value = overlapMetric(metric, counts);
    found[metric] = typeof value === 'number' ? value : null;
  }
  if (metrics.includes('volume_difference')) found.volume_difference = absent ? null : difference;
  if (metrics.includes('relative_volume_difference')) {
    found.relative_volume_difference = volumes.truth === 0 ? null : difference / volumes.truth;
  }
  return found;
}

function overall(classes: readonly ClassSummary[]): OverallValues {
  const [first] = classes;
  const mean = (
    metrics: readonly ClassMetric[],
    of: (one: ClassSummary, metric: ClassMetric) => number | null,
  ) => Object.fromEntries(metrics.map((metric) => [metric, meanOf(classes.map((one) => of(one, metric)))]));
  return {
    pooled: mean(measured(first?.pooled), ({ pooled }, metric) => pooled[metric] ?? null),
    perCase: mean(measured(first?.perCase), ({ perCase }, metric) => perCase[metric]?.mean ?? null),
  };
}
