import { Failure, failure } from '../diagnostics/failure.js';
import type { Tensor } from './tensor.js';

/** The devices on which onnxruntime can run a model. */
export const ORT_DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
/** The devices of TensorFlow.js. `gpu` and `cpu` are its native packages; `cpu` without them is plain JavaScript. */
export const TFJS_DEVICES = ['gpu', 'cpu', 'wasm', 'webgpu'] as const;

export type OrtDevice = (typeof ORT_DEVICES)[number];
export type TfjsDevice = (typeof TFJS_DEVICES)[number];
export type Device = OrtDevice | TfjsDevice;

/** An input or output of a model. A free size is its symbol ("height"), or "" if it has none. */
export interface TensorInfo {
  readonly name: string;
  /** The element type, by the engine's name: "float32", "float16". */
  readonly type: string;
  /** (N, C, ...spatial). */
  readonly shape: readonly (number | string)[];
}

export interface LoadOptions {
  /** Threads for one operator; the engine chooses by default. */
  readonly threads?: number;
  /** The device that runs the model, one of the engine's; the engine chooses by default. */
  readonly device?: Device;
}

/** Inputs of a model besides the image, by name, such as a time step. */
export type OtherInputs = ReadonlyMap<string, Tensor>;

/** A model that is ready to run. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The metadata in the model file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where its runs are on another thread, so that the caller works at the same time: how long they took so far. */
  readonly beside?: { readonly seconds: number };
  /**
   * Feeds the image, (N, C, ...spatial), and the other inputs by name, and returns every output by name. Converts element
   * types other than float32 in both directions.
   */
  run(input: Tensor, others?: OtherInputs): Promise<ReadonlyMap<string, Tensor> | Failure>;
  /** Frees the engine's memory; the session cannot run afterwards. Closing twice is harmless. */
  close(): Promise<void>;
}

/** An engine runs models. */
export interface Engine {
  readonly name: string;
  /** Loads a model file by its path (weights may lie in files beside it), or from its bytes. */
  load(model: string | Uint8Array, options?: LoadOptions): Promise<Session | Failure>;
}

/** The only input of a model that `given` does not name, or a failure that lists the inputs. */
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

/** Each input of a model with its tensor, in the model's order; or why they do not match. */
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

/** Why `shape` does not match the input: it needs the same rank, and the sizes that the model fixes. */
function shapeMismatch(input: TensorInfo, shape: readonly number[]): Failure | undefined {
  const fits =
    shape.length === input.shape.length &&
    input.shape.every((size, axis) => typeof size === 'string' || size === shape[axis]);
  if (fits) return undefined;
  const wanted = input.shape.map((size) => size || 'any');
  return failure('input-shape-mismatch', { input: input.name, wanted, shape });
}
