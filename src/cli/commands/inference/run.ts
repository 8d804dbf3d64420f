import { metadataKeys } from '../../../compiler/metadata.js';
import type { Wanted } from '../../../diagnostics/codes/usage.js';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { OpenedFiles } from '../../../formats/file-reader.js';
import { notFinite, positionOf } from '../../../images/finite.js';
import { sliceAxes } from '../../../images/image-layout.js';
import { formFor } from '../../../images/value-scale.js';
import { labelRuleOf, regionNotes } from '../../../predict/model/label-rule.js';
import { headNotes, heads, modelHeadOf } from '../../../predict/model/model-head.js';
import { metadataOf, sizeRules, trainedChannels } from '../../../predict/model/size-rules.js';
import { timeInput } from '../../../predict/model/time-input.js';
import {
  imageInput,
  ORT_DEVICES,
  type OtherInputs,
  type Session,
  TFJS_DEVICES,
} from '../../../runtime/engine.js';
import { type FitOptions, type Plan, planFit } from '../../../runtime/inference/fit.js';
import {
  type ModelNormalization,
  normalizationOf,
  normalizeFor,
  partProblem,
} from '../../../runtime/inference/model-normalization.js';
import { predict } from '../../../runtime/inference/predict.js';
import type { Tensor } from '../../../runtime/tensor.js';
import type { CommandModule, Outcome } from '../../command.js';
import { examples } from '../../command.js';
import { regionsOf } from '../../input/inference/map-options.js';
import { openRunInput, type RunInput } from '../../input/inference/run-input.js';
import { isInput } from '../../input/is-input.js';
import { ENGINES, type ModelOptions, openModel } from '../../input/open-model.js';
import {
  AGREEMENT,
  differenceTable,
  disagreement,
  relativeDifference,
} from '../../output/difference-table.js';
import {
  failureJson,
  print,
  printJson,
  report,
  reportFailure,
  reportNote,
  sizeText,
} from '../../output/output.js';
import { ProgressBar } from '../../output/progress.js';
import { writePrediction } from '../../output/write-prediction.js';

