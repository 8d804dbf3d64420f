import { basename, dirname, resolve } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { forTraining } from '../../compiler/compile.js';
import { buildPasses } from '../../compiler/passes.js';
import { Failure } from '../../diagnostics/failure.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { openWeights, weightMisuse } from '../input/open-weights.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import {
  type BuildTarget,
  buildTargets,
  settingMisuse,
  type TargetSettings,
} from '../output/build-targets.js';
import { fail, say, usageError } from '../output/output.js';
import { addStatsOption, measuredWeights, printStats, type StatsOptions, timerFor } from '../output/stats.js';
import { writeResult } from '../output/write-result.js';

interface Options extends TargetOptions, TargetSettings, StatsOptions {
  readonly target: string;
  readonly output: string;
  readonly training?: boolean;
  readonly json?: boolean;
}

const targetNames = Object.keys(buildTargets);

/** The options that are not for every target. */
const settings: readonly (readonly [name: keyof TargetSettings, flags: string, description: string])[] = [
  ['seed', '--seed <number>', 'the seed of the weights (default: 0)'],
  ['weights', '--weights <file>', 'weights from a file'],
  ['map', '--map <map>', 'the names of the weights in the file: a built-in map or a file'],
  ['dynamic', '--dynamic', 'leave the spatial sizes free, not only the batch'],
  ['opset', '--opset <number>', 'the ONNX opset (default: 17)'],
  ['fold', '--fold', 'merge batch norms into the convs before them'],
  ['externalData', '--external-data', 'put the weights into a file of their own'],
  ['dtype', '--dtype <type>', 'float32 (default) or float16'],
  ['header', '--header', 'say in the file which spec it comes from'],
];

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .requiredOption('-t, --target <target>', `what to write: ${targetNames.join(', ')}`)
      .requiredOption('-o, --output <path>', 'where to write it: a file; a folder for tfjs');
    for (const [name, flags, description] of settings) {
      const readers = targetNames.filter((target) => targetNamed(target)?.settings.has(name));
      const only = readers.length < targetNames.length ? `${readers.join(', ')}: ` : '';
      command.option(flags, only + description);
    }
    command.option('--training', 'the graph that is trained: with the outputs of all supervised heads');
    command.option('--json', 'print what was written as JSON');
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

async function run(spec: string, options: Options): Promise<ExitCode> {
  const target = targetNamed(options.target);
  if (!target) return usageError(`--target takes ${targetNames.join(', ')}, not \`${options.target}\``);
  const foreign = settings.find(([name]) => options[name] !== undefined && !target.settings.has(name));
  if (foreign) return usageError(`${foreign[1].split(' ')[0]} is not for --target ${options.target}`);
  const wrong = settingMisuse(options) ?? weightMisuse(options);
  if (wrong !== undefined) return usageError(wrong);
  const timer = timerFor(options);
  const compiled = compileTarget(spec, options, 'must hold', timer?.run);
  if (typeof compiled === 'number') return compiled;
  const network = options.training ? forTraining(compiled) : compiled;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return fail(weights);
  const fileName = basename(resolve(options.output));
  const emit = () => target.emit({ network, settings: options, fileName }, measuredWeights(weights, timer));
  const built = timer ? await timer.measureAsync(buildPasses.lower, emit, filesOf) : await emit();
  if (!built.ok) return usageError(built.problems.map((problem) => problem.message).join('; '));
  const folder = target.output === 'folder' ? options.output : dirname(options.output);
  const code = writeResult(network, folder, built.files, { json: options.json ?? false, timer });
  for (const note of code === 0 ? (built.notes ?? []) : []) say(`note: ${note}`);
  if (code === 0 && !options.json) printStats(timer);
  return code;
}

function filesOf(built: Emission): number {
  return built.ok ? built.files.length : 0;
}
