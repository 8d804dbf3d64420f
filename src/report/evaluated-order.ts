import type { EvaluatedCase } from '../evaluate/evaluate-folders.js';
import { CLASS_METRICS, type ClassMetric } from '../metrics/metric-names.js';
import { badness, orderingMetric } from './metric-titles.js';

/** The metrics that the cases have, in the order of a report. */
export function measuredMetrics(cases: readonly EvaluatedCase[]): readonly ClassMetric[] {
  const values = cases[0]?.metrics?.classes[0]?.values ?? {};
  return CLASS_METRICS.filter((metric) => values[metric] !== undefined);
}

/** The number by which a case is put in order, from bad to good; undefined if it has none. */
export interface CaseScore {
  /** For people: "Dice". */
  readonly metric: ClassMetric | 'pq';
  readonly of: (one: EvaluatedCase) => number | undefined;
}

/** What tells which cases are the worst: the mean of a metric over the foreground, or the panoptic quality. */
export function scoreOf(cases: readonly EvaluatedCase[]): CaseScore {
  if (cases.some(({ objects }) => objects)) {
    return { metric: 'pq', of: ({ objects }) => objects?.panoptic.pq ?? undefined };
  }
  const metric = orderingMetric(measuredMetrics(cases));
  return { metric, of: ({ metrics }) => metrics?.foreground[metric] ?? undefined };
}

/** The indices of the cases, the worst first; those without a value last. */
export function worstFirst(cases: readonly EvaluatedCase[]): readonly number[] {
  const { metric, of } = scoreOf(cases);
  const bad = cases.map((one) => {
    const value = of(one);
    if (value === undefined) return Number.NEGATIVE_INFINITY;
    return metric === 'pq' ? 1 - value : badness(metric, value);
  });
  const order = cases.map((_, i) => i);
  return order.sort((a, b) => {
    const [first = 0, second = 0] = [bad[a], bad[b]];
    return first === second ? a - b : second > first ? 1 : -1;
  });
}
