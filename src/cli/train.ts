import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { buildOnnx } from '../../codegen/onnx/build.js';
import type { WeightSource } from '../../codegen/weights/weight-source.js';
import { lossProblems } from '../autodiff/losses/loss-problems.js';
import { checkRecipe } from '../check-recipe.js';
import type { CompiledNetwork } from '../compile.js';
import { contentHash, sampleHashes } from '../data/content-hash.js';
import type { DataSet, Sample } from '../data/data-set.js';
import type { Split } from '../data/split.js';
import { networkMetadata } from '../metadata.js';
import { ORT_DEVICES, type OrtDevice } from '../runtime/engine.js';
import { Failure } from '../runtime/failure.js';
import { writeFilesAtomically } from '../runtime/write-file.js';
import type { RecipeSpec } from '../semantics/recipes.js';
import { version } from '../source/version.js';
import { finishRun, inspectRunFolder, runFiles, startRun } from '../train/run-folder.js';
import type { RunReport } from '../train/run-folder-report.js';
import { type RunSettings, settingsHash } from '../train/run-folder-settings.js';
import { lockRunFolder, runFolderInUse } from '../train/run-lock.js';
import { writeRunSamples } from '../train/run-samples.js';
import { BEST_BY, type TrainingRequest, type TrainingResult, train } from '../train/training-run.js';
import { type TrainingSettings, trainingSettings } from '../train/training-settings.js';
import type { CommandModule, ExitCode } from './command.js';
import { examples } from './command.js';
import { dataRemarks } from './data-fit.js';
import { addLabelOptions, type LabelOptions, readLabels } from './label-options.js';
import { memoryMisfit } from './memory-fit.js';
import { countText, fail, misuse, print, printJson, say, sizeText } from './output.js';
import { startWeights } from './start-weights.js';
import { addSetOption, compileWhole, sayDiagnostics, type TargetOptions } from './target.js';
import { dataOf, openData, recipeOf, specTexts } from './training-inputs.js';
import { TrainingProgress } from './training-progress.js';
import { openWeights, weightMisuse } from './weights.js';

interface Options extends TargetOptions, LabelOptions {
  readonly data: string;
  readonly output: string;
  readonly recipe?: string;
  readonly epochs?: string;
  readonly seed?: string;
  readonly validation: string;
  readonly weights?: string;
  readonly threads?: string;
  readonly device?: string;
  readonly workers?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .requiredOption('-d, --data <dir>', 'a folder with images and masks: see `unet data check`')
      .requiredOption('-o, --output <dir>', 'the folder of the run')
      .option('--recipe <name>', 'a `training` of the file; the only one there is when left out')
      .option('--epochs <number>', 'instead of those of the recipe')
      .option('--seed <number>', 'instead of that of the recipe')
      .option('--validation <part>', 'a part of the images, such as 0.2, or a file with their names', '0.2')
      .option('--weights <file>', 'weights to start from')
      .option('--threads <number>', 'threads of the engine (default: one a processor)')
      .option('--device <device>', `where the engine runs: ${ORT_DEVICES.join(', ')}`)
      .option('--workers <number>', 'threads that make batches')
      .option('--resume', 'go on with the run in the folder')
      .option('--json', 'print the result as JSON');
    addLabelOptions(command);
    addSetOption(command);
    examples(command, [
      'unet train cells.unet --data cells -o runs/cells',
      'unet train cells.unet#Cells --recipe Quick --data cells -o runs/quick --validation 0.25',
      'unet train cells.unet --data cells -o runs/cells --resume',
    ]);
    command.action(async (target: string, options: Options) => done(await run(target, options)));
  },
};

