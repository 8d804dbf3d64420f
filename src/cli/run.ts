import { buildOnnx } from '../../codegen/onnx/build.js';
import { metadataKeys, networkMetadata } from '../metadata.js';
import { DEVICES, onlyInput, type Session, type TensorInfo } from '../runtime/engine.js';
import { Failure } from '../runtime/failure.js';
import { type InputRule, planFit } from '../runtime/fit.js';
import { readImage } from '../runtime/image.js';
import { maskOf, writeMask, writeProbabilities } from '../runtime/mask.js';
import { asImage, npyChunks, readNpy } from '../runtime/npy.js';
import { onnxRuntimeEngine } from '../runtime/onnxruntime.js';
import { predict } from '../runtime/predict.js';
import type { Tensor } from '../runtime/tensor.js';
import { writeFileAtomically } from '../runtime/write-file.js';
import { version } from '../source/version.js';
import type { CommandModule, ExitCode } from './command.js';
import { examples } from './command.js';
import { fail, misuse, print, printJson, say, sizeText } from './output.js';
import { Progress } from './progress.js';
import { compileTarget, splitTarget } from './target.js';
import { openWeights, weightMisuse } from './weights.js';

interface Options {
  readonly input: string;
  readonly output: string;
  readonly engine: string;
  readonly device: string;
  readonly threads?: string;
  readonly fit: string;
  readonly tile?: string;
  readonly overlap?: string;
  readonly labels?: boolean;
  readonly probabilities?: string;
  readonly seed?: string;
  readonly weights?: string;
  readonly json?: boolean;
}

const strategies = ['tile', 'resize'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<model>', 'an ONNX model, or a spec: FILE or FILE#NET')
      .requiredOption('-i, --input <file>', 'an image (PNG, JPEG, TIFF) or a tensor (.npy)')
      .requiredOption('-o, --output <file>', 'the mask as .png, or all channels as .npy')
      .option('--probabilities <prefix>', 'also write <prefix>-0.png, <prefix>-1.png, ...: one image a class')
      .option('--labels', 'write class numbers 0, 1, 2, ... instead of visible gray values')
      .option('--fit <way>', 'how an image of any size meets the network: tile or resize', 'tile')
      .option('--tile <size>', 'the largest window of a network with free sizes')
      .option('--overlap <part>', 'how much windows overlap at least, from 0 to below 1')
      .option('--engine <engine>', 'ort (onnxruntime)', 'ort')
      .option('--device <device>', DEVICES.join(', '), 'cpu')
      .option('--threads <number>', 'threads of the engine')
      .option('--seed <number>', 'for a spec: the seed of its weights (default: 0)')
      .option('--weights <file>', 'for a spec: its weights from a safetensors file')
      .option('--json', 'print sizes and times as JSON');
    examples(command, [
      'unet run out/unet2d.onnx --input image.png -o mask.png',
      'unet run specs/unet3d.unet --weights best.safetensors --input volume.npy -o probabilities.npy',
    ]);
    command.action(async (model: string, options: Options) => done(await run(model, options)));
  },
};

async function run(model: string, options: Options): Promise<ExitCode> {
  const device = DEVICES.find((one) => one === options.device);
  const strategy = strategies.find((one) => one === options.fit);
  if (options.engine !== 'ort')
    return misuse(`--engine takes ort in this version, not \`${options.engine}\``);
  if (!device) return misuse(`--device takes ${DEVICES.join(', ')}, not \`${options.device}\``);
  if (!strategy) return misuse(`--fit takes ${strategies.join(' or ')}, not \`${options.fit}\``);
  for (const [name, text] of [
    ['threads', options.threads],
    ['tile', options.tile],
  ] as const) {
    if (text !== undefined && !/^[1-9]\d{0,5}$/.test(text))
      return misuse(`--${name} takes a number, not \`${text}\``);
  }
  const overlap = options.overlap === undefined ? undefined : Number(options.overlap);
  if (overlap !== undefined && !(overlap >= 0 && overlap < 1)) {
    return misuse(`--overlap takes a number from 0 to below 1, not \`${options.overlap}\``);
  }
  if (!/\.(png|npy)$/i.test(options.output))
    return misuse(`-o takes a .png or an .npy file, not ${options.output}`);
  const wrong = weightMisuse(options);
  if (wrong !== undefined) return misuse(wrong);
  if (options.probabilities !== undefined && !/\.png$/i.test(options.output)) {
    return misuse('--probabilities goes with a .png mask: the .npy file has them');
  }
  const begun = performance.now();
  const bytes = modelOf(model, options);
  if (typeof bytes === 'number') return bytes;
  const session = await onnxRuntimeEngine().load(bytes, {
    device,
    ...(options.threads === undefined ? {} : { threads: Number(options.threads) }),
  });
  if (session instanceof Failure) return fail(session);
  const loaded = performance.now();
  const fitOptions = {
    strategy,
    ...(options.tile === undefined ? {} : { tileSize: Number(options.tile) }),
    ...(overlap === undefined ? {} : { overlap }),
  };
  const result = await runSession(session, options, fitOptions);
  await session.close();
  if (result instanceof Failure) return fail(result);
  const written = await write(result.output, result.head, options);
  if (written instanceof Failure) return fail(written);
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000;
  if (options.json) {
    printJson({
      output: written,
      input: result.inputShape,
      shape: result.output.shape,
      fit: result.summary,
      seconds: {
        load: seconds(begun, loaded),
        run: result.seconds,
        total: seconds(begun, performance.now()),
      },
    });
  } else {
    for (const remark of result.remarks) say(`note: ${remark}`);
    print(`${result.summary}\nwrote ${written.join(' and ')} in ${seconds(begun, performance.now())} s`);
  }
  return 0;
}

