import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { checkRecipe } from '../autodiff/checks/check-recipe.js';
import type { CompiledNetwork } from '../compiler/compile.js';
import { networkMetadata } from '../compiler/metadata.js';
import type { DataSet, Sample } from '../data/data-set.js';
import type { Split } from '../data/split.js';
import { Failure } from '../diagnostics/failure.js';
import { renderText } from '../diagnostics/render/text.js';
import type { RecipeSpec } from '../language/recipes/recipe-spec.js';
import type { OrtDevice } from '../runtime/engine.js';
import { startWeights } from './loop/start-weights.js';
import { dataProblem, networkProblem, patienceProblem } from './loop/training-problem.js';
import { trainEpochs } from './loop/training-run.js';
import { type SettingOverrides, type TrainingSettings, trainingSettings } from './loop/training-settings.js';
import { readTrainingSamples } from './read-samples.js';
import type { EpochRow } from './report/run-folder-epochs.js';
import { describeRun } from './run-folder/describe-run.js';
import { inspectRunFolder, type RunState, startRun } from './run-folder/run-folder.js';
import { type RunSettings, type SpecText, settingsHash } from './run-folder/run-folder-settings.js';
import { clearStaleLock, lockRunFolder, runFolderInUse } from './run-folder/run-lock.js';
import { writeResults } from './run-results.js';
import type { StepState, TrainingRequest } from './training-request.js';
import type { TrainingResult } from './training-result.js';

/** What is trained, on what, into which folder; what is left out is as `unet train` has it. */
export interface TrainOptions extends SettingOverrides {
  readonly network: CompiledNetwork;
  /** The texts that the run keeps: `sources` of the compilation. */
  readonly sources: readonly SpecText[];
  /** A `training` of the file; the standard settings when left out. */
  readonly recipe?: RecipeSpec | undefined;
  readonly dataSet: DataSet;
  /** Without validation images the best weights are those of the last step, and nothing is measured. */
  readonly split: Split<Sample>;
  /** The folder of the run: a new or empty one, or one with this run. */
  readonly folder: string;
  /** Goes on with the run in the folder, where there is one. */
  readonly resume?: boolean | undefined;
  /** A file with weights to start from; those of the seed when left out. */
  readonly weights?: string | undefined;
  /** What the compilation was given as `set`, each as `name=value`: a run of others is another run. */
  readonly set?: readonly string[] | undefined;
  /** Threads of the engine; one a processor when left out. */
  readonly threads?: number | undefined;
  /** Where the engine runs; on the CPU when left out. */
  readonly device?: OrtDevice | undefined;
  /** Threads that make batches; as many as help when left out. */
  readonly workers?: number | undefined;
  /** Finishes the step that is under way, writes a checkpoint, and ends. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each of the images, which are all read once before training begins. */
  readonly onRead?: ((done: number, total: number) => void) | undefined;
  /** Called when everything is known and nothing is written yet. */
  readonly onStart?: ((start: TrainingStart) => void) | undefined;
  readonly onStep?: ((state: StepState) => void) | undefined;
  readonly onEpoch?: ((row: EpochRow, isBest: boolean) => void) | undefined;
  /** What a user should know, a sentence each. */
  readonly onNote?: ((note: string) => void) | undefined;
}

export interface TrainingStart {
  /** The network's name, with that of the recipe. */
  readonly title: string;
  readonly settings: TrainingSettings;
}

/**
 * Trains a network on images and masks, and leaves weights, metrics, pictures, a report and the model in a folder, as
 * `unet train` does. A run that was stopped or killed is gone on with, to the same bytes. Fails for what does not fit
 * together, before anything is written, and where training comes to nothing.
 */
export async function train(options: TrainOptions): Promise<TrainingResult | Failure> {
  const { network, recipe, dataSet, split, folder } = options;
  const errors = checkRecipe(network, recipe).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return new Failure(renderText(errors, { color: false }).trimEnd());
  const settings = trainingSettings(network, recipe, options);
  const invalid =
    networkProblem(network, settings) ??
    dataProblem(network, dataSet) ??
    patienceProblem(settings, split.validation.length > 0);
  if (invalid) return invalid;
  const weights = startWeights(network, options.weights, settings.seed);
  if (weights instanceof Failure) return weights;
  const described = describeRun({
    ...{ network, recipe, settings, dataSet, split },
    ...{ sources: options.sources, set: options.set ?? [], weights: options.weights },
  });
  if (described instanceof Failure) return described;
  const busy = runFolderInUse(folder);
  if (busy) return busy;
  const state = stateOf(options, described);
  if (state instanceof Failure) return state;
  if (options.resume && state.kind === 'new') {
    options.onNote?.(`there is no run in ${folder} yet: it begins from the first step`);
  }
  const notes = await readTrainingSamples(dataSet, split, options.onRead);
  if (notes instanceof Failure) return notes;
  for (const note of notes) options.onNote?.(note);
  const threads = options.threads ?? availableParallelism();
  const title = `${network.name}${recipe ? ` with ${recipe.name}` : ''}`;
  const request: TrainingRequest = {
    ...{ network, settings, dataSet, split, weights, threads, folder, title },
    device: options.device,
    workers: options.workers,
    classNames: Array.from({ length: dataSet.labels.classes }, (_, i) =>
      i === 0 ? 'background' : `class ${i}`,
    ),
    hash: settingsHash(described),
    metadata: networkMetadata(network),
    onBegin: () => {
      const libraries = { 'onnxruntime-node': packageVersion('onnxruntime-node') };
      return startRun(folder, described, { threads, libraries });
    },
    shouldStop: () => options.signal?.aborted ?? false,
    onStep: (step) => options.onStep?.(step),
    onEpoch: (row, isBest) => options.onEpoch?.(row, isBest),
    onNote: (note) => options.onNote?.(note),
  };
  const lock = lockRunFolder(folder);
  if (lock instanceof Failure) return lock;
  try {
    const now = inspectRunFolder(folder, described);
    if (now instanceof Failure) return now;
    if (now.kind !== state.kind) return new Failure(`${folder} was changed by another process just now`);
    options.onStart?.({ title, settings });
    const result = await trainEpochs(request);
    if (result instanceof Failure || result.end === 'stopped') return result;
    return (await writeResults(request, described, result)) ?? result;
  } finally {
    lock.release();
  }
}

/** What the folder is to the run, where it can be trained into. */
function stateOf({ folder, resume }: TrainOptions, settings: RunSettings): RunState | Failure {
  const state = inspectRunFolder(folder, settings);
  if (state instanceof Failure) return state;
  if (state.kind === 'finished') {
    // Of a process that was killed after its last file.
    clearStaleLock(folder);
    return new Failure(`${folder} holds this run, finished: choose another folder`);
  }
  if (state.kind === 'resumable' && !resume) {
    return new Failure(
      `${folder} holds this run, not finished: --resume goes on with it, or \`resume\` in a program`,
    );
  }
  return state;
}

/** The version of an installed package; "unknown" where it does not say. */
function packageVersion(name: string): string {
  try {
    const { version: found }: { version?: unknown } = createRequire(import.meta.url)(`${name}/package.json`);
    return typeof found === 'string' ? found : 'unknown';
  } catch {
    return 'unknown';
  }
}
