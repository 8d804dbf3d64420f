import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentHash } from '../../../data/samples/content-hash.js';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { sliceAxes } from '../../../images/image-layout.js';
import { checkPostprocessing } from '../../../objects/postprocess/step-fit.js';
import { type FoundCases, findCases, type PredictCase } from '../../../predict/cases/find-cases.js';
import { joinChannels } from '../../../predict/cases/join-channels.js';
import { checkSeparation } from '../../../predict/labels/finish-labels.js';
import { writeLabels } from '../../../predict/labels/write-labels.js';
import { labelClasses } from '../../../predict/model/label-rule.js';
import { modelDifference } from '../../../predict/model/model-difference.js';
import { heads } from '../../../predict/model/model-head.js';
import type { PredictModel } from '../../../predict/model/predict-model.js';
import { type CasePrediction, predictCase } from '../../../predict/predict-case.js';
import { PredictionReport } from '../../../report/prediction-report.js';
import { ORT_DEVICES, TFJS_DEVICES } from '../../../runtime/engine.js';
import { threadedOnnxRuntime } from '../../../runtime/onnxruntime/threaded-engine.js';
import { runFiles } from '../../../train/run-folder/run-folder.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import { requestedMaps } from '../../input/inference/map-options.js';
import { openPredictModel } from '../../input/inference/open-predict-model.js';
import {
  BORDERS,
  type Finishing,
  PLACEMENTS,
  type PredictChoice,
  readPredictChoice,
  type Windows,
} from '../../input/inference/predict-options.js';
import { ENGINES } from '../../input/open-model.js';
import { print, printJson } from '../../output/output.js';
import { caseOutput, endingProblem, outputProblem, reportProblem } from '../../output/predict/case-output.js';
import { FailedCases } from '../../output/predict/failed-cases.js';
import { PredictProgress, progressCase } from '../../output/predict/predict-progress.js';
import { predictedCaseJson, printPredictedCase } from '../../output/predict/predicted-case.js';

export const command: CommandModule = {
  define(command, done) {
    command
      .argument(
        '<models...>',
        'a run folder or an ONNX model; several, such as the folds of a training: their probabilities are averaged',
      )
      .requiredOption(
        '-i, --input <path>',
        'an image or a volume, a folder of them, or a pattern: "scans/{case}_{channel}.nii.gz"; may be given several times',
        addTo,
        [],
      )
      .requiredOption(
        '-o, --output <path>',
        'the file of the labels; for several inputs, a folder with a file for each',
      )
      .option('--step <part>', 'how far windows are apart, as a part of their size (default: 0.5)')
      .option(
        '--sigma <part>',
        'the standard deviation of their Gaussian weights, as a part of their size; 0: none (default: 0.125)',
      )
      .option('--windows <rule>', 'where windows lie: nnunet (at equal distances) or monai', 'nnunet')
      .option('--tile <size>', 'the largest window of a network with free sizes')
      .option('--border <kind>', 'what lies beyond the image: mirror or zero', 'mirror')
      .option('--mirror', 'average the outputs for the mirror images of each window')
      .option('--batch <number>', 'windows that are computed at once')
      .option(
        '--axis <axis>',
        'for a network of images and an input volume: slices along x, y or z (default: as trained, or z)',
      )
      .option('--nan <value>', 'replace NaN and infinite numbers of the input; without it, they are an error')
      .option('--head <head>', `of a model that does not name it: ${heads.join(', ')}`)
      .option(
        '--regions <labels>',
        'the label of each output channel, for channels that are regions: "1,2,3"',
      )
      .option('--region-masks', 'also write each region as a mask of its own, where regions overlap')
      .option(
        '--uncertainty <maps>',
        'write how unsure the prediction is: entropy, and disagreement of several models or samples; one or both, with a comma',
      )
      .option(
        '--samples <number>',
        'average so many passes of each network with its dropouts at work: its models are run folders',
      )
      .option('--seed <number>', 'the seed of the samples (default: 0)')
      .option(
        '--post <step>',
        'clean the labels: largest, fill-holes, "min-size: 30", "class 1: largest"; may be given several times',
        addTo,
        [],
      )
      .option(
        '--objects <way>',
        'write the numbers of objects: components, distance (separate where they are narrow), or "border: K" (class K is their border)',
      )
      .option(
        '--export <formats>',
        'also write the objects as geojson (QuPath), roi (Fiji), coco: one or several, with commas',
      )
      .option('--report <dir>', 'also write report.html with pictures and a page for each case into a folder')
      .option('--resume', 'continue an image whose prediction was stopped, at its first missing row')
      .option('--engine <engine>', `${ENGINES.join(' or ')}: onnxruntime (default) or TensorFlow.js`)
      .option('--device <device>', `ort: ${ORT_DEVICES.join(', ')}; tfjs: ${TFJS_DEVICES.join(', ')}`)
      .option('--threads <number>', 'threads of the engine')
      .option('--json', 'print sizes, classes and times as JSON');
    examples(command, [
      'unet predict runs/cells --input images -o predicted',
      'unet predict runs/cells --input images -o predicted --report report',
      'unet predict runs/volumes --input scan.nii.gz -o labels.nii.gz --mirror',
      'unet predict runs/cells --input slide.tif -o cells.tif --post "min-size: 20" --objects distance --export geojson',
      'unet predict fold1 fold2 fold3 --input "scans/{case}_{channel}.nii.gz" -o predicted',
    ]);
    command.action(async (models: readonly string[], options: PredictChoice) =>
      done(await runPredict(models, options)),
    );
  },
};

