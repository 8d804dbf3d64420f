import { join } from 'node:path';
import { Failure, failure } from '../../../diagnostics/failure.js';
import {
  type EvaluatedCase,
  type EvaluationOptions,
  evaluatePairs,
  type FolderEvaluation,
} from '../../../evaluate/evaluate-folders.js';
import { pairPredictions } from '../../../evaluate/pair-predictions.js';
import { CLASS_METRICS, type ClassMetric, isDistance } from '../../../metrics/metric-names.js';
import { writeFilesAtomically } from '../../../runtime/files/write-file.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import { addLabelOptions, type LabelOptions, readLabels } from '../../input/label-options.js';
import { countText, print, printJson } from '../../output/output.js';
import { ProgressBar } from '../../output/progress.js';
import { tableText } from '../../output/text-table.js';

interface Options extends LabelOptions {
  readonly truth: string;
  readonly output?: string;
  readonly metrics?: string;
  readonly tolerance?: string;
  readonly objects?: boolean;
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<predictions>', 'a file of labels, or a folder of them, as unet predict writes')
      .requiredOption(
        '-t, --truth <path>',
        'the true masks: a file, or a folder with a file for each prediction',
      )
      .option('-o, --output <dir>', 'also write metrics.json and metrics.csv into a folder')
      .option('--metrics <names>', `what to measure, with commas: ${CLASS_METRICS.join(', ')}`)
      .option(
        '--tolerance <length>',
        'for nsd: the distance at which borders are the same, in the unit of the spacing',
      )
      .option(
        '--objects',
        'the numbers in the files are objects, and not classes: F1, panoptic quality, lost and merged objects',
      )
      .option('--json', 'print all metrics as JSON');
    addLabelOptions(command);
    examples(command, [
      'unet evaluate predicted --truth cells/masks',
      'unet evaluate predicted --truth labelsTs --tolerance 2 -o report',
      'unet evaluate numbered --truth cells/instances --objects --json',
    ]);
    command.action(async (predictions: string, options: Options) =>
      done(await evaluate(predictions, options)),
    );
  },
};

function metricsOf({ metrics }: Options): readonly ClassMetric[] | undefined | Failure {
  if (metrics === undefined) return undefined;
  const names: ClassMetric[] = [];
  for (const text of metrics.split(',')) {
    const known = CLASS_METRICS.find((one) => one === text.trim());
    if (known === undefined) {
      return failure('invalid-option-value', {
        option: '--metrics',
        value: text.trim(),
        wanted: { oneOf: CLASS_METRICS },
      });
    }
    names.push(known);
  }
  return names;
}

async function evaluate(predictions: string, options: Options): Promise<Outcome> {
  const labels = readLabels(options);
  if (labels instanceof Failure) return labels;
  const metrics = metricsOf(options);
  if (metrics instanceof Failure) return metrics;
  const { tolerance, ignore, objects = false } = options;
  if (tolerance !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(tolerance)) {
    return failure('invalid-option-value', {
      option: '--tolerance',
      value: tolerance,
      wanted: { numberFrom: 0 },
    });
  }
  if (metrics?.includes('nsd') && tolerance === undefined) {
    return failure('incomplete-options', { option: '--metrics nsd', required: 'tolerance' });
  }
  const pairs = await pairPredictions(predictions, options.truth);
  if (pairs instanceof Failure) return pairs;
  const progress = new ProgressBar('measuring', 'images');
  const settings: EvaluationOptions = {
    ...{ labels, ignore, metrics, objects },
    ...(tolerance === undefined ? {} : { tolerance: Number(tolerance) }),
    onProgress: (done, all) => progress.update(done, all),
  };
  const found = await evaluatePairs(pairs, settings);
  progress.end();
  if (found instanceof Failure) return found;
  const written = options.output === undefined ? [] : writeReport(options.output, found);
  if (written instanceof Failure) return written;
  if (options.json) printJson(found);
  else print([...reportLines(found), ...written.map((path) => `wrote ${path}`)].join('\n'));
  return 0;
}

const text = (value: number | null | undefined, digits = 4) =>
  value === null || value === undefined ? '-' : value.toFixed(digits);

/** A table of the classes, each metric as the mean over the images. */
function reportLines({ cases, unit, summary, objects }: FolderEvaluation): readonly string[] {
  const images = `${countText(cases.length)} image${cases.length === 1 ? '' : 's'}`;
  if (objects) {
    const { pooled } = objects;
    const { cells, panoptic } = pooled;
    return [
      `${images}, objects of all together:`,
      ...pooled.matches.map(({ iou, f1 }) => `F1 at IoU ${iou.toFixed(2)}: ${text(f1)}`),
      `mean F1: ${text(pooled.meanF1)}`,
      `panoptic quality: ${text(panoptic.pq)} (segmentation ${text(panoptic.sq)}, recognition ${text(panoptic.rq)})`,
      `lost ${cells.lost}, added ${cells.added}, merged ${cells.merged}, split ${cells.split}`,
    ];
  }
  if (!summary) return [];
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
    `${images}, the mean over the images${distances}:`,
    tableText(columns, [...rows, overall], 'text'),
    `Dice of all images together: ${text(summary.foreground.pooled.dice)}`,
  ];
}

/** A row for each class of each case. */
function csvOf({ cases }: FolderEvaluation): string {
  const titles = ['case', 'class', 'presence', ...CLASS_METRICS];
  const rows = cases.flatMap((one: EvaluatedCase) =>
    (one.metrics?.classes ?? []).map(({ name, presence, values }) => [
      ...[one.name, name, presence],
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
  return `${tableText(
    titles.map((title) => ({ title, align: 'left' as const })),
    rows,
    'csv',
  )}\n`;
}

function writeReport(folder: string, found: FolderEvaluation): readonly string[] | Failure {
  const [json, csv] = [join(folder, 'metrics.json'), join(folder, 'metrics.csv')];
  const failed = writeFilesAtomically([
    { path: json, chunks: [Buffer.from(`${JSON.stringify(found, undefined, 2)}\n`)] },
    { path: csv, chunks: [Buffer.from(found.objects ? objectsCsv(found) : csvOf(found))] },
  ]);
  return failed ?? [json, csv];
}