/** A path for a model file; for a spec the bytes of its ONNX model. */
function modelOf(model: string, options: Options): string | Uint8Array | ExitCode {
  if (!/\.unet$/.test(splitTarget(model).path)) {
    return options.weights === undefined && options.seed === undefined
      ? model
      : misuse('--seed and --weights are for a spec: a model file has its weights inside');
  }
  const network = compileTarget(model, {});
  if (typeof network === 'number') return network;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return fail(weights);
  const built = buildOnnx(network.graph, {
    weights,
    fileName: 'model.onnx',
    producerVersion: version,
    metadata: networkMetadata(network),
    dynamic: true,
  });
  const [file, data] = built.ok ? built.files : [];
  if (!file || data) return fail(`${network.name} is too large to run from memory: build it first`);
  // Each chunk is copied before the next is made: they share a buffer.
  return Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
}

interface RunResult {
  readonly output: Tensor;
  readonly head: string | undefined;
  readonly inputShape: readonly number[];
  readonly summary: string;
  readonly remarks: readonly string[];
  readonly seconds: number;
}

async function runSession(
  session: Session,
  options: Options,
  fitOptions: Parameters<typeof planFit>[3],
): Promise<RunResult | Failure> {
  const input = onlyInput(session.inputs);
  if (input instanceof Failure) return input;
  const [, channels, ...spatial] = input.shape;
  if (typeof channels !== 'number' || spatial.length < 2 || spatial.length > 3) {
    return new Failure(`the model's input ${input.name} is not (N, C, ...spatial) with 2 or 3 axes`);
  }
  const image = await readInput(options.input, channels, spatial.length);
  if (image instanceof Failure) return image;
  const scale = parseJson(session.metadata[metadataKeys.scale]);
  if (Array.isArray(scale) && scale.some((one) => one !== 1)) {
    return new Failure(
      `the network's output has another resolution than its input (${scale.join(' x ')} of its size): it cannot be laid over an image`,
    );
  }
  const { rules, margin } = rulesOf(session, input);
  const sizes = image.image.shape.slice(1);
  const plan = planFit(rules, margin, sizes, fitOptions);
  if (plan instanceof Failure) return plan;
  const progress = new Progress('running', 'windows');
  const begun = performance.now();
  const output = await predict(session, image.image, plan, {
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (output instanceof Failure) return output;
  return {
    output,
    head: session.metadata[metadataKeys.head],
    inputShape: image.image.shape,
    summary: `${sizeText(image.image.shape)}: ${plan.summary}`,
    remarks: image.remarks,
    seconds: Math.round(performance.now() - begun) / 1000,
  };
}

async function readInput(path: string, channels: number, rank: number) {
  if (!/\.npy$/i.test(path)) {
    return rank === 2
      ? readImage(path, channels)
      : new Failure(
          `the network takes volumes: give it an .npy file of ${channels} x depth x height x width`,
        );
  }
  const array = readNpy(path);
  if (array instanceof Failure) return array;
  const image = asImage(array, path, channels, rank);
  return image instanceof Failure ? image : { image, remarks: [] as readonly string[] };
}

/** Which sizes the model takes and what its borders cost: from its shapes, and from what `unet build` wrote into it. */
function rulesOf(
  session: Session,
  input: TensorInfo,
): { rules: readonly InputRule[]; margin: readonly number[] } {
  const spatial = input.shape.slice(2);
  const sizes = parseJson(session.metadata[metadataKeys.sizes]);
  const context = parseJson(session.metadata[metadataKeys.margin]);
  const output = session.outputs[0]?.shape.slice(2) ?? [];
  const rules = spatial.map((size, i): InputRule => {
    const axis = 'DHW'[3 - spatial.length + i] ?? '';
    if (typeof size === 'number') return { axis, fixed: size };
    const rule: unknown = Array.isArray(sizes) ? sizes[i] : undefined;
    const number = (key: string, otherwise: number) => {
      const value: unknown = typeof rule === 'object' && rule !== null ? Reflect.get(rule, key) : undefined;
      return typeof value === 'number' && Number.isInteger(value) ? value : otherwise;
    };
    // A model from elsewhere with free sizes does not say which of them fit, so every size is tried.
    return {
      axis,
      step: Math.max(1, number('step', 1)),
      offset: number('offset', 0),
      minimum: Math.max(1, number('minimum', 1)),
    };
  });
  const margin = spatial.map((size, i) => {
    const known: unknown = Array.isArray(context) ? context[i] : undefined;
    const after = output[i];
    if (typeof size === 'number' && typeof after === 'number') return size - after;
    return typeof known === 'number' ? known : 0;
  });
  return { rules, margin };
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes the result; the paths of what was written. */
async function write(
  output: Tensor,
  head: string | undefined,
  options: Options,
): Promise<readonly string[] | Failure> {
  if (/\.npy$/i.test(options.output)) {
    return writeFileAtomically(options.output, npyChunks(output)) ?? [options.output];
  }
  if (output.shape.length !== 3) return new Failure('a mask as .png is for two axes: write volumes as .npy');
  const mask = maskOf(output, head === 'logits' ? 0 : 0.5);
  if (mask instanceof Failure) return mask;
  if (head === 'logits' && options.probabilities !== undefined) {
    return new Failure('the network gives logits, not probabilities: write them as .npy');
  }
  const failure = await writeMask(options.output, mask, { labels: options.labels ? 'index' : 'spread' });
  if (failure) return failure;
  if (options.probabilities === undefined) return [options.output];
  const prefix = options.probabilities;
  const pathOf = (index: number) => `${prefix}-${index}.png`;
  const failed = await writeProbabilities(pathOf, output);
  return failed ?? [options.output, ...Array.from({ length: output.shape[0] ?? 0 }, (_, i) => pathOf(i))];
}
