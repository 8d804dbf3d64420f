import type { EvaluatedCase, FolderEvaluation } from '../evaluate/evaluate-folders.js';
import type { CaseMetrics } from '../metrics/case-metrics.js';
import type { ConfusionMatrix } from '../metrics/confusion.js';
import type { ClassMetric } from '../metrics/metric-names.js';
import type { MetricsSummary } from '../metrics/summarize.js';
import { escapeHtml } from '../view/html/escape.js';
import { linkHtml } from '../view/html/link-list.js';
import { plainTable } from '../view/html/plain-table.js';
import { type SortableCell, sortableTable } from '../view/html/table.js';
import { measuredMetrics } from './evaluated-order.js';
import { badness, decimalsFor, TABLE_TITLES } from './metric-titles.js';

/** The page of a case, as an address; undefined if it has none. */
export type PageOf = (one: EvaluatedCase) => string | undefined;

/** Matrices of more classes are left out. */
export const MOST_CONFUSED = 32;

const FOREGROUND = 'foreground mean';

/** Each class in a row: the mean of each metric over the cases. */
export function meansTable(summary: MetricsSummary, metrics: readonly ClassMetric[], id: string): string {
  const shown = summary.classes.filter(({ background }) => !background);
  const rows = shown.map(({ name, perCase, presence }): SortableCell[] => [
    name,
    ...metrics.map((metric) => perCase[metric]?.mean ?? undefined),
    presence.both + presence.truth,
    presence.truth,
    presence.prediction,
  ]);
  const overall: SortableCell[] = [
    FOREGROUND,
    ...metrics.map((metric) => summary.foreground.perCase[metric] ?? undefined),
  ];
  return sortableTable({
    ...{ id, caption: 'The mean of each metric over the cases, by class' },
    columns: [
      { name: 'Class' },
      ...metrics.map((metric) => ({ name: TABLE_TITLES[metric], decimals: decimalsFor(metric) })),
      { name: 'In the truth', decimals: 0 },
      { name: 'Missed', decimals: 0 },
      { name: 'Invented', decimals: 0 },
    ],
    rows: shown.length > 1 ? [...rows, overall] : rows,
    isFiltered: rows.length > 12,
  });
}

/** The case with the worst value of a class, and the value. */
function worstOf(
  cases: readonly EvaluatedCase[],
  index: number,
  metric: ClassMetric,
): { readonly one: EvaluatedCase; readonly value: number } | undefined {
  let worst: { readonly one: EvaluatedCase; readonly value: number } | undefined;
  for (const one of cases) {
    const value = one.metrics?.classes[index]?.values[metric];
    if (value === undefined || value === null) continue;
    if (worst === undefined || badness(metric, value) > badness(metric, worst.value)) worst = { one, value };
  }
  return worst;
}

/** Each metric of each class in a row: its mean, median and worst value over the cases, and that of all together. */
export function statisticsTable({ cases, summary }: FolderEvaluation, pageOf: PageOf): string {
  const metrics = measuredMetrics(cases);
  const rows = (summary?.classes ?? []).flatMap(({ name, background, perCase, pooled }, index) =>
    background
      ? []
      : metrics.map((metric): SortableCell[] => {
          const statistic = perCase[metric];
          const worst = worstOf(cases, index, metric);
          const number = (value: number | null | undefined) =>
            value === null || value === undefined
              ? undefined
              : { html: value.toFixed(decimalsFor(metric)), sortBy: value };
          return [
            name,
            TABLE_TITLES[metric],
            number(statistic?.mean),
            number(statistic?.median),
            number(worst?.value),
            worst && caseCell(worst.one, pageOf),
            number(pooled[metric]),
            statistic?.cases ?? 0,
          ];
        }),
  );
  return sortableTable({
    ...{ id: 'statistics', caption: 'Mean, median and worst value of each metric of each class' },
    columns: [
      { name: 'Class' },
      { name: 'Metric' },
      { name: 'Mean', decimals: 4 },
      { name: 'Median', decimals: 4 },
      { name: 'Worst', decimals: 4 },
      { name: 'Worst case' },
      { name: 'Pooled', decimals: 4 },
      { name: 'Cases', decimals: 0 },
    ],
    rows,
  });
}

/** The name of a case, with a link to its page where it has one. */
export function caseCell(one: EvaluatedCase, pageOf: PageOf): SortableCell {
  const href = pageOf(one);
  return href === undefined ? one.name : { html: linkHtml({ text: one.name, href }) };
}

/** How many positions of each true class have each predicted class, and their share of the true class. */
export function confusionTable(matrix: ConfusionMatrix, names: readonly string[]): string {
  const rows = matrix.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return [
      escapeHtml(names[label] ?? ''),
      ...row.map((count) => {
        const share =
          total === 0 ? '' : `<br><span class="share">${((100 * count) / total).toFixed(1)} %</span>`;
        return `${count.toLocaleString('en-US')}${share}`;
      }),
    ];
  });
  return plainTable({
    caption: 'Positions by true class (rows) and predicted class (columns)',
    heads: ['true class', ...matrix.map((_, k) => `predicted ${names[k] ?? ''}`)],
    rows,
  });
}

/** The metrics of a case: a row for each class but the background. */
export function caseMetricsTable({ classes }: CaseMetrics, metrics: readonly ClassMetric[]): string {
  const rows = classes.flatMap(({ name, background, values, volumes }): SortableCell[][] =>
    background
      ? []
      : [[name, ...metrics.map((metric) => values[metric] ?? undefined), volumes.truth, volumes.prediction]],
  );
  return sortableTable({
    ...{ id: 'metrics', caption: 'The metrics of each class' },
    columns: [
      { name: 'Class' },
      ...metrics.map((metric) => ({ name: TABLE_TITLES[metric], decimals: decimalsFor(metric) })),
      { name: 'True volume', decimals: 0 },
      { name: 'Predicted volume', decimals: 0 },
    ],
    rows,
    isFiltered: rows.length > 12,
  });
}
