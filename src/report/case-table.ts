import type { EvaluatedCase } from '../evaluate/evaluate-folders.js';
import type { ClassMetric } from '../metrics/metric-names.js';
import { type SortableCell, type SortableColumn, sortableTable } from '../view/html/table.js';
import { caseCell, type PageOf } from './class-tables.js';
import { measuredMetrics } from './evaluated-order.js';
import { decimalsFor, TABLE_TITLES } from './metric-titles.js';

/** Classes beyond these have no column of their own: a table of so many is read on the page of a case. */
const MOST_CLASSES = 8;
/** What few people look for first: on the page of a case, and in metrics.csv. */
const LEFT_OUT: readonly ClassMetric[] = [
  'specificity',
  'volume_difference',
  'relative_volume_difference',
  'hd',
];

/** Which classes a case lacks: words to filter by. */
function remarksOf({ metrics }: EvaluatedCase): string {
  const of = (presence: 'truth' | 'prediction') =>
    (metrics?.classes ?? []).filter((one) => !one.background && one.presence === presence);
  return [
    ...of('truth').map(({ name }) => `${name} missed`),
    ...of('prediction').map(({ name }) => `${name} invented`),
    ...(metrics?.labelled === 0 ? ['nothing labelled'] : []),
  ].join(', ');
}

function classColumns(cases: readonly EvaluatedCase[], metrics: readonly ClassMetric[]) {
  const classes = cases[0]?.metrics?.classes ?? [];
  const shown = classes.flatMap(({ name, background }, index) => (background ? [] : [{ name, index }]));
  const [metric] = metrics;
  return metric === undefined || shown.length < 2 || shown.length > MOST_CLASSES
    ? []
    : shown.map(({ name, index }) => ({ name: `${TABLE_TITLES[metric]} of ${name}`, index, metric }));
}

/** All cases, in the order in which they are passed, with the means over the foreground. */
export function casesTable(cases: readonly EvaluatedCase[], pageOf: PageOf): string {
  const all = measuredMetrics(cases);
  const few = all.filter((metric) => !LEFT_OUT.includes(metric));
  const metrics = few.length > 0 ? few : all;
  const byClass = classColumns(cases, metrics);
  const hasParts = cases.some(({ part }) => part);
  const columns: SortableColumn[] = [
    { name: 'Case' },
    ...(hasParts ? [{ name: 'In training' }] : []),
    ...metrics.map((metric) => ({ name: TABLE_TITLES[metric], decimals: decimalsFor(metric) })),
    ...byClass.map(({ name, metric }) => ({ name, decimals: decimalsFor(metric) })),
    { name: 'Remarks' },
  ];
  const rows = cases.map((one): SortableCell[] => [
    caseCell(one, pageOf),
    ...(hasParts ? [one.part] : []),
    ...metrics.map((metric) => one.metrics?.foreground[metric] ?? undefined),
    ...byClass.map(({ index, metric }) => one.metrics?.classes[index]?.values[metric] ?? undefined),
    remarksOf(one),
  ]);
  return sortableTable({ id: 'cases', caption: 'The metrics of each case', columns, rows });
}
