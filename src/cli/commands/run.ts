import { TIME_INPUT } from '../../../codegen/onnx/lower/lower-graph.js';
import { metadataKeys } from '../../compiler/metadata.js';
import { dataFormatOf } from '../../data/files/file-names.js';
import { encodeLabelsLike, readNifti } from '../../data/files/nifti.js';
import { Failure } from '../../diagnostics/failure.js';
import {
  imageInput,
  ORT_DEVICES,
  type OtherInputs,
  type Session,
  type TensorInfo,
  TFJS_DEVICES,
} from '../../runtime/engine.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import { type LoadedImage, readImage } from '../../runtime/images/image.js';
import { maskOf, writeMask, writeProbabilities } from '../../runtime/images/mask.js';
import { asImage, npyChunks, readNpy } from '../../runtime/images/npy.js';
import { type InputRule, planFit } from '../../runtime/inference/fit.js';
import { predict } from '../../runtime/inference/predict.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { ENGINES, type ModelOptions, openModel } from '../input/open-model.js';
import { differenceTable, relativeDifference, verdict } from '../output/difference-table.js';
import { fail, print, printJson, say, sizeText, usageError } from '../output/output.js';
import { ProgressBar } from '../output/progress.js';

interface Options extends ModelOptions {
  readonly input: string;
  readonly output: string;
  readonly fit: string;
  readonly tile?: string;
  readonly overlap?: string;
  readonly time?: string;
  readonly labels?: boolean;
  readonly probabilities?: string;
  readonly json?: boolean;
}

const strategies = ['tile', 'resize'] as const;

export const command: CommandModule = {
  define(command, done) {
    command
      .argument(
        '<model>',
        'an ONNX model, the folder of a training, a TensorFlow.js model (its folder or model.json), or a spec: FILE or FILE#NET',
      )
      .requiredOption('-i, --input <file>', 'an image (PNG, JPEG, TIFF), a volume (NIfTI) or a tensor (.npy)')
      .requiredOption('-o, --output <file>', 'the mask as .png or .nii.gz, or all channels as .npy')
      .option('--probabilities <prefix>', 'also write <prefix>-0.png, <prefix>-1.png, ...: one image a class')
      .option('--labels', 'write class numbers 0, 1, 2, ... instead of visible gray values')
      .option('--fit <way>', 'how an image of any size meets the network: tile or resize', 'tile')
      .option('--tile <size>', 'the largest window of a network with free sizes')
      .option('--overlap <part>', 'how much windows overlap at least, from 0 to below 1')
      .option('--time <step>', 'the time step, for a network that takes one')
      .option('--engine <engine>', `${ENGINES.join(' or ')}: onnxruntime (default), TensorFlow.js`)
      .option('--device <device>', `ort: ${ORT_DEVICES.join(', ')}; tfjs: ${TFJS_DEVICES.join(', ')}`)
      .option('--threads <number>', 'threads of the engine')
      .option('--seed <number>', 'for a spec: the seed of its weights (default: 0)')
      .option('--weights <file>', 'for a spec: its weights from a file')
      .option('--map <map>', 'the names of the weights in the file: a built-in map or a file')
      .option('--compare', 'for a spec: run both engines, and say how far apart their stages are')
      .option('--json', 'print sizes and times as JSON');
    examples(command, [
      'unet run out/unet2d.onnx --input image.png -o mask.png',
      'unet run specs/unet2d.unet --engine tfjs --device wasm --input image.png -o mask.png',
      'unet run specs/unet2d.unet --compare --input image.png -o mask.png',
      'unet run specs/unet3d.unet --weights best.safetensors --input volume.npy -o probabilities.npy',
      'unet run runs/volumes --input volume.nii.gz -o labels.nii.gz',
    ]);
    command.action(async (model: string, options: Options) => done(await run(model, options)));
  },
};

