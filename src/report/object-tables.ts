import type { EvaluatedCase } from '../evaluate/evaluate-folders.js';
import type { ObjectMetrics, ObjectSummary } from '../metrics/objects/evaluate-objects.js';
import { plainTable } from '../view/html/plain-table.js';
import { type SortableCell, sortableTable } from '../view/html/table.js';
import { caseCell, type PageOf } from './class-tables.js';

const shown = (value: number | null) => (value === null ? '&ndash;' : value.toFixed(4));
const counted = (value: number) => value.toLocaleString('en-US');

/** How well objects match at each IoU. */
export function matchesTable({ matches, meanF1, meanAveragePrecision }: ObjectMetrics): string {
  return plainTable({
    caption: 'Matched objects by IoU',
    heads: ['IoU', 'F1', 'Average precision', 'Matched', 'Added', 'Lost'],
    rows: [
      ...matches.map(({ iou, f1, averagePrecision, truePositives, falsePositives, falseNegatives }) => [
        iou.toFixed(2),
        ...[f1, averagePrecision].map(shown),
        ...[truePositives, falsePositives, falseNegatives].map(counted),
      ]),
      ['mean', shown(meanF1), shown(meanAveragePrecision), '', '', ''],
    ],
  });
}

/** Panoptic quality, and what happened to the true objects. */
export function qualityTable({ panoptic, cells }: ObjectMetrics): string {
  const row = (name: string, value: string) => [name, value];
  return plainTable({
    caption: 'Panoptic quality and counts of objects',
    heads: ['', 'Value'],
    rows: [
      row('Panoptic quality', shown(panoptic.pq)),
      row('Segmentation quality', shown(panoptic.sq)),
      row('Recognition quality', shown(panoptic.rq)),
      row('True objects', counted(cells.cells)),
      row('Predicted objects', counted(cells.objects)),
      row('Lost', counted(cells.lost)),
      row('Added', counted(cells.added)),
      row('Merged', counted(cells.merged)),
      row('Split', counted(cells.split)),
    ],
  });
}

/** The mean, the median and the worst case of the main numbers. */
export function objectStatistics({ perCase, pooled }: ObjectSummary): string {
  const all = [
    ['F1 at IoU 0.50', perCase.f1, pooled.matches[0]?.f1 ?? null],
    ['Mean F1', perCase.meanF1, pooled.meanF1],
    ['Panoptic quality', perCase.pq, pooled.panoptic.pq],
  ] as const;
  return plainTable({
    caption: 'Main metrics of objects over the cases',
    heads: ['Metric', 'Mean', 'Median', 'Worst', 'Pooled', 'Cases'],
    rows: all.map(([name, { mean, median, minimum, cases }, together]) => [
      name,
      ...[mean, median, minimum, together].map(shown),
      counted(cases),
    ]),
  });
}

/** All cases, in the order in which they are passed. */
export function objectCasesTable(cases: readonly EvaluatedCase[], pageOf: PageOf): string {
  const rows = cases.map((one): SortableCell[] => {
    const { objects } = one;
    if (!objects) return [caseCell(one, pageOf)];
    const { matches, meanF1, panoptic, cells } = objects;
    const scores = [panoptic.pq, panoptic.sq, panoptic.rq, matches[0]?.f1 ?? null, meanF1];
    return [
      caseCell(one, pageOf),
      ...scores.map((value) => value ?? undefined),
      ...[cells.cells, cells.objects, cells.lost, cells.added, cells.merged, cells.split],
    ];
  });
  return sortableTable({
    ...{ id: 'cases', caption: 'The metrics of each case' },
    columns: [
      { name: 'Case' },
      ...['PQ', 'SQ', 'RQ', 'F1 at 0.50', 'Mean F1'].map((name) => ({ name, decimals: 4 })),
      ...['True objects', 'Predicted', 'Lost', 'Added', 'Merged', 'Split'].map((name) => ({
        name,
        decimals: 0,
      })),
    ],
    rows,
  });
}
