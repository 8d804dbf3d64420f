import type { Wanted } from '../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { ORT_DEVICES } from '../../runtime/engine.js';
import { planTraining } from '../../train/plan-training.js';
import { runFiles } from '../../train/run-folder/run-folder.js';
import { runTraining } from '../../train/train.js';
import type { TrainingResult } from '../../train/training-result.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { addLabelOptions, type LabelOptions, readLabels } from '../input/label-options.js';
import { weightUsageError } from '../input/open-weights.js';
import { addPairOptions, type PairChoice, pairUsageError } from '../input/pair-options.js';
import { addSetOption, compileWhole, type TargetOptions } from '../input/target.js';
import { chosenData, readFold, recipeOf } from '../input/training-inputs.js';
import {
  countText,
  print,
  printJson,
  report,
  reportDiagnostics,
  reportNote,
  sizeText,
} from '../output/output.js';
import { ProgressBar } from '../output/progress.js';
import { TrainingProgress } from '../output/training-progress.js';

interface Options extends TargetOptions, LabelOptions, PairChoice {
  readonly data: string;
  readonly output: string;
  readonly recipe?: string;
  readonly epochs?: string;
  readonly patience?: string;
  readonly seed?: string;
  readonly validation?: string;
  readonly group?: string;
  readonly fold?: string;
  readonly weights?: string;
  readonly map?: string;
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
      .option('--recipe <name>', 'the recipe; needed only if the file has several')
      .option('--epochs <number>', 'in place of the epochs of the recipe')
      .option('--patience <number>', 'end training after this many epochs without a better Dice')
      .option('--seed <number>', 'in place of the seed of the recipe')
      .option(
        '--validation <part>',
        'the part of the images that validates: 0.2 (default), 0 for none, or a file with their names',
      )
      .option('--fold <fold>', 'the fold of a cross-validation that validates, such as 2/5')
      .option('--group <pattern>', 'keep images of a group together: {group}_*, or a regular expression')
      .option('--weights <file>', 'start from these weights')
      .option('--map <map>', 'the map of the tensor names in --weights: a built-in map or a file')
      .option('--threads <number>', 'threads of the engine (default: one per processor)')
      .option('--device <device>', `the device of the engine: ${ORT_DEVICES.join(', ')}`)
      .option('--workers <number>', 'threads that make batches')
      .option('--resume', 'continue the run in the folder')
      .option('--json', 'print the result as JSON');
    addPairOptions(command);
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
  const wrong = usageErrorOf(options) ?? pairUsageError(options);
  if (wrong) return wrong;
  const device = ORT_DEVICES.find((one) => one === options.device);
  if (options.device !== undefined && !device) {
    const wanted = { oneOf: ORT_DEVICES };
    return failure('invalid-option-value', { option: '--device', value: options.device, wanted });
  }
  const labels = readLabels(options);
  if (labels instanceof Failure) return labels;
  const compiled = compileWhole(target, options);
  if (compiled instanceof Failure) return compiled;
  const { network, result } = compiled;
  if (network.spec.rank === 3 && options.axis !== undefined) {
    return failure('needless-option', { options: ['--axis'], reason: { case: 'whole-volumes' } });
  }
  const recipe = recipeOf(result, options.recipe, target);
  if (recipe instanceof Failure) return recipe;
  const { output: folder, set, resume, weights, map } = options;
  const isQuiet = options.json ?? false;
  const reading = new ProgressBar('reading images', 'images');
  const data = chosenData(network, options, labels);
  const plan = await planTraining(
    {
      ...{ network, recipe, folder, set, resume, weights, map, device },
      sources: result.sources,
      epochs: number(options.epochs),
      patience: number(options.patience),
      seed: number(options.seed),
      threads: number(options.threads),
      workers: number(options.workers),
      onRead: (done, all) => reading.update(done, all),
      onDiagnostics: reportDiagnostics,
    },
    data,
  );
  reading.end();
  if (plan instanceof Failure) return plan;
  const { title, settings, split } = plan;
  const interrupt = new Interrupt();
  const progress = new TrainingProgress(settings.epochs, data.isValidated);
  const trained = await runTraining(plan, {
    signal: interrupt.signal,
    onStart: () => {
      interrupt.start();
      if (isQuiet) return;
      print(
        `${title}: ${countText(network.facts.trainingParameters)} parameters, patches of ${sizeText(settings.loader.patch.input)}, ` +
          `${imagesText(split.training.length)} for training and ${split.validation.length || 'none'} for validation`,
      );
    },
    onStep: (step) => progress.step(step),
    onEpoch: (row, isBest) => progress.epoch(row, isBest, isQuiet),
    onNote: reportNote,
  });
  progress.end();
  interrupt.end();
  return trained instanceof Failure ? trained : printResult(trained, folder, isQuiet);
}

const ends = { 'all epochs': 'trained all epochs', 'early-stopped': 'stopped early' } as const;

/** Prints how a training ended. */
function printResult({ end, epochs, best }: TrainingResult, folder: string, isQuiet: boolean): Outcome {
  if (end === 'stopped') {
    report(`stopped and saved in ${folder}; the same command with --resume continues`);
    return 130;
  }
  if (isQuiet) {
    printJson({ folder, end, epochs: epochs.length, best: best ?? null });
    return 0;
  }
  const value = best ? `, best ${best.by ?? 'Dice'} ${best.value.toFixed(4)} in epoch ${best.epoch}` : '';
  print(`${ends[end]}${value}: the run is in ${folder}, the model in ${folder}/${runFiles.model}`);
  return 0;
}

/** Ctrl-C while training: the first stops training after the step, the second ends the process. */
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
    report('unet: finishing the step and saving; press Ctrl-C again to stop at once');
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

function usageErrorOf(options: Options): Failure | undefined {
  const { weights, map } = options;
  const wrongMap = weightUsageError({
    ...(weights === undefined ? {} : { weights }),
    ...(map === undefined ? {} : { map }),
  });
  if (wrongMap) return wrongMap;
  const wrong = (option: string, value: string, wanted: Wanted) =>
    failure('invalid-option-value', { option, value, wanted });
  for (const name of ['data', 'output'] as const) {
    if (options[name] === '') return wrong(`--${name}`, '', { form: 'folder' });
  }
  const { validation, fold, group } = options;
  if (validation?.trim() === '') return wrong('--validation', validation, { form: 'validation' });
  if (fold !== undefined && !readFold(fold)) return wrong('--fold', fold, { form: 'fold' });
  if (group === '') return wrong('--group', group, { form: 'group' });
  if (fold !== undefined && validation !== undefined) {
    return failure('conflicting-options', { options: ['--fold', '--validation'] });
  }
  for (const [name, least, most] of [
    ['epochs', 1, 1_000_000],
    ['patience', 1, 1_000_000],
    ['threads', 1, 999],
    ['seed', 0, 0xffff_ffff],
    ['workers', 0, 999],
  ] as const) {
    const text = options[name];
    if (text === undefined) continue;
    if (!/^\d{1,10}$/.test(text) || Number(text) < least || Number(text) > most) {
      return wrong(`--${name}`, text, { wholeFrom: least, to: most });
    }
  }
  return undefined;
}
