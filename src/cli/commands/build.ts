import { basename, dirname, resolve } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { forTraining } from '../../compiler/compile.js';
import { buildPasses } from '../../compiler/passes.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import {
  type BuildTarget,
  buildTargets,
  emissionFailure,
  settingUsageError,
  type TargetSettings,
} from '../input/build-targets.js';
import { openWeights, weightUsageError } from '../input/open-weights.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { reportNote } from '../output/output.js';
import { addStatsOption, measuredWeights, printStats, type StatsOptions, timerFor } from '../output/stats.js';
import { writeResult } from '../output/write-result.js';

interface Options extends TargetOptions, TargetSettings, StatsOptions {
  readonly target: string;
  readonly output: string;
  readonly training?: boolean;
  readonly json?: boolean;
}

const targetNames = Object.keys(buildTargets);

/** The options that only some targets take. */
const settings: readonly (readonly [name: keyof TargetSettings, flags: string, description: string])[] = [
  ['seed', '--seed <number>', 'the seed of the weights (default: 0)'],
  ['weights', '--weights <file>', 'read the weights from a file'],
  ['map', '--map <map>', 'the map of the tensor names in that file: a built-in map or a file'],
  ['dynamic', '--dynamic', 'leave the spatial sizes free; the batch is always free'],
  ['opset', '--opset <number>', 'the ONNX opset (default: 17)'],
  ['fold', '--fold', 'merge batch norms into the convs before them'],
  ['externalData', '--external-data', 'put the weights into a separate file'],
  ['dtype', '--dtype <type>', 'float32 (default) or float16'],
  ['preprocess', '--preprocess <where>', 'graph: the model itself applies `normalize` to stored values'],
  ['header', '--header', 'name the spec in the file'],
];

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .requiredOption('-t, --target <target>', `the target: ${targetNames.join(', ')}`)
      .requiredOption('-o, --output <path>', 'the output: a file, or a folder for tfjs');
    for (const [name, flags, description] of settings) {
      const readers = targetNames.filter((target) => targetNamed(target)?.settings.has(name));
      const only = readers.length < targetNames.length ? `${readers.join(', ')}: ` : '';
      command.option(flags, only + description);
    }
    command.option('--training', 'write the training graph, with the outputs of all supervised heads');
    command.option('--json', 'print JSON: the files, and their size');
    addInputOption(command);
    addSetOption(command);
    addStatsOption(command);
    examples(command, [
      'unet build specs/unet2d.unet --target onnx -o out/unet2d.onnx',
      'unet build specs/unet2d.unet --target onnx -o out/any-size.onnx --dynamic --seed 7',
      'unet build specs/unet2d.unet --target tfjs -o out/unet2d',
      'unet build net.unet --target onnx --training -o out/with-all-heads.onnx',
    ]);
    command.action(async (target: string, options: Options) => done(await run(target, options)));
  },
};

function targetNamed(name: string): BuildTarget | undefined {
  return Object.entries(buildTargets).find(([one]) => one === name)?.[1];
}

async function run(spec: string, options: Options): Promise<Outcome> {
  const target = targetNamed(options.target);
  if (!target) {
    return failure('invalid-option-value', {
      option: '--target',
      value: options.target,
      wanted: { oneOf: targetNames },
    });
  }
  const foreign = settings.find(([name]) => options[name] !== undefined && !target.settings.has(name));
  if (foreign) {
    const [option = ''] = foreign[1].split(' ');
    return failure('needless-option', {
      options: [option],
      reason: { case: 'target', target: options.target },
    });
  }
  const wrong = settingUsageError(options) ?? weightUsageError(options);
  if (wrong) return wrong;
  const timer = timerFor(options);
  const compiled = compileTarget(spec, options, 'must hold', timer?.run);
  if (compiled instanceof Failure) return compiled;
  const network = options.training ? forTraining(compiled) : compiled;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return weights;
  const fileName = basename(resolve(options.output));
  const emit = () => target.emit({ network, settings: options, fileName }, measuredWeights(weights, timer));
  const built = timer ? await timer.measureAsync(buildPasses.lower, emit, filesOf) : await emit();
  if (!built.ok) return emissionFailure(built.problems);
  const folder = target.output === 'folder' ? options.output : dirname(options.output);
  const outcome = writeResult(network, folder, built.files, { json: options.json ?? false, timer });
  if (outcome !== 0) return outcome;
  for (const note of built.notes ?? []) reportNote(note);
  if (!options.json) printStats(timer);
  return outcome;
}

function filesOf(built: Emission): number {
  return built.ok ? built.files.length : 0;
}
