import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { checkRecipe } from '../autodiff/checks/check-recipe.js';
import type { CompiledNetwork } from '../compiler/compile.js';
import type { DataSet } from '../data/data-set.js';
import { keptSamples } from '../data/loader/kept-samples.js';
import { prepareLoader } from '../data/loader/open-loader.js';
import { stepsPerEpoch } from '../data/loader/schedule.js';
import { type ResolvedSettings, resolveSettings } from '../data/loader/settings.js';
import { sampleHashes } from '../data/samples/content-hash.js';
import { labelCoverage } from '../data/samples/label-coverage.js';
import type { Sample } from '../data/samples/sample.js';
import type { Split } from '../data/split/split.js';
import { surveySamples } from '../data/survey/survey.js';
import { describeValues } from '../data/values/describe-values.js';
import { type TrainingSetFacts, trainingSetFacts } from '../data/values/training-set-facts.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { Failure, failure } from '../diagnostics/failure.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import { DataValues } from '../normalize/data-values.js';
import type { OrtDevice } from '../runtime/engine.js';
import type { WeightSource } from '../weights/weight-source.js';
import { copyNotes } from './copy-notes.js';
import { dataNotes } from './data-notes.js';
import { scheduleProblem } from './loop/schedule.js';
import { startWeights } from './loop/start-weights.js';
import { type OpenedStep, openStep } from './loop/trainer.js';
import { dataProblem, networkProblem, patienceProblem, stepSettingsOf } from './loop/training-problem.js';
import { type SettingOverrides, type TrainingSettings, trainingSettings } from './loop/training-settings.js';
import { measuredRun } from './measured-run.js';
import { describeRun } from './run-folder/describe-run.js';
import { inspectRunFolder, type RunState } from './run-folder/inspect-run.js';
import { readRun } from './run-folder/read-run.js';
import { type RunSettings, type SpecText, settingsHash } from './run-folder/run-folder-settings.js';
import { clearStaleLock, runFolderInUse } from './run-folder/run-lock.js';

/** What to train, and into which folder. */
export interface TrainingRequest extends SettingOverrides {
  readonly network: CompiledNetwork;
  /** The texts that the run keeps: `sources` of the compilation. */
  readonly sources: readonly SpecText[];
  /** A `training` of the file; the standard settings when left out. */
  readonly recipe?: RecipeSpec | undefined;
  /** The folder of the run: a new or empty one, or one with this run. */
  readonly folder: string;
  /** Whether to continue the run in the folder, if there is one. */
  readonly resume?: boolean | undefined;
  /** A file with weights to start from; drawn from the seed when left out. */
  readonly weights?: string | undefined;
  /** The map of the names in that file: a built-in map or a file. */
  readonly map?: string | undefined;
  /** What the compilation was given as `set`, each as `name=value`: with other values, a run is another run. */
  readonly set?: readonly string[] | undefined;
  /** Threads of the engine; one per processor when left out. */
  readonly threads?: number | undefined;
  /** The device of the engine; the CPU when left out. */
  readonly device?: OrtDevice | undefined;
  /** Threads that make batches; as many as help when left out. */
  readonly workers?: number | undefined;
  /** Called after each of the images, which are all read once before training begins. */
  readonly onRead?: ((done: number, total: number) => void) | undefined;
  /** Called with what the check of the recipe reports; a failure does not repeat it. */
  readonly onDiagnostics?: ((diagnostics: readonly Diagnostic[]) => void) | undefined;
}

/** The images of a training. They are opened when the network, the recipe and the settings have passed their checks. */
export interface TrainingData {
  /** Whether some of the images validate. */
  readonly isValidated: boolean;
  open(): Promise<DataSet | Failure>;
  split(
    dataSet: DataSet,
    settings: TrainingSettings,
  ): Split<Sample> | Failure | Promise<Split<Sample> | Failure>;
}

