import type { RequestedMetric, SegmentationMetrics } from '../metrics/metrics.js';
import { isCountMetric, METRIC_TITLES } from '../metrics/requested-metrics.js';
import type { BestEpoch, EpochRow } from './run-folder-epochs.js';

export interface RunReport {
  /** "UNet2D with Cells". */
  readonly title: string;
  /** What was trained on what, one line each: `['network', 'UNet2D, 31,030,658 parameters']`. */
  readonly facts: readonly (readonly [string, string])[];
  /** Their names, the background first. */
  readonly classes: readonly string[];
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
  /** What decides the best epoch: "mean Dice over the data set, without background". */
  readonly bestBy: string;
  /** The metrics of the best weights (or of the last, if no epoch is the best) on the validation images; undefined without validation. */
  readonly metrics: SegmentationMetrics | undefined;
}

const MEAN_WITHOUT_BACKGROUND = '**mean, without background**';

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(4);
}

/** Text escaped for a cell of a table. */
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
      ...(['truePositives', 'falsePositives', 'falseNegatives'] as const).map((key) =>
        String(counts[k]?.[key] ?? 0),
      ),
    ]),
    [
      ...score('**mean, with background**', (scores, key) => scores[key === 'dice' ? 'meanDice' : 'meanIou']),
      ...['', '', ''],
    ],
    [
      ...score(
        MEAN_WITHOUT_BACKGROUND,
        (scores, key) => scores[key === 'dice' ? 'foregroundDice' : 'foregroundIou'],
      ),
      ...['', '', ''],
    ],
  ]);
}

/** Precision and recall by class, over the data set and per image. */
function countTable(requested: readonly RequestedMetric[], classes: readonly string[]): string[] {
  const shown = requested.filter(({ name }) => isCountMetric(name) && name !== 'accuracy');
  if (shown.length === 0) return [];
  const heads = (part: string) => shown.map(({ name }) => `${METRIC_TITLES[name]}, ${part}`);
  const row = (name: string, of: (values: RequestedMetric['perImage']) => number | null | undefined) => [
    name,
    ...shown.map(({ overDataSet }) => text(overDataSet && of(overDataSet))),
    ...shown.map(({ perImage }) => text(of(perImage))),
  ];
  return [
    ...table([
      ['class', ...heads('data set'), ...heads('per image')],
      ...classes.map((name, k) => row(cell(name), ({ byClass }) => byClass[k])),
      row(MEAN_WITHOUT_BACKGROUND, ({ overall }) => overall),
    ]),
    '',
  ];
}

/** Distances by class: the mean over the images, and the number of images. */
function distanceTable({ requested, surfaces }: SegmentationMetrics, classes: readonly string[]): string[] {
  const shown = requested.filter(({ name }) => !isCountMetric(name));
  if (shown.length === 0 || !surfaces) return [];
  const { unit, measured, onlyOne } = surfaces;
  return [
    ...table([
      ['class', ...shown.map(({ name }) => `${METRIC_TITLES[name]} (${unit})`), 'images', 'only in one'],
      ...classes.flatMap((name, k) => {
        if (k === 0) return [];
        const values = shown.map(({ perImage }) => text(perImage.byClass[k]));
        return [[cell(name), ...values, String(measured[k] ?? 0), String(onlyOne[k] ?? 0)]];
      }),
      ['**mean**', ...shown.map(({ perImage }) => text(perImage.overall)), '', ''],
    ]),
    '',
    'The column "images" counts the images with a distance; "only in one" counts those with the class in the truth alone, or in the prediction alone.',
    '',
  ];
}

/** The metrics besides Dice and IoU. */
function requestedLines(metrics: SegmentationMetrics, classes: readonly string[]): string[] {
  const accuracy = metrics.requested.find(({ name }) => name === 'accuracy');
  return [
    ...countTable(metrics.requested, classes),
    ...(accuracy
      ? [
          `Accuracy: ${text(accuracy.overDataSet?.overall)} over the data set, ${text(accuracy.perImage.overall)} per image.`,
          '',
        ]
      : []),
    ...distanceTable(metrics, classes),
  ];
}

/** The report of a run as Markdown: what was trained on what, the best epoch, a table by class, and the conventions. */
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
    ...(metrics
      ? []
      : [
          'No image validated. The best weights are the weights of the last step, and the pictures in `samples/` show ' +
            'training images.',
        ]),
    ...(best ? [`Best epoch: ${best.epoch}, by ${cell(bestBy)}: ${text(best.value)}.`] : []),
    ...(broken.length > 0
      ? [
          `The training loss was NaN or infinite in ${broken.length} of these epochs, first in epoch ${broken[0]?.epoch}.`,
        ]
      : []),
    '',
    `![${metrics ? 'Loss, Dice and IoU' : 'Loss'} over the epochs](curves.svg)`,
    '',
    ...(metrics
      ? [
          '## Metrics',
          '',
          `The ${best ? 'best' : 'last'} weights on ${metrics.images} validation ${metrics.images === 1 ? 'image' : 'images'}.`,
          '',
          ...scoreTable(metrics, classes),
          '',
          ...requestedLines(metrics, classes),
          '## Conventions',
          '',
          ...metrics.conventions.map((line) => `- ${line}`),
          '',
        ]
      : []),
  ].join('\n');
}
