import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { openEvaluation } from '../../../evaluate/open-evaluation.js';
import { type FoundImages, pairImages } from '../../../evaluate/pair-images.js';
import { pairPredictions } from '../../../evaluate/pair-predictions.js';
import { findRunCases, predictPairs } from '../../../evaluate/predict-run.js';
import { CLASS_METRICS } from '../../../metrics/metric-names.js';
import { labelClasses } from '../../../predict/model/label-rule.js';
import { predictModel } from '../../../predict/model/predict-model.js';
import { ORT_DEVICES } from '../../../runtime/engine.js';
import { isSameFolder } from '../../../runtime/files/folders.js';
import { threadedOnnxRuntime } from '../../../runtime/onnxruntime/threaded-engine.js';
import { readRun } from '../../../train/run-folder/read-run.js';
import { readRunData } from '../../../train/run-folder/read-run-data.js';
import { runFiles } from '../../../train/run-folder/run-folder.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import { chooseRunCases } from '../../input/choose-run-cases.js';
import {
  type EvaluateChoice,
  type EvaluateSettings,
  readEvaluateChoice,
} from '../../input/evaluate-options.js';
import { addLabelOptions } from '../../input/label-options.js';
import { openModel } from '../../input/open-model.js';
import { readPairs } from '../../input/pair-options.js';
import { measureAndReport } from '../../output/evaluation-results.js';
import { countText, reportNote } from '../../output/output.js';
import { ProgressBar } from '../../output/progress.js';

export const command: CommandModule = {
  define(command, done) {
    command
      .argument(
        '<predictions>',
        'a file of labels, or a folder of them, as unet predict writes; with --data, a run folder of unet train',
      )
      .option('-t, --truth <path>', 'the true masks: a file, or a folder with a file for each prediction')
      .option('--subset', 'with --truth: leave out the masks that have no prediction')
      .option('-d, --data <dir>', 'images and masks to measure a run on, in any layout that unet train reads')
      .option(
        '--split <part>',
        'with --data: only the cases that the training of the run had for validation or training, those that are new, or ' +
          'all (default: all that it was not trained on)',
      )
      .option(
        '-o, --output <dir>',
        'also write report.html with a page for each case, metrics.json and metrics.csv into a folder; with --data, also the predictions',
      )
      .option(
        '--images <path>',
        'with --truth: the images of the cases for the report, a file, a folder or a pattern; with --data: as in unet train',
      )
      .option('--masks <path>', 'with --data: as in unet train')
      .option('--axis <axis>', 'with --data: read volumes as slices along x, y or z (default: as trained)')
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
      .option('--device <device>', `the device of the engine: ${ORT_DEVICES.join(', ')}`)
      .option('--threads <number>', 'threads of the engine')
      .option('--json', 'print all metrics as JSON');
    addLabelOptions(command);
    examples(command, [
      'unet evaluate predicted --truth cells/masks',
      'unet evaluate predicted --truth labelsTs --images imagesTs --tolerance 2 -o report',
      'unet evaluate runs/cells --data cells -o report',
      'unet evaluate runs/cells --data cells --split all --json',
      'unet evaluate numbered --truth cells/instances --objects --json',
    ]);
    command.action(async (path: string, options: EvaluateChoice) => done(await evaluate(path, options)));
  },
};

async function evaluate(path: string, options: EvaluateChoice): Promise<Outcome> {
  const settings = readEvaluateChoice(options);
  if (settings instanceof Failure) return settings;
  const { truth, data } = options;
  if (data !== undefined) return evaluateRun(path, data, options, settings);
  if (truth !== undefined) return evaluateFolders(path, truth, options, settings);
  return failure('evaluation-truth-missing', { path, isRun: existsSync(join(path, runFiles.run)) });
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
  const paired = await pairPredictions(predictions, truth, options.subset ?? false);
  if (paired instanceof Failure) return paired;
  const { pairs, leftOut } = paired;
  const left = subsetNotes(leftOut);
  for (const note of left) reportNote(note);
  const images = options.images === undefined ? undefined : await pairImages(options.images, pairs);
  if (images instanceof Failure) return images;
  const { ignore, objects = false } = options;
  const opened = await openEvaluation(pairs, { labels: settings.labels, ignore, objects });
  if (opened instanceof Failure) return opened;
  const { metrics, tolerance, pages } = settings;
  const output = { folder: options.output, json: options.json ?? false };
  return measureAndReport(
    opened,
    output,
    { metrics, tolerance },
    {
      title: `Evaluation of ${predictions}`,
      facts: [
        ['Cases', countText(opened.truths.length)],
        ['Truth', truth],
      ],
      notes: [...left, ...imageNotes(images, options.images)],
      images: images?.samples ?? [],
      pages,
    },
  );
}