/** A training that has passed all checks. Nothing of it is written yet. */
export interface TrainingPlan {
  readonly network: CompiledNetwork;
  /** The name of the network, and of the recipe. */
  readonly title: string;
  readonly settings: TrainingSettings;
  /** How batches are made. */
  readonly loader: ResolvedSettings;
  readonly stepsPerEpoch: number;
  /** Opens while the images are read. Who does not train closes it: see closeStep. */
  readonly step: Promise<OpenedStep | Failure>;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  /** The first values of the parameters. */
  readonly weights: WeightSource;
  readonly folder: string;
  /** What is in the folder now: nothing, or this run, which has epochs left. */
  readonly state: RunState;
  /** What the folder keeps of the settings, and their hash: a run with another hash is another run. */
  readonly run: RunSettings;
  readonly hash: string;
  readonly threads: number;
  readonly device: OrtDevice | undefined;
  readonly workers: number | undefined;
  /** What the training images are like. */
  readonly trainingData: TrainingSetFacts | undefined;
  /** What the user should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Checks a training, each thing once: the recipe, the network, the settings, the data, the folder, and then the content of
 * every image and mask. Fails with the first thing that does not fit. Writes nothing.
 */
export async function planTraining(
  request: TrainingRequest,
  data: TrainingData,
): Promise<TrainingPlan | Failure> {
  const { network, device, threads = availableParallelism() } = request;
  const settings = settingsOf(request);
  if (settings instanceof Failure) return settings;
  const unfit = networkProblem(network, settings) ?? patienceProblem(settings, data.isValidated);
  if (unfit) return unfit;
  const opening = data.open();
  // A folder that cannot be listed fails at once.
  const refused = await Promise.race([opening, setImmediate()]);
  if (refused instanceof Failure) return refused;
  // It takes a third of a second, in which other threads read images.
  const step = openStep(network, stepSettingsOf(settings), { threads, device });
  const opened = await opening;
  if (!(opened instanceof Failure)) prepareLoader(request);
  const plan = await planWithData({ ...request, threads }, settings, opened, data.split);
  if (!(plan instanceof Failure)) return { ...plan, step };
  await closeStep(step);
  return plan;
}

/** Closes the step of a plan that is not trained. */
export async function closeStep(step: TrainingPlan['step']): Promise<void> {
  const opened = await step;
  if (!(opened instanceof Failure)) await opened.session.close();
}

/** The part of a plan that the images decide. */
async function planWithData(
  request: TrainingRequest & { readonly threads: number },
  settings: TrainingSettings,
  opened: DataSet | Failure,
  splitOf: TrainingData['split'],
): Promise<Omit<TrainingPlan, 'step'> | Failure> {
  if (opened instanceof Failure) return opened;
  const { network, recipe, folder, device, workers, threads } = request;
  const dataSet = { ...opened, normalization: network.spec.normalize.value };
  const otherData = dataProblem(network, dataSet);
  if (otherData) return otherData;
  const split = await splitOf(dataSet, settings);
  if (split instanceof Failure) return split;
  if (split.training.length === 0) return failure('no-training-image', {});
  const loader = resolveSettings(settings.loader, dataSet);
  if (loader instanceof Failure) return loader;
  const perEpoch = stepsPerEpoch(split.training, loader.patch, loader.batch);
  const warmup = scheduleProblem(settings.schedule, perEpoch, settings.epochs);
  if (warmup) return warmup;
  const weightNotes: string[] = [];
  const weights = startWeights(network, {
    ...{ weights: request.weights, map: request.map, seed: settings.seed },
    onNote: (note) => weightNotes.push(note),
  });
  if (weights instanceof Failure) return weights;
  const hashes = sampleHashes(dataSet.samples, dataSet.memory);
  if (hashes instanceof Failure) return hashes;
  const run = describeRun({
    ...{ network, recipe, settings, dataSet, split, hashes },
    ...{ sources: request.sources, set: request.set ?? [] },
    ...{ weights: request.weights, map: request.map },
  });
  if (run instanceof Failure) return run;
  const state = folderState(request, run, settings);
  if (state instanceof Failure) return state;
  const values = new DataValues(dataSet.channels);
  const missing = await surveyImages(request, dataSet, split, loader, values);
  if (missing instanceof Failure) return missing;
  const measured = await measuredRun({ network, run }, dataSet, split.training, values);
  if (measured instanceof Failure) return measured;
  const fresh = request.resume && state.kind === 'new';
  return {
    ...{ settings, loader, split, weights, folder, state, device, workers },
    ...{ network: measured.network, run: measured.run },
    dataSet: { ...dataSet, normalization: measured.network.spec.normalize.value },
    trainingData: trainingSetFacts(values, split.training),
    title: `${network.name}${recipe ? ` with ${recipe.name}` : ''}`,
    stepsPerEpoch: perEpoch,
    hash: settingsHash(run),
    threads,
    notes: [
      ...weightNotes,
      ...dataNotes(network, dataSet, settings.loader.patch.output),
      ...(fresh ? [`${folder} contains no run yet, so training starts from the first step`] : []),
      ...(split.notes ?? []),
      ...copyNotes(split, hashes),
      ...describeValues(values, measured.network.spec.normalize.value).warnings,
      ...missing,
    ],
  };
}

/** The settings, if the recipe fits the network. */
function settingsOf(request: TrainingRequest): TrainingSettings | Failure {
  const { network, recipe, onDiagnostics } = request;
  const diagnostics = checkRecipe(network, recipe);
  onDiagnostics?.(diagnostics);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const isReported = onDiagnostics !== undefined;
    return failure('recipe-invalid', {
      ...{ network: network.name, recipe: recipe?.name, diagnostics: errors, isReported },
    });
  }
  return trainingSettings(network, recipe, request);
}

