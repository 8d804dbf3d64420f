import type { StateDictProblem } from '../../diagnostics/codes/weights/weights.js';
import { isElementType } from '../element-type.js';
import { PickleDict, PickleForeign, type PickleValue } from './pickle.js';
import { TorchTensor } from './torch-pickle.js';

/** A state dict in a checkpoint. */
export interface StateDict {
  /** The keys that lead to it, joined by dots; empty at the top. */
  readonly place: string;
  readonly tensors: ReadonlyMap<string, TorchTensor>;
}

/** Keys under which training programs store the state dict in a checkpoint. The first one that has tensors is taken. */
export const checkpointKeys = [
  'state_dict',
  'model_state_dict',
  'model',
  'net',
  'network_weights',
  'params',
  'params_ema',
  'weights',
  'ema',
] as const;

/** Checkpoints in checkpoints: `model.state_dict`. */
const DEEPEST = 3;

/** What DataParallel and torch.compile prepend to every name. */
const wrapperPrefixes = ['module.', '_orig_mod.'] as const;

/**
 * The state dicts of a checkpoint, in the order of the keys: at least one. Tensors at the top come last, because they lie
 * there beside the state dict. Entries that are not tensors are omitted, and so is the prefix of a wrapper.
 */
export function stateDictsOf(value: PickleValue): readonly StateDict[] | StateDictProblem {
  if (value instanceof TorchTensor) return { case: 'single-tensor' };
  if (value instanceof PickleForeign) return { case: 'unknown-global', global: value.global };
  if (!(value instanceof PickleDict)) return { case: Array.isArray(value) ? 'list' : 'value' };
  const all = placesIn(value, [], DEEPEST);
  // A dict of counters only is not a network, except if there is nothing else.
  const withNumbers = all.filter(({ dict }) => tensorsIn(dict).some(({ type }) => isElementType(type)));
  const [first, ...others] = withNumbers.length > 0 ? withNumbers : all;
  if (!first) return withoutTensors(value);
  // An object beside the tensors may be one of them, in a form that cannot be read.
  const foreign = [...first.dict.entries.values()].find((entry) => entry instanceof PickleForeign);
  if (foreign) return { case: 'unknown-global', global: foreign.global };
  return [first, ...others].map(({ path, dict }) => ({ place: path.join('.'), tensors: namedTensors(dict) }));
}

interface Place {
  readonly path: readonly string[];
  readonly dict: PickleDict;
}

/** The dicts that contain tensors: below the known keys, and then the dict itself. */
function placesIn(dict: PickleDict, path: readonly string[], depth: number): readonly Place[] {
  const places: Place[] = [];
  for (const key of depth > 0 ? checkpointKeys : []) {
    const inner = dict.entries.get(key);
    if (inner instanceof PickleDict) places.push(...placesIn(inner, [...path, key], depth - 1));
  }
  if (tensorsIn(dict).length > 0) places.push({ path, dict });
  return places;
}

/** A tensor of a kind that is not read, such as a sparse one, in a dict or below the known keys. */
function foreignTensorIn({ entries }: PickleDict, depth: number): PickleForeign | undefined {
  for (const [key, value] of entries) {
    if (value instanceof PickleForeign && value.global.startsWith('torch._utils._rebuild_')) return value;
    const isKnown = depth > 0 && value instanceof PickleDict && checkpointKeys.some((one) => one === key);
    const found = isKnown ? foreignTensorIn(value, depth - 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function withoutTensors(dict: PickleDict): StateDictProblem {
  const { entries } = dict;
  const foreign =
    checkpointKeys.map((key) => entries.get(key)).find((one) => one instanceof PickleForeign) ??
    foreignTensorIn(dict, DEEPEST);
  if (foreign) return { case: 'unknown-global', global: foreign.global };
  const keys = [...entries.keys()].map(String);
  return keys.length === 0 ? { case: 'empty-dict' } : { case: 'no-tensors', searched: checkpointKeys, keys };
}

function tensorsIn(dict: PickleDict): readonly TorchTensor[] {
  return [...dict.entries].flatMap(([key, value]) =>
    typeof key === 'string' && value instanceof TorchTensor ? [value] : [],
  );
}

function namedTensors(dict: PickleDict): ReadonlyMap<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (const [key, value] of dict.entries) {
    if (typeof key === 'string' && value instanceof TorchTensor) tensors.set(key, value);
  }
  return unwrapped(tensors);
}

function unwrapped(tensors: ReadonlyMap<string, TorchTensor>): ReadonlyMap<string, TorchTensor> {
  const names = [...tensors.keys()];
  const prefix = wrapperPrefixes.find((one) => names.every((name) => name.startsWith(one)));
  if (prefix === undefined) return tensors;
  return unwrapped(new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor])));
}
