import { join } from 'node:path';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { type FolderEvaluation, measureCases } from '../../../evaluate/evaluate-folders.js';
import { type OpenEvaluation, openEvaluation } from '../../../evaluate/open-evaluation.js';
import { type FoundImages, pairImages } from '../../../evaluate/pair-images.js';
import { pairPredictions } from '../../../evaluate/pair-predictions.js';
import { CLASS_METRICS } from '../../../metrics/metric-names.js';
import { type EvaluationReport, writeEvaluationReport } from '../../../report/evaluation-report.js';
import { isSameFolder } from '../../../runtime/files/folders.js';
import { writeFilesAtomically } from '../../../runtime/files/write-file.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import {
  type EvaluateChoice,
  type EvaluateSettings,
  readEvaluateChoice,
} from '../../input/evaluate-options.js';
import { addLabelOptions } from '../../input/label-options.js';
import { evaluationCsv, evaluationLines } from '../../output/evaluation-text.js';
import { countText, print, printJson } from '../../output/output.js';
import { ProgressBar } from '../../output/progress.js';

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<predictions>', 'a file of labels, or a folder of them, as unet predict writes')
      .option('-t, --truth <path>', 'the true masks: a file, or a folder with a file for each prediction')
      .option(
        '-o, --output <dir>',
        'also write report.html with a page for each case, metrics.json and metrics.csv into a folder',
      )
      .option('--images <path>', 'the images of the cases for the report: a file, a folder or a pattern')
      .option(
        '--pages <number>',
        'how many of the worst cases have a page of their own (default: as many as have 500 MB together)',
      )
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
      'unet evaluate predicted --truth labelsTs --images imagesTs --tolerance 2 -o report',
      'unet evaluate numbered --truth cells/instances --objects --json',
    ]);
    command.action(async (path: string, options: EvaluateChoice) => done(await evaluate(path, options)));
  },
};

async function evaluate(path: string, options: EvaluateChoice): Promise<Outcome> {
  const settings = readEvaluateChoice(options);
  if (settings instanceof Failure) return settings;
  if (options.truth === undefined) return failure('evaluation-truth-missing', { path, isRun: false });
  return evaluateFolders(path, options.truth, options, settings);
}

/** Fails if the result would be written among what is read. */
function outputProblem(output: string | undefined, inputs: readonly string[]): Failure | undefined {
  if (output === undefined || !inputs.some((input) => isSameFolder(output, input))) return undefined;
  return failure('invalid-output-path', { option: '-o', path: output, problem: { case: 'is-input' } });
}

async function evaluateFolders(
  predictions: string,
  truth: string,
  options: EvaluateChoice,
  settings: EvaluateSettings,
): Promise<Outcome> {
  const wrong = outputProblem(options.output, [predictions, truth, options.images ?? truth]);
  if (wrong) return wrong;
  const pairs = await pairPredictions(predictions, truth);
  if (pairs instanceof Failure) return pairs;
  const images = options.images === undefined ? undefined : await pairImages(options.images, pairs);
  if (images instanceof Failure) return images;
  const { ignore, objects = false } = options;
  const opened = await openEvaluation(pairs, { labels: settings.labels, ignore, objects });
  if (opened instanceof Failure) return opened;
  return measureAndReport(opened, options, settings, {
    title: `Evaluation of ${predictions}`,
    facts: [
      ['Cases', countText(opened.truths.length)],
      ['Truth', truth],
    ],
    notes: imageNotes(images, options.images),
    images: images?.samples ?? [],
  });
}

function imageNotes(images: FoundImages | undefined, path: string | undefined): readonly string[] {
  if (!images || images.missing === 0) return [];
  const count = images.missing === 1 ? 'One case has' : `${countText(images.missing)} cases have`;
  return [`${count} no image in ${path}: only the masks are shown.`];
}

/** Measures all cases, writes what is asked for, and prints it. */
async function measureAndReport(
  opened: OpenEvaluation,
  options: EvaluateChoice,
  { metrics, tolerance, pages }: EvaluateSettings,
  report: EvaluationReport,
): Promise<Outcome> {
  const progress = new ProgressBar('measuring', 'images');
  const found = await measureCases(opened, {
    ...{ metrics, tolerance },
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (found instanceof Failure) return found;
  const written =
    options.output === undefined
      ? []
      : await writeResults(options.output, opened, found, { ...report, pages });
  if (written instanceof Failure) return written;
  if (options.json) printJson(found);
  else print([...evaluationLines(found), ...written].join('\n'));
  return 0;
}

/** Writes the metrics and the report; what was written, a line each. */
async function writeResults(
  folder: string,
  opened: OpenEvaluation,
  found: FolderEvaluation,
  report: EvaluationReport,
): Promise<readonly string[] | Failure> {
  const [json, csv] = [join(folder, 'metrics.json'), join(folder, 'metrics.csv')];
  const failed = writeFilesAtomically([
    { path: json, chunks: [Buffer.from(`${JSON.stringify(found, undefined, 2)}\n`)] },
    { path: csv, chunks: [Buffer.from(evaluationCsv(found))] },
  ]);
  if (failed) return failed;
  const progress = new ProgressBar('writing pages', 'cases');
  const written = await writeEvaluationReport(folder, opened, found, {
    ...report,
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (written instanceof Failure) return written;
  const { path, pages, bytes } = written;
  const counted = pages === 1 ? 'the page of one case' : `the pages of ${countText(pages)} cases`;
  const size = `${(Math.ceil(bytes / 1e5) / 10).toFixed(1)} MB`;
  return [json, csv, pages === 0 ? path : `${path} and ${counted}, ${size}`].map((one) => `wrote ${one}`);
}