async function run(target: string, options: Options): Promise<ExitCode> {
  const wrong = numberMisuse(options) ?? weightMisuse(withoutUndefined({ weights: options.weights }));
  if (wrong !== undefined) return misuse(wrong);
  const device = ORT_DEVICES.find((one) => one === options.device);
  if (options.device !== undefined && !device) {
    return misuse(`--device takes ${ORT_DEVICES.join(', ')}, not \`${options.device}\``);
  }
  const labels = readLabels(options);
  if (typeof labels === 'string') return misuse(labels);
  const compiled = compileWhole(target, options);
  if (typeof compiled === 'number') return compiled;
  const { network, result } = compiled;
  const recipe = recipeOf(result, options.recipe, target);
  if (recipe instanceof Failure) return misuse(recipe.message);
  const problems = checkRecipe(network, recipe);
  sayDiagnostics(problems);
  if (problems.some(({ severity }) => severity === 'error')) return 1;
  if (network.graph.nodes.some(({ kind }) => kind === 'time')) {
    return fail(`${network.name} takes a time step: training on images and masks has none`);
  }
  const whole = number(options.epochs);
  const settings = trainingSettings(network, recipe, { epochs: whole, seed: number(options.seed) });
  const head = network.spec.head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
  const classWeights = recipe?.values.class_weights;
  const [unfit] = lossProblems(settings.loss, head, network.spec.classes.value, classWeights);
  // Of a loss that the recipe writes the problems are said already: here it is the standard one.
  if (unfit) return fail(`${network.name} cannot be trained: ${unfit.message}`);
  const tooLarge = memoryMisfit(network, settings);
  if (tooLarge) return fail(tooLarge);
  const opened = await openData(network, options, labels, settings.seed);
  if (opened instanceof Failure) return fail(opened);
  const { dataSet, split } = opened;
  for (const remark of dataRemarks(network, dataSet, settings.loader.patch.output)) say(`note: ${remark}`);
  const weights = startWeights(network, options.weights, settings.seed);
  if (weights instanceof Failure) return fail(weights);
  const texts = specTexts(target, result);
  if (texts instanceof Failure) return fail(texts);
  const startHash = options.weights === undefined ? null : contentHash(options.weights);
  if (startHash instanceof Failure) return fail(startHash);
  const hashes = sampleHashes(dataSet.samples);
  if (hashes instanceof Failure) return fail(hashes);
  const runSettings: RunSettings = {
    network: network.name,
    spec: texts,
    recipe: {
      name: recipe?.name ?? null,
      ...settings,
      set: options.set ?? [],
      weights: options.weights ?? null,
      weights_sha256: startHash,
    },
    data: dataOf(dataSet, split, hashes),
  };
  const busy = runFolderInUse(options.output);
  if (busy) return fail(busy);
  const state = inspectRunFolder(options.output, runSettings);
  if (state instanceof Failure) return fail(state);
  if (state.kind === 'finished')
    return fail(`${options.output} holds this run, finished: choose another folder`);
  if (state.kind === 'resumable' && !options.resume) {
    return fail(`${options.output} holds this run, not finished: --resume goes on with it`);
  }
  if (options.resume && state.kind === 'new') {
    say(`note: there is no run in ${options.output} yet: it begins from the first step`);
  }
  const threads = number(options.threads) ?? availableParallelism();
  const where = { threads, device };
  const lock = lockRunFolder(options.output);
  if (lock instanceof Failure) return fail(lock);
  try {
    const now = inspectRunFolder(options.output, runSettings);
    if (now instanceof Failure) return fail(now);
    if (now.kind !== state.kind) return fail(`${options.output} was changed by another process just now`);
    return await trainIn(options, {
      network,
      settings,
      dataSet,
      split,
      weights,
      ...where,
      runSettings,
      recipe,
    });
  } finally {
    lock.release();
  }
}

interface Prepared {
  readonly network: CompiledNetwork;
  readonly settings: TrainingSettings;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  readonly weights: WeightSource;
  readonly threads: number;
  readonly device: OrtDevice | undefined;
  readonly runSettings: RunSettings;
  readonly recipe: RecipeSpec | undefined;
}

