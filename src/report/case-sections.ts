import type { EvaluatedCase, FolderEvaluation } from '../evaluate/evaluate-folders.js';
import type { NoValueReason } from '../metrics/metric-names.js';
import { isDistance } from '../metrics/metric-names.js';
import { escapeHtml } from '../view/html/escape.js';
import type { ReportSection } from '../view/html/report-section.js';
import { caseMetricsTable, confusionTable, MOST_CONFUSED } from './class-tables.js';
import { measuredMetrics, scoreOf } from './evaluated-order.js';
import { TABLE_TITLES } from './metric-titles.js';
import { matchesTable, qualityTable } from './object-tables.js';

const REASONS: Readonly<Record<NoValueReason, string>> = {
  'class-absent': 'it is neither in the truth nor in the prediction',
  'class-not-predicted': 'it is not predicted',
  'class-not-in-truth': 'it is not in the truth',
  'class-everywhere': 'it is everywhere in the truth',
  'no-border': 'all neighbours of its positions are unlabelled',
  background: 'borders of the background are not measured',
};

/** "Dice 0.4312": the number that puts a case in order. */
export function caseCaption(one: EvaluatedCase, { cases }: FolderEvaluation): string {
  const { metric, of } = scoreOf(cases);
  const title = metric === 'pq' ? 'Panoptic quality' : TABLE_TITLES[metric];
  return `${title} ${of(one)?.toFixed(4) ?? 'without a value'}`;
}

/** What stands below the title of a case's page. `place` counts from 0, the worst case. */
export function caseFacts(
  one: EvaluatedCase,
  place: number,
  found: FolderEvaluation,
): readonly (readonly [string, string])[] {
  const { metric, of } = scoreOf(found.cases);
  const title = metric === 'pq' ? 'Panoptic quality' : TABLE_TITLES[metric];
  const count = found.cases.length;
  return [
    [title, of(one)?.toFixed(4) ?? 'no value'],
    ...(count > 1 ? [['Place', `${place + 1} of ${count}, from the worst`] as const] : []),
    ...(one.part ? [['In training', one.part] as const] : []),
  ];
}

/** Why metrics of a case have no value, and which are not measured. */
function caseNotes({ metrics }: EvaluatedCase, unit: string): string {
  const notes: string[] = [];
  for (const { name, background, reasons, substituted } of metrics?.classes ?? []) {
    if (background) continue;
    for (const reason of new Set(Object.values(reasons))) {
      notes.push(`Values of ${name} are missing, because ${REASONS[reason]}.`);
    }
    if (substituted.length > 0) {
      notes.push(`Distances of ${name} are the diagonal of the image: it is in one of the masks only.`);
    }
  }
  const hasDistances = Object.keys(metrics?.classes[0]?.values ?? {}).some(
    // Keys of values are metrics.
    (metric) => isDistance(metric as keyof typeof TABLE_TITLES),
  );
  if (hasDistances) notes.push(`Distances are in ${unit}.`);
  return notes.length === 0
    ? ''
    : `<ul class="plain">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`;
}

/** The metrics of a case, for its page. */
export function caseSections(one: EvaluatedCase, found: FolderEvaluation): readonly ReportSection[] {
  const { metrics, objects } = one;
  if (objects) {
    return [
      { heading: 'Objects', html: qualityTable(objects) },
      { heading: 'Matches', html: matchesTable(objects) },
    ];
  }
  if (!metrics) return [];
  const names = metrics.classes.map(({ name }) => name);
  return [
    {
      heading: 'Metrics',
      html: caseMetricsTable(metrics, measuredMetrics([one])) + caseNotes(one, found.unit),
    },
    ...(metrics.confusion && names.length <= MOST_CONFUSED
      ? [{ heading: 'Confusion matrix', html: confusionTable(metrics.confusion, names) }]
      : []),
  ];
}