async function run(model: string, options: Options): Promise<ExitCode> {
  const strategy = strategies.find((one) => one === options.fit);
  if (!strategy) return usageError(`--fit takes ${strategies.join(' or ')}, not \`${options.fit}\``);
  if (options.tile !== undefined && !/^[1-9]\d{0,5}$/.test(options.tile)) {
    return usageError(`--tile takes a number, not \`${options.tile}\``);
  }
  const overlap = options.overlap === undefined ? undefined : Number(options.overlap);
  if (overlap !== undefined && !(overlap >= 0 && overlap < 1)) {
    return usageError(`--overlap takes a number from 0 to below 1, not \`${options.overlap}\``);
  }
  if (options.time !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(options.time)) {
    return usageError(`--time takes a number from 0 on, such as 500, not \`${options.time}\``);
  }
  if (!/\.(png|npy)$/i.test(options.output) && !isNifti(options.output))
    return usageError(`-o takes a .png, an .npy or a .nii.gz file, not ${options.output}`);
  if (isNifti(options.output) && !isNifti(options.input)) {
    return usageError(
      '-o with a NIfTI file goes with a NIfTI input, whose place in the world it takes: write .npy',
    );
  }
  if (options.probabilities !== undefined && !/\.png$/i.test(options.output)) {
    return usageError('--probabilities goes with a .png mask: the .npy file has them');
  }
  const begun = performance.now();
  const opened = await openModel(model, options);
  if (typeof opened === 'number') return opened;
  const { session, comparison } = opened;
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
  const differences = comparison?.differences();
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000;
  if (options.json) {
    printJson({
      output: written,
      input: result.inputShape,
      shape: result.output.shape,
      fit: result.summary,
      ...(differences
        ? { differences: differences.map((one) => ({ ...one, relative: relativeDifference(one) })) }
        : {}),
      seconds: {
        load: seconds(begun, loaded),
        run: result.seconds,
        total: seconds(begun, performance.now()),
      },
    });
  } else {
    for (const note of result.notes) say(`note: ${note}`);
    print(`${result.summary}\nwrote ${written.join(' and ')} in ${seconds(begun, performance.now())} s`);
    if (differences) print(`\n${differenceTable(differences)}`);
  }
  return differences ? verdict(differences) : 0;
}

interface RunResult {
  readonly output: Tensor;
  readonly head: string | undefined;
  readonly inputShape: readonly number[];
  readonly summary: string;
  readonly notes: readonly string[];
  readonly seconds: number;
}

async function runSession(
  session: Session,
  options: Options,
  fitOptions: Parameters<typeof planFit>[3],
): Promise<RunResult | Failure> {
  const others = timeInput(session, options.time);
  if (others instanceof Failure) return others;
  const input = imageInput(session.inputs, others.keys());
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
  const progress = new ProgressBar('running', 'windows');
  const begun = performance.now();
  const output = await predict(session, image.image, plan, {
    inputs: others,
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (output instanceof Failure) return output;
  return {
    output,
    head: session.metadata[metadataKeys.head],
    inputShape: image.image.shape,
    summary: `${sizeText(image.image.shape)}: ${plan.summary}`,
    notes: image.notes,
    seconds: Math.round(performance.now() - begun) / 1000,
  };
}

/** The time step as the model's input of that name, where it has one. */
function timeInput({ inputs }: Session, step: string | undefined): OtherInputs | Failure {
  const info = inputs.find(({ name }) => name === TIME_INPUT);
  if (!info) {
    return step === undefined ? new Map() : new Failure('the model takes no time step: leave --time out');
  }
  if (step === undefined) return new Failure('the model takes a time step: give one, such as --time 500');
  const shape = info.shape.map(() => 1);
  return new Map([[TIME_INPUT, { shape, data: Float32Array.of(Number(step)) }]]);
}

function isNifti(path: string): boolean {
  return dataFormatOf(path) === 'nifti';
}

async function readInput(path: string, channels: number, rank: number): Promise<LoadedImage | Failure> {
  if (isNifti(path)) {
    const read = readNifti(path);
    if (read instanceof Failure) return read;
    const image = asImage(read.volume, path, channels, rank);
    return image instanceof Failure ? image : { image, notes: [] };
  }
  if (!/\.npy$/i.test(path)) {
    return rank === 2
      ? readImage(path, channels)
      : new Failure(
          `the network takes volumes: give it a NIfTI or .npy file of ${channels} x depth x height x width`,
        );
  }
  const array = readNpy(path);
  if (array instanceof Failure) return array;
  const image = asImage(array, path, channels, rank);
  return image instanceof Failure ? image : { image, notes: [] };
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
  const mask = maskOf(output, head === 'logits' ? 0 : 0.5);
  if (mask instanceof Failure) return mask;
  if (isNifti(options.output)) {
    const bytes = encodeLabelsLike(options.input, mask, /\.gz$/i.test(options.output));
    if (bytes instanceof Failure) return bytes;
    return writeFileAtomically(options.output, [bytes]) ?? [options.output];
  }
  if (output.shape.length !== 3) {
    return new Failure(
      'a mask as .png is for two axes: write volumes as .npy, or as .nii.gz from a NIfTI input',
    );
  }
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