async function trainIn(options: Options, prepared: Prepared): Promise<ExitCode> {
  const { network, settings, dataSet, split, threads, runSettings, recipe } = prepared;
  const folder = options.output;
  const classNames = Array.from({ length: dataSet.labels.classes }, (_, i) =>
    i === 0 ? 'background' : `class ${i}`,
  );
  const title = `${network.name}${recipe ? ` with ${recipe.name}` : ''}`;
  let stops = 0;
  const stop = () => {
    stops += 1;
    if (stops === 1) say('unet: finishing the step and saving; once more stops at once');
    else process.exit(130);
  };
  process.on('SIGINT', stop);
  const progress = new TrainingProgress(settings.epochs);
  const request: TrainingRequest = {
    ...prepared,
    workers: number(options.workers),
    folder,
    title,
    classNames,
    hash: settingsHash(runSettings),
    metadata: networkMetadata(network),
    onBegin: () => {
      const libraries = { 'onnxruntime-node': packageVersion('onnxruntime-node') };
      return startRun(folder, runSettings, { threads, libraries });
    },
    shouldStop: () => stops > 0,
    onStep: (step) => progress.step(step),
    onEpoch: (row, isBest) => progress.epoch(row, isBest, options.json ?? false),
    onRemark: (remark) => say(`note: ${remark}`),
  };
  if (!options.json) {
    print(
      `${title}: ${countText(network.facts.trainingParameters)} parameters, patches of ${sizeText(settings.loader.patch.input)}, ` +
        `${split.training.length} images to train with and ${split.validation.length} to validate`,
    );
  }
  const result = await train(request);
  progress.end();
  process.off('SIGINT', stop);
  if (result instanceof Failure) return fail(result);
  if (result.end === 'stopped') {
    say(`stopped and saved in ${folder}: the same command with --resume goes on`);
    return 130;
  }
  return finish(options, prepared, request, result);
}

/** Samples, the model with the best weights, and the report. */
async function finish(
  options: Options,
  { network, settings, dataSet, split, runSettings }: Prepared,
  request: TrainingRequest,
  result: TrainingResult,
): Promise<ExitCode> {
  const { folder, title, classNames } = request;
  const best = openWeights(network, { weights: `${folder}/${result.best ? runFiles.best : runFiles.last}` });
  if (best instanceof Failure) return fail(best);
  const found = await writeRunSamples({
    network,
    settings,
    dataSet,
    split,
    weights: best,
    folder,
    threads: request.threads,
    device: request.device,
  });
  if (found instanceof Failure) return fail(found);
  const { metrics, cells } = found;
  const report: RunReport = {
    title,
    facts: [
      ['network', `${network.name}, ${countText(network.facts.parameters)} parameters`],
      ['patches', `${sizeText(settings.loader.patch.input)}, ${settings.loader.batch} a step`],
      ['images', `${split.training.length} to train with, ${split.validation.length} to validate`],
      ['end', result.end],
      ...(cells
        ? [
            [
              'cells of the validation images',
              `${cells.cells}: ${cells.merged} merged with a neighbour, ${cells.lost} lost`,
            ] as const,
          ]
        : []),
    ],
    classes: classNames,
    epochs: result.epochs,
    best: result.best,
    bestBy: BEST_BY,
    metrics,
  };
  const failure = await finishRun(folder, runSettings, report, (path) => {
    const built = buildOnnx(network.graph, {
      weights: best,
      fileName: runFiles.model,
      producerVersion: version,
      metadata: networkMetadata(network),
      dynamic: request.network.axes.every(({ maximum }) => maximum === undefined),
    });
    if (!built.ok) return new Failure(built.problems.map(({ message }) => message).join('; '));
    const files = built.files.map((file, i) => ({
      path: i === 0 ? path : `${path}.data`,
      chunks: file.chunks,
    }));
    return writeFilesAtomically(files);
  });
  if (failure) return fail(failure);
  if (options.json) {
    printJson({ folder, end: result.end, epochs: result.epochs.length, best: result.best ?? null });
    return 0;
  }
  const value = result.best ? `, Dice ${result.best.value.toFixed(4)} in epoch ${result.best.epoch}` : '';
  print(`${result.end}${value}: the run is in ${folder}, its model in ${folder}/${runFiles.model}`);
  return 0;
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

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function numberMisuse(options: Options): string | undefined {
  for (const name of ['data', 'output'] as const) {
    if (options[name] === '') return `--${name} takes a folder, and its name is empty`;
  }
  for (const [name, largest] of [
    ['epochs', 1_000_000],
    ['threads', 999],
  ] as const) {
    const text = options[name];
    if (text !== undefined && !(/^[1-9]\d{0,6}$/.test(text) && Number(text) <= largest))
      return `--${name} takes a number from 1 to ${largest}, not \`${text}\``;
  }
  for (const [name, largest] of [
    ['seed', 0xffff_ffff],
    ['workers', 999],
  ] as const) {
    const text = options[name];
    if (text !== undefined && !(/^\d{1,10}$/.test(text) && Number(text) <= largest))
      return `--${name} takes a number from 0 to ${largest}, not \`${text}\``;
  }
  return undefined;
}

/** The entries that are set: an option that is left out must not be there at all. */
function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }; // entries of T itself
}
