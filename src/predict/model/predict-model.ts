import { TIME_INPUT } from '../../../codegen/onnx/lower/lower-graph.js';
import { metadataKeys } from '../../compiler/metadata.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { type LengthUnit, millimetres } from '../../formats/geometry.js';
import { type SliceAxis, sliceAxes } from '../../images/image-layout.js';
import { imageInput, type Session } from '../../runtime/engine.js';
import type { InputRule } from '../../runtime/inference/fit.js';
import { type ModelNormalization, normalizationOf } from '../../runtime/inference/model-normalization.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';
import type { WindowModel } from '../windows/window-model.js';
import { type LabelRule, labelRuleOf } from './label-rule.js';
import { type ModelHead, modelHeadOf } from './model-head.js';
import { metadataOf, sizeRules, trainedChannels, trainedClasses } from './size-rules.js';

/** A model, and what its file says about the images that it takes. */
export interface PredictModel {
  readonly session: Session;
  /** The path that it was opened by. */
  readonly path: string;
  readonly channels: number;
  readonly rank: 2 | 3;
  readonly rules: readonly InputRule[];
  /** Input minus output, for each axis. */
  readonly margin: readonly number[];
  /** The size that the network was written for; undefined for models of other programs. */
  readonly declared: readonly number[] | undefined;
  readonly normalization: ModelNormalization;
  readonly head: ModelHead;
  /** How its output channels become labels. */
  readonly rule: LabelRule;
  /** How many channels the output has, if the model says it. */
  readonly outputChannels: number | undefined;
  /** The names of its classes, class 0 first, if the model has them. */
  readonly classNames: readonly string[] | undefined;
  /** The distance in mm between the positions of the network's input, for each axis; undefined if the network has none. */
  readonly spacing: readonly number[] | undefined;
  /** Where the axes x, y, z of the training images led, if all led alike: "RAS". */
  readonly orientation: string | undefined;
  readonly sliceAxis: SliceAxis | undefined;
  /** What tells the files of its channels apart, if each had a file of its own in training. */
  readonly channelNames: readonly string[] | undefined;
  readonly windows: WindowModel;
  /** Samples of the model, which take its place, if it is sampled. */
  readonly samples?: readonly WindowModel[];
}

/**
 * Reads what a model says about itself. `head` is what a caller says about a model that does not name its head, and `regions`
 * the labels of its channels where a caller says that they are regions.
 */
export function predictModel(
  session: Session,
  path: string,
  head: string | undefined,
  regions?: readonly number[],
): PredictModel | Failure {
  if (session.inputs.some(({ name }) => name === TIME_INPUT)) return failure('missing-time-step', {});
  const info = imageInput(session.inputs);
  if (info instanceof Failure) return info;
  const [batch, channels, ...axes] = info.shape;
  const rank = axes.length;
  if (typeof channels !== 'number' || (rank !== 2 && rank !== 3)) {
    return failure('input-not-an-image', { input: info.name, shape: info.shape });
  }
  const scale = metadataOf(session, 'scale');
  if (Array.isArray(scale) && scale.some((one) => one !== 1)) return failure('output-resolution', { scale });
  const normalization = normalizationOf(session);
  if (normalization instanceof Failure) return normalization;
  const known = modelHeadOf(session, path, head);
  if (known instanceof Failure) return known;
  const rule = labelRuleOf(session, known.head, regions);
  if (rule instanceof Failure) return rule;
  const { rules, margin } = sizeRules(session, info);
  const output = session.outputs[0]?.name;
  const outputChannels = session.outputs[0]?.shape[1];
  if (output === undefined) return failure('missing-output', { output: undefined, outputs: [] });
  return {
    ...{ session, path, channels, rank, rules, margin, normalization, head: known, rule },
    outputChannels: typeof outputChannels === 'number' ? outputChannels : undefined,
    classNames: trainedClasses(session),
    declared: numbersOf(metadataOf(session, 'input'), rank),
    spacing: spacingOf(metadataOf(session, 'spacing'), rank),
    orientation: orientationOf(session.metadata[metadataKeys.trainingData]),
    channelNames: trainedChannels(session),
    sliceAxis: sliceAxes.find((one) => one === session.metadata[metadataKeys.sliceAxis]),
    windows: windowsOf(session, { output, margin, batch }),
  };
}

interface WindowFacts {
  /** The name of the output. */
  readonly output: string;
  /** Input minus output, for each axis. */
  readonly margin: readonly number[];
  /** The size of the batch, a number if it is fixed. */
  readonly batch: number | string | undefined;
}

function windowsOf(session: Session, { output, margin, batch }: WindowFacts): WindowModel {
  return {
    ...(typeof batch === 'number' ? { batch } : {}),
    isBeside: session.beside !== undefined,
    async run(input) {
      const results = await session.run(typeof batch === 'number' ? filled(input, batch) : input);
      if (results instanceof Failure) return results;
      const all = results.get(output);
      if (all === undefined) return failure('missing-output', { output, outputs: [...results.keys()] });
      const result = all.shape[0] === batch ? firstOf(all, input.shape[0] ?? 0) : all;
      const expected = input.shape.slice(2).map((size, i) => size - (margin[i] ?? 0));
      const [count, , ...spatial] = result.shape;
      if (count === input.shape[0] && spatial.join() === expected.join()) return result;
      return failure('output-shape-mismatch', { output, shape: result.shape, input: input.shape, expected });
    },
  };
}

/** The windows, with zeros after them up to as many as a model takes at once. */
function filled(input: Tensor, batch: number): Tensor {
  const [count = 0, ...rest] = input.shape;
  if (count >= batch) return input;
  const data = new Float32Array(batch * elementCount(rest));
  data.set(input.data);
  return { shape: [batch, ...rest], data };
}

/** The first of a batch of outputs. */
function firstOf({ shape, data }: Tensor, count: number): Tensor {
  const [all = 0, ...rest] = shape;
  if (count >= all) return { shape, data };
  return { shape: [count, ...rest], data: data.subarray(0, count * elementCount(rest)) };
}

/** The model with samples of it in its place, each a session of its own. */
export function withSamples(model: PredictModel, sessions: readonly Session[]): PredictModel {
  const output = model.session.outputs[0]?.name ?? '';
  // One window at a time: then the sums of the engine are the same for all batches.
  const samples = sessions.map((session) => windowsOf(session, { output, margin: model.margin, batch: 1 }));
  return { ...model, samples };
}

function numbersOf(value: unknown, length: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  const numbers = value.map(Number);
  return numbers.every((one) => Number.isSafeInteger(one) && one > 0) ? numbers : undefined;
}

/** In mm; a spacing in pixels has no length. */
function spacingOf(value: unknown, length: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  const lengths = value.map((one: unknown) => {
    const [size, unit] = ['value', 'unit'].map((key) =>
      typeof one === 'object' && one !== null ? Reflect.get(one, key) : undefined,
    );
    const isLength = typeof size === 'number' && size > 0 && (unit === 'um' || unit === 'mm');
    return isLength ? size * millimetres(unit satisfies LengthUnit) : Number.NaN;
  });
  return lengths.every((one) => Number.isFinite(one)) ? lengths : undefined;
}

function orientationOf(text: string | undefined): string | undefined {
  try {
    const facts: unknown = text === undefined ? undefined : JSON.parse(text);
    const value: unknown =
      typeof facts === 'object' && facts !== null ? Reflect.get(facts, 'orientation') : undefined;
    return typeof value === 'string' && /^[RLAPSI]{3}$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
