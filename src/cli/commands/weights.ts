import { basename, dirname, extname, resolve } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { type CompiledNetwork, forTraining } from '../../compiler/compile.js';
import { networkMetadata } from '../../compiler/metadata.js';
import { Failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { isFolder } from '../../runtime/files/folders.js';
import { formatOfName } from '../../runtime/files/weights-format.js';
import { writeSafetensors } from '../../weights/formats/safetensors-write.js';
import { builtInMaps } from '../../weights/names/built-in-maps.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { openWeights, weightMisuse } from '../input/open-weights.js';
import { addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { buildTargets } from '../output/build-targets.js';
import { fail, print, printJson, usageError } from '../output/output.js';
import { writeResult } from '../output/write-result.js';

interface ConvertOptions extends TargetOptions {
  readonly from: string;
  readonly to: string;
  readonly map?: string;
  readonly training?: boolean;
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    examples(command, [
      'unet weights convert net.unet --from unet.pth --map milesial --to net.safetensors',
      'unet weights convert net.unet --from net.safetensors --to net.onnx --json',
      'unet weights maps',
    ]);
    const convert = command.command('convert').description('weights from one kind of file into another');
    convert
      .argument('<target>', 'FILE or FILE#NET: the network whose weights they are')
      .requiredOption('--from <file>', 'a .safetensors, .onnx, .pt or .pth file, or a TensorFlow.js model')
      .requiredOption('--to <path>', 'a .safetensors or .onnx file, or the folder of a TensorFlow.js model')
      .option('--map <map>', 'the names of the weights in the file: a built-in map or a file')
      .option('--training', 'also those of the supervised heads, which inference does not need')
      .option('--json', 'print what was written as JSON');
    addSetOption(convert);
    examples(convert, [
      'unet weights convert specs/unet2d.unet --from model.onnx --to weights.safetensors',
      'unet weights convert net.unet --from unet.pth --map milesial --to net.onnx',
    ]);
    convert.action(async (target: string, options: ConvertOptions) => done(await run(target, options)));
    const maps = command.command('maps').description('the built-in maps, or what one of them says');
    maps
      .argument('[name]', 'a map, to be printed as the file that it could be')
      .option('--json', 'print the list as JSON');
    examples(maps, ['unet weights maps', 'unet weights maps milesial > mine.json']);
    maps.action((name: string | undefined, { json = false }: { json?: boolean }) =>
      done(name === undefined ? listMaps(json) : printMap(name)),
    );
  },
};

function listMaps(json: boolean): ExitCode {
  const maps = [...builtInMaps].map(([name, { about = '' }]) => ({ name, about }));
  const width = Math.max(...maps.map(({ name }) => name.length));
  if (json) printJson(maps);
  else print(maps.map(({ name, about }) => `${name.padEnd(width)}  ${about}`).join('\n'));
  return 0;
}

/** Prints a map as the file that it could be. */
function printMap(name: string): ExitCode {
  const map = builtInMaps.get(name);
  if (map) {
    printJson(map);
    return 0;
  }
  const names = [...builtInMaps.keys()];
  const near = didYouMean(name, names);
  return usageError(
    `there is no built-in map \`${name}\`${near === undefined ? `; there are ${names.join(', ')}` : `: did you mean \`${near}\`?`}`,
  );
}

/** A kind of output: where its files go, and how they are made. */
interface Writer {
  readonly output: 'file' | 'folder';
  files(network: CompiledNetwork, weights: WeightSource, fileName: string): Promise<Emission>;
}

const builder = (target: 'onnx' | 'tfjs'): Writer => ({
  output: buildTargets[target].output,
  files: (network, weights, fileName) =>
    buildTargets[target].emit({ network, settings: {}, fileName }, weights),
});

/** What can be written: weights alone, or a whole model with them. */
const writers = {
  safetensors: {
    output: 'file',
    async files(network, weights, fileName) {
      const { size, chunks } = writeSafetensors(network.graph, weights, networkMetadata(network));
      return { ok: true, files: [{ path: fileName, size, chunks }] };
    },
  },
  onnx: builder('onnx'),
  tfjs: builder('tfjs'),
} as const satisfies Record<string, Writer>;

/** How the output is written, and its path: of a tfjs model its folder. A text says why it can't be. */
function outputOf(path: string): { readonly writer: Writer; readonly path: string } | string {
  const folder = /[/\\]$/.test(path) || isFolder(path);
  const format = folder ? 'tfjs' : formatOfName(path);
  if (format === 'tfjs') {
    if (folder) return { writer: writers.tfjs, path };
    return basename(path) === 'model.json'
      ? { writer: writers.tfjs, path: dirname(path) }
      : `a TensorFlow.js model is a folder with a model.json: --to takes the folder, not \`${path}\``;
  }
  if (format === 'pytorch') {
    return 'PyTorch files are not written: --to takes a .safetensors file, which safetensors.torch.load_file reads';
  }
  if (format) return { writer: writers[format], path };
  return extname(path) === ''
    ? { writer: writers.tfjs, path }
    : `--to takes a .safetensors file, an .onnx file, or a folder for TensorFlow.js, not \`${path}\``;
}

async function run(target: string, options: ConvertOptions): Promise<ExitCode> {
  const output = outputOf(options.to);
  if (typeof output === 'string') return usageError(output);
  const wanted = { weights: options.from, ...(options.map === undefined ? {} : { map: options.map }) };
  const wrong = weightMisuse(wanted);
  if (wrong !== undefined) return usageError(wrong);
  const compiled = compileTarget(target, options);
  if (typeof compiled === 'number') return compiled;
  const network = options.training ? forTraining(compiled) : compiled;
  const weights = openWeights(network, wanted);
  if (weights instanceof Failure) return fail(weights);
  const built = await output.writer.files(network, weights, basename(resolve(output.path)));
  if (!built.ok) return usageError(built.problems.map(({ message }) => message).join('; '));
  const folder = output.writer.output === 'folder' ? output.path : dirname(output.path);
  return writeResult(network, folder, built.files, { json: options.json ?? false });
}
