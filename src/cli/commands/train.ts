import { checkRecipe } from '../../autodiff/checks/check-recipe.js';
import { Failure } from '../../diagnostics/failure.js';
import { ORT_DEVICES } from '../../runtime/engine.js';
import { networkProblem, patienceProblem } from '../../train/loop/training-problem.js';
import { trainingSettings } from '../../train/loop/training-settings.js';
import { runFiles } from '../../train/run-folder/run-folder.js';
import { type TrainingStart, train } from '../../train/train.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addLabelOptions, type LabelOptions, readLabels } from '../input/label-options.js';
import { weightUsageError } from '../input/open-weights.js';
import { addSetOption, compileWhole, type TargetOptions } from '../input/target.js';
import { openData, recipeOf } from '../input/training-inputs.js';
import { dataNotes } from '../output/data-notes.js';
import {
  countText,
  fail,
  print,
  printJson,
  reportDiagnostics,
  say,
  sizeText,
  usageError,
} from '../output/output.js';
import { ProgressBar } from '../output/progress.js';
import { TrainingProgress } from '../output/training-progress.js';

interface Options extends TargetOptions, LabelOptions {
  readonly data: string;
  readonly output: string;
  readonly recipe?: string;
  readonly epochs?: string;
  readonly patience?: string;
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
      .option('--patience <number>', 'epochs without a better Dice after which training ends')
      .option('--seed <number>', 'instead of that of the recipe')
      .option(
        '--validation <part>',
        'a part of the images, such as 0.2, 0 for none, or a file with their names',
        '0.2',
      )
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

async function run(target: string, options: Options): Promise<Outcome> {
  const wrong = numberMisuse(options);
  if (wrong !== undefined) return usageError(wrong);
  const wrongWeights = weightUsageError(withoutUndefined({ weights: options.weights }));
  if (wrongWeights) return wrongWeights;
  const device = ORT_DEVICES.find((one) => one === options.device);
  if (options.device !== undefined && !device) {
    return usageError(`--device takes ${ORT_DEVICES.join(', ')}, not \`${options.device}\``);
  }
  const labels = readLabels(options);
  if (labels instanceof Failure) return labels;
  const compiled = compileWhole(target, options);
  if (compiled instanceof Failure) return compiled;
  const { network, result } = compiled;
  const recipe = recipeOf(result, options.recipe, target);
  if (recipe instanceof Failure) return usageError(recipe.message);
  const problems = checkRecipe(network, recipe);
  reportDiagnostics(problems);
  if (problems.some(({ severity }) => severity === 'error')) return 1;
  const overrides = {
    epochs: number(options.epochs),
    patience: number(options.patience),
    seed: number(options.seed),
  };
  const settings = trainingSettings(network, recipe, overrides);
  const isValidated = Number(options.validation) !== 0;
  const invalid = networkProblem(network, settings) ?? patienceProblem(settings, isValidated);
  if (invalid) return fail(invalid);
  const opened = await openData(network, options, labels, settings.seed);
  if (opened instanceof Failure) return fail(opened);
  const { dataSet, split } = opened;
  for (const note of dataNotes(network, dataSet, settings.loader.patch.output)) say(`note: ${note}`);
  const isQuiet = options.json ?? false;
  const interrupt = new Interrupt();
  const start = ({ title }: TrainingStart) => {
    interrupt.start();
    if (isQuiet) return;
    print(
      `${title}: ${countText(network.facts.trainingParameters)} parameters, patches of ${sizeText(settings.loader.patch.input)}, ` +
        `${imagesText(split.training.length)} to train with and ${split.validation.length || 'none'} to validate`,
    );
  };
  const { output: folder, set, resume, weights } = options;
  const reading = new ProgressBar('reading images', 'images');
  const progress = new TrainingProgress(settings.epochs, isValidated);
  const trained = await train({
    ...{ network, recipe, folder, set, resume, weights, device, dataSet, split, ...overrides },
    sources: result.sources,
    threads: number(options.threads),
    workers: number(options.workers),
    signal: interrupt.signal,
    onRead: (done, all) => {
      reading.update(done, all);
      if (done === all) reading.end();
    },
    onStart: start,
    onStep: (step) => progress.step(step),
    onEpoch: (row, isBest) => progress.epoch(row, isBest, isQuiet),
    onNote: (note) => say(`note: ${note}`),
  });
  progress.end();
  interrupt.end();
  if (trained instanceof Failure) return fail(trained);
  const { end, epochs, best } = trained;
  if (end === 'stopped') {
    say(`stopped and saved in ${folder}: the same command with --resume goes on`);
    return 130;
  }
  if (isQuiet) {
    printJson({ folder, end, epochs: epochs.length, best: best ?? null });
    return 0;
  }
  const value = best ? `, Dice ${best.value.toFixed(4)} in epoch ${best.epoch}` : '';
  print(`${end}${value}: the run is in ${folder}, its model in ${folder}/${runFiles.model}`);
  return 0;
}

/** Ctrl-C while training: the first asks training to stop, the second ends the process. */
class Interrupt {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  start(): void {
    process.on('SIGINT', this.heard);
  }

  end(): void {
    process.off('SIGINT', this.heard);
  }

  private readonly heard = () => {
    if (this.signal.aborted) process.exit(130);
    say('unet: finishing the step and saving; once more stops at once');
    this.controller.abort();
  };
}

/** "1 image", "6 images". */
function imagesText(count: number): string {
  return `${count} ${count === 1 ? 'image' : 'images'}`;
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function numberMisuse(options: Options): string | undefined {
  for (const name of ['data', 'output'] as const) {
    if (options[name] === '') return `--${name} takes a folder, and its name is empty`;
  }
  if (options.validation.trim() === '') {
    return '--validation takes a part of the images or a file with their names, and it is empty';
  }
  for (const [name, largest] of [
    ['epochs', 1_000_000],
    ['patience', 1_000_000],
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