function subsetNotes(leftOut: number): readonly string[] {
  if (leftOut === 0) return [];
  return [`${leftOut === 1 ? 'One mask has' : `${countText(leftOut)} masks have`} no prediction: left out.`];
}

function imageNotes(images: FoundImages | undefined, path: string | undefined): readonly string[] {
  if (!images || images.missing === 0) return [];
  const count = images.missing === 1 ? 'One case has' : `${countText(images.missing)} cases have`;
  return [`${count} no image in ${path}: only the masks are shown.`];
}

/** Predicts the cases of a data set by a run, and measures them. */
async function evaluateRun(
  run: string,
  data: string,
  options: EvaluateChoice,
  settings: EvaluateSettings,
): Promise<Outcome> {
  const wrong = outputProblem(options.output, [run, data]);
  if (wrong) return wrong;
  const recorded = readRun(run);
  if (recorded instanceof Failure) return recorded;
  const runData = readRunData(run);
  if (runData instanceof Failure) return runData;
  const opened = await openModel(run, options, threadedOnnxRuntime());
  if (opened instanceof Failure) return opened;
  const temporary = options.output === undefined ? mkdtempSync(join(tmpdir(), 'unet-evaluate-')) : undefined;
  try {
    const model = predictModel(opened.session, run, undefined);
    if (model instanceof Failure) return model;
    if (model.rank === 3 && options.axis !== undefined) {
      return failure('needless-option', { options: ['--axis'], reason: { case: 'whole-volumes' } });
    }
    const { sliceAxis, ...places } = readPairs(options);
    const reading = { rank: model.rank, sliceAxis, trainedAxis: model.sliceAxis };
    const cases = await findRunCases(data, places, reading);
    if (cases instanceof Failure) return cases;
    const chosen = chooseRunCases({ run, data, split: settings.split }, cases, runData);
    if (chosen instanceof Failure) return chosen;
    for (const note of [...cases.notes, ...chosen.notes]) reportNote(note);
    const progress = new ProgressBar('predicting', 'parts');
    const folder = temporary ?? join(options.output ?? '', 'predictions');
    const predicted = await predictPairs(model, chosen.pairs, folder, reading, {
      onProgress: (done, total) => progress.update(done, total),
      onNote: (path, note) => reportNote(`${basename(path)}: ${note}`),
    });
    progress.end();
    if (predicted instanceof Failure) return predicted;
    const evaluation = await openEvaluation(predicted, {
      labels: settings.labels ?? runData.labels,
      ignore: options.ignore,
      names: cases.classNames ?? model.classNames,
      predictedClasses: labelClasses(model.rule, model.outputChannels) ?? runData.labels.classes,
      cases: chosen.names,
    });
    if (evaluation instanceof Failure) return evaluation;
    const images = new Map(cases.samples.map((sample) => [sample.name, sample]));
    const { metrics, tolerance, pages } = settings;
    const output = { folder: options.output, json: options.json ?? false };
    return await measureAndReport(
      evaluation,
      output,
      { metrics, tolerance, parts: chosen.parts },
      {
        title: `Evaluation of ${run} on ${data}`,
        facts: [
          ['Network', recorded.network],
          ['Cases', countText(evaluation.truths.length)],
        ],
        notes: chosen.notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`),
        images: evaluation.truths.map(({ name }) => images.get(name)),
        pages,
      },
    );
  } finally {
    await opened.session.close();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}
