import type { EvaluatedCase, FolderEvaluation } from '../../evaluate/evaluate-folders.js';
import { CLASS_METRICS, isDistance } from '../../metrics/metric-names.js';
import type { ObjectSummary } from '../../metrics/objects/evaluate-objects.js';
import type { MetricsSummary } from '../../metrics/summarize.js';
import { countText } from './output.js';
import { tableText } from './text-table.js';

const text = (value: number | null | undefined, digits = 4) =>
  value === null || value === undefined ? '-' : value.toFixed(digits);

const PARTS = {
  validation: 'validation images of the run',
  new: 'images that the run did not have',
  training: 'images that the run was trained on',
} as const;

/** What an evaluation found, for people. */
export function evaluationLines({
  cases,
  unit,
  summary,
  objects,
  parts,
}: FolderEvaluation): readonly string[] {
  if (objects) return objectLines(objects, cases.length);
  if (!summary) return [];
  const names = ['validation', 'new', 'training'] as const;
  if (parts) {
    return names.flatMap((name) => {
      const own = parts[name];
      return own ? [`${PARTS[name]}:`, ...summaryLines(own, unit)] : [];
    });
  }
  return summaryLines(summary, unit);
}

function imagesText(count: number): string {
  return `${countText(count)} image${count === 1 ? '' : 's'}`;
}

function objectLines({ pooled }: ObjectSummary, cases: number): readonly string[] {
  const { cells, panoptic } = pooled;
  return [
    `${imagesText(cases)}, objects of all together:`,
    ...pooled.matches.map(({ iou, f1 }) => `F1 at IoU ${iou.toFixed(2)}: ${text(f1)}`),
    `mean F1: ${text(pooled.meanF1)}`,
    `panoptic quality: ${text(panoptic.pq)} (segmentation ${text(panoptic.sq)}, recognition ${text(panoptic.rq)})`,
    `lost ${cells.lost}, added ${cells.added}, merged ${cells.merged}, split ${cells.split}`,
  ];
}

/** A table of the classes, each metric as the mean over the images. */
function summaryLines(summary: MetricsSummary, unit: string): readonly string[] {
  const shown = CLASS_METRICS.filter((metric) =>
    summary.classes.some(
      ({ perCase, pooled }) => perCase[metric] !== undefined || pooled[metric] !== undefined,
    ),
  );
  const rows = summary.classes
    .filter(({ background }) => !background)
    .map(({ name, perCase }) => [name, ...shown.map((metric) => text(perCase[metric]?.mean))]);
  const overall = [
    'mean of the foreground',
    ...shown.map((metric) => text(summary.foreground.perCase[metric])),
  ];
  const columns = [
    { title: 'class', align: 'left' as const },
    ...shown.map((metric) => ({ title: metric, align: 'right' as const })),
  ];
  const distances = shown.some(isDistance) ? `, distances in ${unit}` : '';
  return [
    `${imagesText(summary.cases)}, the mean over the images${distances}:`,
    tableText(columns, [...rows, overall], 'text'),
    `Dice of all images together: ${text(summary.foreground.pooled.dice)}`,
  ];
}

/** A row for each class of each case, or for each case with objects. */
export function evaluationCsv(found: FolderEvaluation): string {
  return found.objects ? objectsCsv(found) : classesCsv(found);
}

function classesCsv({ cases }: FolderEvaluation): string {
  const hasParts = cases.some(({ part }) => part);
  const titles = ['case', 'class', 'presence', ...(hasParts ? ['part'] : []), ...CLASS_METRICS];
  const rows = cases.flatMap((one: EvaluatedCase) =>
    (one.metrics?.classes ?? []).map(({ name, presence, values }) => [
      ...[one.name, name, presence, ...(hasParts ? [one.part ?? ''] : [])],
      ...CLASS_METRICS.map((metric) => String(values[metric] ?? '')),
    ]),
  );
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  return `${tableText(columns, rows, 'csv')}\n`;
}

function objectsCsv({ cases }: FolderEvaluation): string {
  const titles = ['case', 'f1', 'mean_f1', 'pq', 'sq', 'rq', 'lost', 'added', 'merged', 'split'];
  const rows = cases.flatMap(({ name, objects }) => {
    if (!objects) return [];
    const { panoptic, cells, matches, meanF1 } = objects;
    const values = [matches[0]?.f1, meanF1, panoptic.pq, panoptic.sq, panoptic.rq];
    const counts = [cells.lost, cells.added, cells.merged, cells.split];
    return [[name, ...[...values, ...counts].map((value) => String(value ?? ''))]];
  });
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  return `${tableText(columns, rows, 'csv')}\n`;
}