interface Options extends ModelOptions {
  readonly input: readonly string[];
  readonly output: string;
  readonly fit: string;
  readonly tile?: string;
  readonly overlap?: string;
  readonly time?: string;
  readonly axis?: string;
  readonly nan?: string;
  readonly head?: string;
  readonly regions?: string;
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
      .requiredOption(
        '-i, --input <file>',
        'an image, a volume or an array in any format that training reads; given several times, or a folder: a file for ' +
          'each channel',
        addTo,
        [],
      )
      .requiredOption(
        '-o, --output <file>',
        'the mask as .png, .tif, .nii.gz, .nrrd or .mha, or all channels as .npy',
      )
      .option(
        '--probabilities <prefix>',
        'also write <prefix>-0.png, <prefix>-1.png, ...: one image per class',
      )
      .option('--labels', 'write class numbers 0, 1, 2, ... instead of visible gray values')
      .option('--fit <way>', 'how an image of any size runs: tile or resize', 'tile')
      .option('--tile <size>', 'the largest window of a network with free sizes')
      .option('--overlap <part>', 'the least overlap of windows, from 0 to below 1')
      .option(
        '--axis <axis>',
        'for a network of images and an input volume: slices along x, y or z (default: as in its training, or z)',
      )
      .option('--nan <value>', 'replace NaN and infinite numbers of the input; without it, they are an error')
      .option('--head <head>', `of a model that does not name it: ${heads.join(', ')}`)
      .option(
        '--regions <labels>',
        'the label of each output channel, for channels that are regions: "1,2,3"',
      )
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

function addTo(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function run(model: string, options: Options): Promise<Outcome> {
  const wrong = usageErrorOf(options);
  if (wrong) return wrong;
  const regions = regionsOf(options.regions);
  if (regions instanceof Failure) return regions;
  const begun = performance.now();
  const opened = await openModel(model, options);
  if (opened instanceof Failure) return opened;
  const { session, comparison } = opened;
  const loaded = performance.now();
  const head = modelHeadOf(session, model, options.head);
  const rule = head instanceof Failure ? head : labelRuleOf(session, head.head, regions);
  const result =
    rule instanceof Failure
      ? rule
      : await OpenedFiles.during((files) => runSession(files, session, options, fitOptionsOf(options)));
  await session.close();
  if (head instanceof Failure) return head;
  if (rule instanceof Failure) return rule;
  if (result instanceof Failure) return result;
  const { output, probabilities, labels } = options;
  // The numbers themselves have no threshold.
  const isMask = !/\.npy$/i.test(options.output);
  const headed = isMask ? headNotes(head, result.outputs) : [];
  if (headed instanceof Failure) return headed;
  const ruled = isMask ? regionNotes(rule, result.outputs[0]?.shape[0]) : [];
  const notes = [...headed, ...ruled, ...result.notes];
  const written = await writePrediction(result.outputs, result.input, {
    ...{ output, head: head.head, threshold: head.threshold, rule },
    ...(probabilities === undefined ? {} : { probabilities }),
    ...(labels === undefined ? {} : { labels }),
  });
  if (written instanceof Failure) return written;
  const differences = comparison?.differences();
  const disagreed = differences && disagreement(differences);
  const seconds = (from: number, to: number) => Math.round(to - from) / 1000;
  if (options.json) {
    printJson({
      output: written,
      input: result.inputShape,
      shape: result.shape,
      fit: result.summary,
      ...(notes.length > 0 ? { notes } : {}),
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
    for (const note of notes) reportNote(note);
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
  output,
  probabilities,
  axis,
  nan,
  head,
  input,
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
  if (axis !== undefined && !sliceAxes.some((one) => one === axis)) {
    return wrongValue('--axis', axis, { oneOf: sliceAxes });
  }
  if (head !== undefined && !heads.some((one) => one === head)) {
    return wrongValue('--head', head, { oneOf: heads });
  }
  if (nan !== undefined && !/^-?\d{1,9}(\.\d{1,9})?$/.test(nan))
    return wrongValue('--nan', nan, { form: 'number' });
  if (!/\.(png|npy|tiff?|nii|nii\.gz|nrrd|mha)$/i.test(output) || /\.ome\.tiff?$/i.test(output)) {
    const problem = {
      case: 'ending' as const,
      endings: ['.png', '.tif', '.nii.gz', '.nrrd', '.mha', '.npy'],
    };
    return failure('invalid-output-path', { option: '-o', path: output, problem });
  }
  if (probabilities !== undefined && !/\.png$/i.test(output)) {
    return failure('incomplete-options', { option: '--probabilities', required: 'png-output' });
  }
  if (input.some((one) => isInput(output, one))) {
    return failure('invalid-output-path', { option: '-o', path: output, problem: { case: 'is-input' } });
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
  /** (K, ...spatial), for each image of the input. */
  readonly outputs: readonly Tensor[];
  /** Of the output, with the number of images in front if there are several. */
  readonly shape: readonly number[];
  readonly input: RunInput;
  readonly inputShape: readonly number[];
  readonly summary: string;
  readonly notes: readonly string[];
  readonly seconds: number;
}

async function runSession(
  files: OpenedFiles,
  session: Session,
  options: Options,
  fitOptions: FitOptions,
): Promise<RunResult | Failure> {
  const others = timeInput(session, options.time);
  if (others instanceof Failure) return others;
  const info = imageInput(session.inputs, others.keys());
  if (info instanceof Failure) return info;
  const [, channels, ...axes] = info.shape;
  const rank = axes.length;
  if (typeof channels !== 'number' || (rank !== 2 && rank !== 3)) {
    return failure('input-not-an-image', { input: info.name, shape: info.shape });
  }
  if (rank === 3 && options.axis !== undefined) {
    return failure('needless-option', { options: ['--axis'], reason: { case: 'whole-volumes' } });
  }
  const normalization = normalizationOf(session);
  if (normalization instanceof Failure) return normalization;
  const sliceAxis = sliceAxes.find((one) => one === options.axis);
  const trainedAxis = sliceAxes.find((one) => one === session.metadata[metadataKeys.sliceAxis]);
  const input = await openRunInput(files, options.input, {
    ...{ channels, rank, form: formFor(normalization.value), channelNames: trainedChannels(session) },
    ...{ sliceAxis, trainedAxis },
    replacement: options.nan === undefined ? undefined : Number(options.nan),
  });
  if (input instanceof Failure) return input;
  const scale = metadataOf(session, 'scale');
  if (Array.isArray(scale) && scale.some((one) => one !== 1)) {
    return failure('output-resolution', { scale });
  }
  const { rules, margin } = sizeRules(session, info);
  const { images: count, spatial } = input.layout;
  const plan = planFit(rules, margin, spatial, fitOptions);
  if (plan instanceof Failure) return plan;
  const partial = partProblem(normalization, plan);
  if (partial) return partial;
  const begun = performance.now();
  const outputs = await predictAll(session, input, normalization, plan, others);
  if (outputs instanceof Failure) return outputs;
  const several = count > 1 ? [count] : [];
  return {
    outputs,
    shape: [...several, ...(outputs[0]?.shape ?? [])],
    input,
    inputShape: [...several, channels, ...spatial],
    summary: `${sizeText([...several, channels, ...spatial])}: ${plan.summary}`,
    notes: input.notes,
    seconds: Math.round(performance.now() - begun) / 1000,
  };
}

/** Runs the network on each image of the input. Fails if an output has a number that is NaN or infinite. */
async function predictAll(
  session: Session,
  input: RunInput,
  normalization: ModelNormalization,
  plan: Plan,
  others: OtherInputs,
): Promise<readonly Tensor[] | Failure> {
  const { images: count } = input.layout;
  const progress = new ProgressBar('running', 'windows');
  const outputs: Tensor[] = [];
  for (let index = 0; index < count; index++) {
    const image = await input.image(index);
    if (image instanceof Failure) return image;
    normalizeFor(normalization, image);
    const output = await predict(session, image, plan, {
      inputs: others,
      onProgress: (done, all) => progress.update(index * all + done, count * all),
    });
    if (output instanceof Failure) return output;
    const wrong = notFinite(output.data);
    if (wrong) {
      const first = positionOf(wrong.first, output.shape);
      return failure('output-not-finite', { count: wrong.count, total: output.data.length, first });
    }
    outputs.push(output);
  }
  progress.end();
  return outputs;
}
