import { TIME_INPUT } from '../../../codegen/onnx/lower/lower-graph.js';
import { metadataKeys } from '../../compiler/metadata.js';
import { dataFormatOf } from '../../data/files/file-names.js';
import { encodeLabelsLike, readNifti } from '../../data/files/nifti.js';
import type { Wanted } from '../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import {
  imageInput,
  ORT_DEVICES,
  type OtherInputs,
  type Session,
  TFJS_DEVICES,
} from '../../runtime/engine.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import { type LoadedImage, readImage } from '../../runtime/images/image.js';
import { maskOf, writeMask, writeProbabilities } from '../../runtime/images/mask.js';
import { asImage, npyChunks, readNpy } from '../../runtime/images/npy.js';
import { type FitOptions, planFit } from '../../runtime/inference/fit.js';
import { predict } from '../../runtime/inference/predict.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { ENGINES, type ModelOptions, openModel } from '../input/open-model.js';
import { metadataOf, sizeRules } from '../input/size-rules.js';
import { AGREEMENT, differenceTable, disagreement, relativeDifference } from '../output/difference-table.js';
import {
  failureJson,
  print,
  printJson,
  report,
  reportFailure,
  reportNote,
  sizeText,
} from '../output/output.js';
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
        'an ONNX model, a run folder, a TensorFlow.js model (its folder or model.json), or a spec: FILE or FILE#NET',
      )
      .requiredOption('-i, --input <file>', 'an image (PNG, JPEG, TIFF), a volume (NIfTI) or a tensor (.npy)')
      .requiredOption('-o, --output <file>', 'the mask as .png or .nii.gz, or all channels as .npy')
      .option(
        '--probabilities <prefix>',
        'also write <prefix>-0.png, <prefix>-1.png, ...: one image per class',
      )
      .option('--labels', 'write class numbers 0, 1, 2, ... instead of visible gray values')
      .option('--fit <way>', 'how an image of any size runs: tile or resize', 'tile')
      .option('--tile <size>', 'the largest window of a network with free sizes')
      .option('--overlap <part>', 'the least overlap of windows, from 0 to below 1')
      .option('--time <step>', 'the time step, for a network that takes one')
      .option('--engine <engine>', `${ENGINES.join(' or ')}: onnxruntime (default) or TensorFlow.js`)
      .option('--device <device>', `ort: ${ORT_DEVICES.join(', ')}; tfjs: ${TFJS_DEVICES.join(', ')}`)
      .option('--threads <number>', 'threads of the engine')
      .option('--seed <number>', 'for a spec: the seed of its weights (default: 0)')
      .option('--weights <file>', 'for a spec: read its weights from a file')
      .option('--map <map>', 'the map of the tensor names in that file: a built-in map or a file')
      .option('--compare', 'for a spec: run both engines, and compare every stage')
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

async function run(model: string, options: Options): Promise<Outcome> {
  const wrong = usageErrorOf(options);
  if (wrong) return wrong;
  const begun = performance.now();
  const opened = await openModel(model, options);
  if (opened instanceof Failure) return opened;
  const { session, comparison } = opened;
  const loaded = performance.now();
  const result = await runSession(session, options, fitOptionsOf(options));
  await session.close();
  if (result instanceof Failure) return result;
  const written = await write(result.output, result.head, options);
  if (written instanceof Failure) return written;
  const differences = comparison?.differences();
  const disagreed = differences && disagreement(differences);
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
      ...(disagreed ? { error: failureJson(disagreed) } : {}),
    });
  } else {
    for (const note of result.notes) reportNote(note);
    print(`${result.summary}\nwrote ${written.join(' and ')} in ${seconds(begun, performance.now())} s`);
    if (differences) print(`\n${differenceTable(differences)}`);
  }
  if (disagreed) return reportFailure(disagreed);
  if (differences) report(`the engines agree: every stage is within ${AGREEMENT}`);
  return 0;
}