/** What the folder contains, if the run can be trained into it. */
function folderState(
  { folder, resume }: TrainingRequest,
  run: RunSettings,
  settings: TrainingSettings,
): RunState | Failure {
  const busy = runFolderInUse(folder);
  if (busy) return busy;
  const state = inspectRunFolder(folder, run);
  if (state instanceof Failure || state.kind === 'new') return state;
  if (state.kind === 'resumable') return resume ? state : failure('run-unfinished', { folder });
  const { epochs } = settings;
  const isOver = state.kind === 'finished' || (state.isFinished && hasAllEpochs(folder, epochs));
  if (isOver) {
    // It belongs to a process that was killed after its last file.
    clearStaleLock(folder);
    return failure('run-finished', { folder, epochs });
  }
  if (resume) return state;
  return failure('run-shorter', { folder, before: state.before, now: state.now });
}

/** Whether a finished run has trained so many epochs: then more patience changes nothing. */
function hasAllEpochs(folder: string, epochs: number): boolean {
  const run = readRun(folder);
  return !(run instanceof Failure) && run.epochs.length >= epochs;
}

/**
 * Reads every image and mask, and adds the stored values of the training images to `values`. Gives a sentence for each
 * class that the training or the validation images lack.
 */
async function surveyImages(
  { onRead }: TrainingRequest,
  dataSet: DataSet,
  split: Split<Sample>,
  loader: ResolvedSettings,
  values: DataValues,
): Promise<readonly string[] | Failure> {
  const kept = keptSamples(split.training, dataSet.channels, loader, dataSet.memory.bound);
  const keptOnes = new Set(split.training.filter((_, index) => kept.has(index)));
  const samples = [...split.training, ...split.validation].sort((a, b) => (a.name < b.name ? -1 : 1));
  const learned = new Set(split.training);
  const findings = await surveySamples(dataSet, samples, {
    keep: (sample) => keptOnes.has(sample),
    summaries: {
      takes: (sample) => learned.has(sample),
      add: (_sample, summary) => values.add(summary),
    },
    ...(onRead ? { onProgress: onRead } : {}),
  });
  return findings instanceof Failure ? findings : labelCoverage(split, findings, dataSet.labels.classes);
}
