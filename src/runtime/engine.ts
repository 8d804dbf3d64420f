import { Failure, failure } from '../diagnostics/failure.js';
import type { Tensor } from './tensor.js';

/** Where onnxruntime can run a model. */
export const ORT_DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
/** Where TensorFlow.js can. `gpu` and `cpu` are its native packages; `cpu` without them is plain JavaScript. */
export const TFJS_DEVICES = ['gpu', 'cpu', 'wasm', 'webgpu'] as const;

export type OrtDevice = (typeof ORT_DEVICES)[number];
export type TfjsDevice = (typeof TFJS_DEVICES)[number];
export type Device = OrtDevice | TfjsDevice;

/** An input or output of a model. A size that is free is its symbol ("height"), "" when it has none. */
export interface TensorInfo {
  readonly name: string;
  /** The element type as the engine names it: "float32", "float16". */
  readonly type: string;
  /** (N, C, ...spatial). */
  readonly shape: readonly (number | string)[];
}

export interface LoadOptions {
  /** Threads for one operator; the engine's own choice when left out. */
  readonly threads?: number;
  /** Where the model runs, one of the engine's own; the engine's own choice when left out. */
  readonly device?: Device;
}

/** Inputs of a model besides the image, by name: the time step of a network that takes one. */
export type OtherInputs = ReadonlyMap<string, Tensor>;

/** A model that is ready to run. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** What the model's author wrote into the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Feeds the model's image, (N, C, ...spatial), and its other inputs by their names, and gives every output by its
   * name. Element types other than float32 are converted on the way in and out.
   */
  run(input: Tensor, others?: OtherInputs): Promise<ReadonlyMap<string, Tensor> | Failure>;
  /** Frees what the engine holds; the session can't run any more. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Something that runs models. */
export interface Engine {
  readonly name: string;
  /** Loads a model file by its path (weights may lie in files beside it), or from its bytes. */
  load(model: string | Uint8Array, options?: LoadOptions): Promise<Session | Failure>;
}

/** The one input of a model that nothing else is given for, or a failure that lists them all. */
export function imageInput(
  inputs: readonly TensorInfo[],
  given: Iterable<string> = [],
): TensorInfo | Failure {
  const others = new Set(given);
  const [input, ...more] = inputs.filter(({ name }) => !others.has(name));
  const unknown = [...others].filter((name) => !inputs.some((info) => info.name === name));
  if (input !== undefined && more.length === 0 && unknown.length === 0) return input;
  const names = inputs.map((info) => info.name);
  if (unknown.length > 0) {
    return failure('model-inputs', { problem: { case: 'unknown', unknown, inputs: names } });
  }
  return failure('model-inputs', {
    problem: input === undefined ? { case: 'none' } : { case: 'several', inputs: names },
  });
}

/** Each input of a model with what it is fed, the model's order; or why that can't be. */
export function feedsOf(
  inputs: readonly TensorInfo[],
  image: Tensor,
  others: OtherInputs = new Map(),
): readonly { readonly info: TensorInfo; readonly tensor: Tensor }[] | Failure {
  const wanted = imageInput(inputs, others.keys());
  if (wanted instanceof Failure) return wanted;
  const feeds = inputs.map((info) => ({ info, tensor: others.get(info.name) ?? image }));
  const mismatch = feeds
    .map(({ info, tensor }) => shapeMismatch(info, tensor.shape))
    .find((one) => one !== undefined);
  return mismatch ?? feeds;
}

/** Whether `shape` can be fed to the input: equal rank, and equal sizes where the model fixes them. */
function shapeMismatch(input: TensorInfo, shape: readonly number[]): Failure | undefined {
  const fits =
    shape.length === input.shape.length &&
    input.shape.every((size, axis) => typeof size === 'string' || size === shape[axis]);
  if (fits) return undefined;
  const wanted = input.shape.map((size) => size || 'any');
  return failure('input-shape-mismatch', { input: input.name, wanted, shape });
}