/** What is wrong with the options, before anything is read. */
function usageErrorOf({
  fit,
  tile,
  overlap,
  time,
  input,
  output,
  probabilities,
}: Options): Failure | undefined {
  const wrongValue = (option: string, value: string, wanted: Wanted) =>
    failure('invalid-option-value', { option, value, wanted });
  if (!strategies.some((one) => one === fit)) return wrongValue('--fit', fit, { oneOf: strategies });
  if (tile !== undefined && !/^[1-9]\d{0,5}$/.test(tile)) {
    return wrongValue('--tile', tile, { wholeFrom: 1 });
  }
  if (overlap !== undefined && !(Number(overlap) >= 0 && Number(overlap) < 1)) {
    return wrongValue('--overlap', overlap, { numberFrom: 0, below: 1 });
  }
  if (time !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(time)) {
    return wrongValue('--time', time, { numberFrom: 0 });
  }
  if (!/\.(png|npy)$/i.test(output) && !isNifti(output)) {
    const problem = { case: 'ending' as const, endings: ['.png', '.npy', '.nii.gz'] };
    return failure('invalid-output-path', { option: '-o', path: output, problem });
  }
  if (isNifti(output) && !isNifti(input)) {
    return failure('incomplete-options', { option: `-o ${output}`, required: 'nifti-input' });
  }
  if (probabilities !== undefined && !/\.png$/i.test(output)) {
    return failure('incomplete-options', { option: '--probabilities', required: 'png-output' });
  }
  return undefined;
}

function fitOptionsOf({ fit, tile, overlap }: Options): FitOptions {
  return {
    strategy: strategies.find((one) => one === fit) ?? 'tile',
    ...(tile === undefined ? {} : { tileSize: Number(tile) }),
    ...(overlap === undefined ? {} : { overlap: Number(overlap) }),
  };
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
  fitOptions: FitOptions,
): Promise<RunResult | Failure> {
  const others = timeInput(session, options.time);
  if (others instanceof Failure) return others;
  const input = imageInput(session.inputs, others.keys());
  if (input instanceof Failure) return input;
  const [, channels, ...spatial] = input.shape;
  if (typeof channels !== 'number' || spatial.length < 2 || spatial.length > 3) {
    return failure('input-not-an-image', { input: input.name, shape: input.shape });
  }
  const image = await readInput(options.input, channels, spatial.length);
  if (image instanceof Failure) return image;
  const scale = metadataOf(session, 'scale');
  if (Array.isArray(scale) && scale.some((one) => one !== 1)) {
    return failure('output-resolution', { scale });
  }
  const { rules, margin } = sizeRules(session, input);
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

/** The time step as the input of that name, if the model has one. */
function timeInput({ inputs }: Session, step: string | undefined): OtherInputs | Failure {
  const info = inputs.find(({ name }) => name === TIME_INPUT);
  if (!info) {
    return step === undefined ? new Map() : failure('needless-time-step', {});
  }
  if (step === undefined) return failure('missing-time-step', {});
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
    return rank === 2 ? readImage(path, channels) : failure('image-not-a-volume', { path, channels });
  }
  const array = readNpy(path);
  if (array instanceof Failure) return array;
  const image = asImage(array, path, channels, rank);
  return image instanceof Failure ? image : { image, notes: [] };
}

/** Writes the result. Returns the paths of the files. */
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
    return failure('mask-not-2d', { shape: mask.shape });
  }
  if (head === 'logits' && options.probabilities !== undefined) {
    return failure('no-probabilities', {});
  }
  const unwritten = await writeMask(options.output, mask, { labels: options.labels ? 'index' : 'spread' });
  if (unwritten) return unwritten;
  if (options.probabilities === undefined) return [options.output];
  const prefix = options.probabilities;
  const pathOf = (index: number) => `${prefix}-${index}.png`;
  const failed = await writeProbabilities(pathOf, output);
  return failed ?? [options.output, ...Array.from({ length: output.shape[0] ?? 0 }, (_, i) => pathOf(i))];
}
