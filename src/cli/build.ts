import { basename, dirname, join } from 'node:path';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { networkMetadata } from '../metadata.js';
import { Failure } from '../runtime/failure.js';
import { writeFilesAtomically } from '../runtime/write-file.js';
import { version } from '../source/version.js';
import type { CommandModule, ExitCode } from './command.js';
import { examples } from './command.js';
import { bytesText, countText, fail, misuse, print, printJson } from './output.js';
import { Progress } from './progress.js';
import { addInputOption, addSetOption, compileTarget, type TargetOptions } from './target.js';
import { openWeights, type WeightOptions, weightMisuse } from './weights.js';

interface Options extends TargetOptions, WeightOptions {
  readonly target: string;
  readonly output: string;
  readonly opset?: string;
  readonly dynamic?: boolean;
  readonly fold?: boolean;
  readonly externalData?: boolean;
  readonly dtype: string;
  readonly json?: boolean;
}

const targets = ['onnx'] as const;
const dtypes = ['float32', 'float16'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<target>', 'FILE or FILE#NET')
      .requiredOption('-t, --target <target>', `what to write: ${targets.join(', ')}`)
      .requiredOption('-o, --output <file>', 'where to write it')
      .option('--seed <number>', 'the seed of the weights (default: 0)')
      .option('--weights <file>', 'weights from a safetensors file')
      .option('--opset <number>', 'the ONNX opset (default: 17)')
      .option('--dynamic', 'leave the spatial sizes free, not only the batch')
      .option('--fold', 'merge batch norms into the convs before them')
      .option('--external-data', 'put the weights into a file of their own')
      .option('--dtype <type>', dtypes.join(' or '), 'float32')
      .option('--json', 'print what was written as JSON');
    addInputOption(command);
    addSetOption(command);
    examples(command, [
      'unet build specs/unet2d.unet --target onnx -o out/unet2d.onnx',
      'unet build specs/unet2d.unet --target onnx -o out/any-size.onnx --dynamic --seed 7',
    ]);
    command.action((target: string, options: Options) => done(run(target, options)));
  },
};

function run(target: string, options: Options): ExitCode {
  if (!targets.some((one) => one === options.target)) {
    return misuse(`--target takes ${targets.join(', ')} in this version, not \`${options.target}\``);
  }
  const dtype = dtypes.find((one) => one === options.dtype);
  if (!dtype) return misuse(`--dtype takes ${dtypes.join(' or ')}, not \`${options.dtype}\``);
  if (options.opset !== undefined && !/^\d+$/.test(options.opset)) {
    return misuse(`--opset takes a number, not \`${options.opset}\``);
  }
  const wrong = weightMisuse(options);
  if (wrong !== undefined) return misuse(wrong);
  const network = compileTarget(target, options);
  if (typeof network === 'number') return network;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return fail(weights);
  const fileName = basename(options.output);
  const built = buildOnnx(network.graph, {
    weights,
    fileName,
    dtype,
    producerVersion: version,
    metadata: networkMetadata(network),
    dynamic: options.dynamic ?? false,
    fold: options.fold ?? false,
    ...(options.opset === undefined ? {} : { opset: Number(options.opset) }),
    ...(options.externalData ? { externalData: `${fileName}.data` } : {}),
  });
  if (!built.ok) return misuse(built.problems.map((problem) => problem.message).join('; '));
  const folder = dirname(options.output);
  const total = built.files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const progress = new Progress('writing', 'bytes');
  let written = 0;
  const files = built.files.map((file) => ({
    path: join(folder, file.path),
    chunks: counted(file.chunks, (bytes) => {
      written += bytes;
      progress.update(written, total);
    }),
  }));
  const failure = writeFilesAtomically(files);
  progress.end();
  if (failure) return fail(failure);
  const { parameters } = network.facts;
  const paths = files.map((file) => file.path);
  if (options.json) printJson({ network: network.name, files: paths, bytes: written, params: parameters });
  else
    print(
      `wrote ${paths.join(' and ')}: ${network.name}, ${countText(parameters)} parameters, ${bytesText(written)}`,
    );
  return 0;
}

function* counted(chunks: Iterable<Uint8Array>, count: (bytes: number) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    yield chunk;
    count(chunk.length);
  }
}