function addTo(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function runPredict(paths: readonly string[], options: PredictChoice): Promise<Outcome> {
  const finishing = readPredictChoice(options);
  if (finishing instanceof Failure) return finishing;
  const found = findCases(options.input);
  if (found instanceof Failure) return found;
  const ending = endingProblem(found, options.output);
  if (ending) return ending;
  const models: PredictModel[] = [];
  const engine = threadedOnnxRuntime();
  try {
    for (const path of paths) {
      const model = await openPredictModel(path, options, finishing, engine, models.length);
      if (model instanceof Failure) return model;
      models.push(model);
    }
    const joined = joinChannels(found, models[0]?.channelNames);
    return joined instanceof Failure ? joined : await predictAll(models, joined, options, finishing);
  } finally {
    for (const { session } of models) await session.close();
  }
}

/** Fails if the outputs of the models cannot be averaged. */
function difference([first, ...others]: readonly PredictModel[]): Failure | undefined {
  for (const other of others) {
    const differs = first && modelDifference(first, other);
    if (differs)
      return failure('models-differ', { path: first.path, other: other.path, difference: differs });
  }
  return undefined;
}

/** The hash of the files of a model. */
function modelHash(path: string): string | Failure {
  // A model of TensorFlow.js has its weights in files beside it.
  if (/\.json$/i.test(path)) return contentHash(dirname(path));
  const model = join(path, runFiles.model);
  return contentHash(existsSync(model) ? model : path);
}

async function predictAll(
  models: readonly PredictModel[],
  found: FoundCases,
  options: PredictChoice,
  { steps, objects, exports, sampling }: Finishing,
): Promise<Outcome> {
  const differs = difference(models);
  if (differs) return differs;
  const [model] = models;
  if (model?.rank === 3 && options.axis !== undefined) {
    return failure('needless-option', { options: ['--axis'], reason: { case: 'whole-volumes' } });
  }
  const classes = model && labelClasses(model.rule, model.outputChannels);
  const maps = model ? requestedMaps(model, options, models.length * (sampling?.count ?? 1)) : [];
  if (maps instanceof Failure) return maps;
  const misfit = checkPostprocessing(
    // Whether a file has a spacing is known when it is read.
    steps.filter(({ step }) => step !== 'min-size'),
    { rank: model?.rank ?? 2, classes },
  );
  const unfit = misfit ?? checkSeparation(objects, classes);
  if (unfit) return unfit;
  const hashes: string[] = [];
  for (const { path } of models) {
    const hash = modelHash(path);
    if (hash instanceof Failure) return hash;
    hashes.push(hash);
  }
  const { step, sigma, tile, border, nan, batch } = options;
  const own = {
    windows: {
      ...(step === undefined ? {} : { step: Number(step) }),
      ...(sigma === undefined ? {} : { sigma: Number(sigma) }),
      ...(tile === undefined ? {} : { tile: Number(tile) }),
      placement: PLACEMENTS[options.windows as Windows], // checked before
    },
    border: BORDERS.find((one) => one === border) ?? 'mirror',
    mirror: options.mirror ?? false,
    sliceAxis: sliceAxes.find((one) => one === options.axis),
    replacement: nan === undefined ? undefined : Number(nan),
  } as const;
  const clash = outputProblem(found, options.output, maps) ?? reportProblem(options.report, options.input);
  if (clash) return clash;
  const progress = new PredictProgress(found.cases.map(progressCase));
  const report =
    options.report === undefined ? undefined : new PredictionReport(options.report, models, found);
  const predicted = async (one: PredictCase, output: string): Promise<CasePrediction | Failure> => {
    const hash = caseHash(one);
    if (hash instanceof Failure) return hash;
    return predictCase(models, one.paths, output, {
      ...own,
      ...(batch === undefined ? {} : { batch: Number(batch) }),
      resume: options.resume ?? false,
      finish: { steps, objects, exports },
      maps,
      settings: JSON.stringify({ models: hashes, input: hash, ...own, sampling }),
      onProgress: (done, total) => progress.update(done, total),
    });
  };
  const results: object[] = [];
  const failed = new FailedCases();
  for (const [index, one] of found.cases.entries()) {
    const output = caseOutput(one, found, options.output);
    progress.begin(index);
    const result = await predicted(one, output);
    progress.end();
    if (result instanceof Failure) {
      if (found.cases.length === 1 || endsCall(result)) return result;
      failed.add(one, result);
      report?.addFailed(one.name, result.message);
      continue;
    }
    const written = result.clock.measure('writing', () => writeLabels(result, output, exports));
    // What cannot be written for one image cannot be for the next one.
    if (written instanceof Failure) return written;
    if (options.json) results.push(predictedCaseJson(one, written, result));
    else printPredictedCase(one, written, result);
    const unreported = await report?.add(one, written[0] ?? output, result);
    if (unreported) return unreported;
  }
  const path = report?.finish();
  if (path instanceof Failure) return path;
  const { json } = failed;
  if (options.json) {
    printJson({
      cases: results,
      ...(json.length > 0 ? { failed: json } : {}),
      ...(path === undefined ? {} : { report: path }),
    });
  } else if (path !== undefined) print(`wrote ${path}`);
  return failed.finish(found.cases.length);
}

/** Whether no other image can be predicted either: the disk is full, or the engine has ended. */
function endsCall({ code }: Failure): boolean {
  return code === 'file-unwritable' || code === 'engine-thread';
}

function caseHash({ paths }: PredictCase): readonly string[] | Failure {
  const hashes: string[] = [];
  for (const path of paths) {
    const hash = contentHash(path);
    if (hash instanceof Failure) return hash;
    hashes.push(hash);
  }
  return hashes;
}
