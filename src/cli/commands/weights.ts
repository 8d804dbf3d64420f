import { basename, dirname, extname, resolve } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { type CompiledNetwork, forTraining } from '../../compiler/compile.js';
import { networkMetadata } from '../../compiler/metadata.js';
import type { OutputProblem } from '../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { isFolder } from '../../runtime/files/folders.js';
import { openNameMap, unknownMap } from '../../runtime/files/open-name-map.js';
import { formatOfName } from '../../runtime/files/weights-format.js';
import { slotsByMap } from '../../weights/bind/slots-by-map.js';
import { writeSafetensors, writeTensors } from '../../weights/formats/safetensors-write.js';
import { builtInMaps } from '../../weights/names/built-in-maps.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { buildTargets, emissionFailure } from '../input/build-targets.js';
import { openWeights, weightUsageError } from '../input/open-weights.js';
import { addSetOption, compileTarget, type TargetOptions } from '../input/target.js';
import { print, printJson } from '../output/output.js';
import { writeResult } from '../output/write-result.js';

interface ConvertOptions extends TargetOptions {
  readonly from: string;
  readonly to: string;
  readonly map?: string;
  readonly toMap?: string;
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
    const convert = command.command('convert').description('convert weights from one format to another');
    convert
      .argument('<target>', 'FILE or FILE#NET: the network of the weights')
      .requiredOption('--from <file>', 'a .safetensors, .onnx, .pt or .pth file, or a TensorFlow.js model')
      .requiredOption('--to <path>', 'a .safetensors or .onnx file, or the folder of a TensorFlow.js model')
      .option('--map <map>', 'the map of the tensor names in --from: a built-in map or a file')
      .option('--to-map <map>', 'the map of the tensor names in --to, for a .safetensors file')
      .option('--training', 'include the supervised heads, which only training needs')
      .option('--json', 'print JSON: the files, and their size');
    addSetOption(convert);
    examples(convert, [
      'unet weights convert specs/unet2d.unet --from model.onnx --to weights.safetensors',
      'unet weights convert net.unet --from unet.pth --map milesial --to net.onnx',
      'unet weights convert net.unet --from net.safetensors --to unet.safetensors --to-map milesial',
    ]);
    convert.action(async (target: string, options: ConvertOptions) => done(await run(target, options)));
    const maps = command.command('maps').description('list the built-in maps, or print one of them');
    maps
      .argument('[name]', 'the map to print, in the form of a map file')
      .option('--json', 'print the list as JSON');
    examples(maps, ['unet weights maps', 'unet weights maps milesial > mine.json']);
    maps.action((name: string | undefined, { json = false }: { json?: boolean }) =>
      done(name === undefined ? listMaps(json) : printMap(name)),
    );
  },
};

function listMaps(json: boolean): Outcome {
  const maps = [...builtInMaps].map(([name, { about = '' }]) => ({ name, about }));
  const width = Math.max(...maps.map(({ name }) => name.length));
  if (json) printJson(maps);
  else print(maps.map(({ name, about }) => `${name.padEnd(width)}  ${about}`).join('\n'));
  return 0;
}

/** Prints a built-in map in the form of a map file. */
function printMap(name: string): Outcome {
  const map = builtInMaps.get(name);
  if (map) {
    printJson(map);
    return 0;
  }
  const maps = [...builtInMaps.keys()];
  return failure('unknown-map', { map: name, maps, nearest: didYouMean(name, maps) });
}

/** How a kind of output is written. */
interface Writer {
  readonly output: 'file' | 'folder';
  files(network: CompiledNetwork, weights: WeightSource, fileName: string): Promise<Emission>;
}

const builder = (target: 'onnx' | 'tfjs'): Writer => ({
  output: buildTargets[target].output,
  files: (network, weights, fileName) =>
    buildTargets[target].emit({ network, settings: {}, fileName }, weights),
});

/** The kinds of output: weights alone, or a whole model with them. */
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

/** The writer for a path, and the path of the output; for a tfjs model, its folder. */
function outputOf(path: string): { readonly writer: Writer; readonly path: string } | Failure {
  const wrong = (problem: OutputProblem) => failure('invalid-output-path', { option: '--to', path, problem });
  const folder = /[/\\]$/.test(path) || isFolder(path);
  const format = folder ? 'tfjs' : formatOfName(path);
  if (format === 'tfjs') {
    if (folder) return { writer: writers.tfjs, path };
    return basename(path) === 'model.json'
      ? { writer: writers.tfjs, path: dirname(path) }
      : wrong({ case: 'model-json' });
  }
  if (format === 'pytorch') return wrong({ case: 'pytorch' });
  if (format) return { writer: writers[format], path };
  return extname(path) === ''
    ? { writer: writers.tfjs, path }
    : wrong({ case: 'ending', endings: ['.safetensors', '.onnx'], folder: true });
}

async function run(target: string, options: ConvertOptions): Promise<Outcome> {
  const output = outputOf(options.to);
  if (output instanceof Failure) return output;
  const wanted = { weights: options.from, ...(options.map === undefined ? {} : { map: options.map }) };
  const wrong = weightUsageError(wanted) ?? toMapError(options.toMap, output.writer);
  if (wrong) return wrong;
  const compiled = compileTarget(target, options);
  if (compiled instanceof Failure) return compiled;
  const network = options.training ? forTraining(compiled) : compiled;
  const writer = options.toMap === undefined ? output.writer : renamingWriter(network, options.toMap);
  if (writer instanceof Failure) return writer;
  const weights = openWeights(network, wanted);
  if (weights instanceof Failure) return weights;
  const built = await writer.files(network, weights, basename(resolve(output.path)));
  if (!built.ok) return emissionFailure(built.problems);
  const folder = writer.output === 'folder' ? output.path : dirname(output.path);
  return writeResult(network, folder, built.files, { json: options.json ?? false });
}

/** What is wrong with `--to-map`, before anything is compiled. */
function toMapError(map: string | undefined, writer: Writer): Failure | undefined {
  if (map === undefined) return undefined;
  if (writer === writers.safetensors) return unknownMap(map);
  return failure('incomplete-options', { option: '--to-map', required: 'safetensors-output' });
}

/** Writes a safetensors file with the names that a map gives the tensors, if the map fits the network. */
function renamingWriter(network: CompiledNetwork, nameOrPath: string): Writer | Failure {
  const map = openNameMap(nameOrPath);
  if (map instanceof Failure) return map;
  const mapped = slotsByMap(network.graph, map);
  if (!mapped.ok) {
    return failure('unfit-map', { map: nameOrPath, network: network.name, problems: mapped.problems });
  }
  return {
    output: 'file',
    async files(_network, weights, fileName) {
      const tensors = mapped.slots.map(({ parameter, name }) => ({
        name,
        shape: parameter.shape,
        chunks: () => weights.chunks(parameter),
      }));
      // The metadata of PyTorch's own safetensors files: some loaders look for it.
      const { size, chunks } = writeTensors(tensors, { ...networkMetadata(network), format: 'pt' });
      return { ok: true, files: [{ path: fileName, size, chunks }] };
    },
  };
}
