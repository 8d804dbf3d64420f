import { METRIC_CONVENTIONS, type SegmentationMetrics } from './metrics.js';
import type { BestEpoch, EpochRow } from './run-folder-epochs.js';

export interface RunReport {
  /** "UNet2D with Cells". */
  readonly title: string;
  /** What was trained on what, a line each: `['network', 'UNet2D of spec.unet, 31,030,658 parameters']`. */
  readonly facts: readonly (readonly [string, string])[];
  /** Names, the background first. */
  readonly classes: readonly string[];
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
  /** What the value of the best epoch is: "mean Dice over the data set, without background". */
  readonly bestBy: string;
  /** Of the best weights on the validation images; undefined where there are none. */
  readonly metrics: SegmentationMetrics | undefined;
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(4);
}

/** Text that stays as it is in a cell of a table. */
function cell(value: string): string {
  return value.replaceAll(/\s+/g, ' ').replaceAll(/[\\|`*_<>[\]]/g, '\\$&');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...body.map(line)];
}

function scoreTable(
  { overDataSet, perImage, counts }: SegmentationMetrics,
  classes: readonly string[],
): string[] {
  const score = (name: string, of: (scores: typeof overDataSet, key: 'dice' | 'iou') => number | null) => [
    name,
    ...[overDataSet, perImage].flatMap((scores) => [text(of(scores, 'dice')), text(of(scores, 'iou'))]),
  ];
  return table([
    ['class', 'Dice, data set', 'IoU, data set', 'Dice, per image', 'IoU, per image', 'TP', 'FP', 'FN'],
    ...classes.map((name, k) => [
      ...score(cell(name), (scores, key) => scores[key][k] ?? null),
      ...[counts.truePositives, counts.falsePositives, counts.falseNegatives].map((list) =>
        String(list[k] ?? 0),
      ),
    ]),
    [
      ...score('**mean, with background**', (scores, key) => scores[key === 'dice' ? 'meanDice' : 'meanIou']),
      ...['', '', ''],
    ],
    [
      ...score(
        '**mean, without background**',
        (scores, key) => scores[key === 'dice' ? 'foregroundDice' : 'foregroundIou'],
      ),
      ...['', '', ''],
    ],
  ]);
}

/** The report of a run as Markdown: what was trained on what, the best epoch, a table by class, the conventions. */
export function reportText(report: RunReport): string {
  const { title, facts, classes, epochs, best, bestBy, metrics } = report;
  const broken = epochs.filter(({ trainLoss }) => trainLoss !== null && !Number.isFinite(trainLoss));
  const last = epochs.at(-1);
  return [
    `# ${cell(title)}`,
    '',
    ...facts.map(([name, value]) => `- ${cell(name)}: ${cell(value)}`),
    '',
    '## Training',
    '',
    last === undefined
      ? 'No epoch was trained.'
      : `${last.epoch} ${last.epoch === 1 ? 'epoch' : 'epochs'}, ${last.step} steps.`,
    ...(best ? [`Best epoch: ${best.epoch}, by ${cell(bestBy)}: ${text(best.value)}.`] : []),
    ...(broken.length > 0
      ? [
          `The training loss was not a finite number in ${broken.length} of them, first in epoch ${broken[0]?.epoch}.`,
        ]
      : []),
    '',
    '![Loss, Dice and IoU over the epochs](curves.svg)',
    '',
    ...(metrics
      ? [
          '## Metrics',
          '',
          `Of the best weights, on ${metrics.images} validation ${metrics.images === 1 ? 'image' : 'images'}.`,
          '',
          ...scoreTable(metrics, classes),
          '',
        ]
      : []),
    '## Conventions',
    '',
    ...(metrics?.conventions ?? METRIC_CONVENTIONS).map((line) => `- ${line}`),
    '',
  ].join('\n');
}
