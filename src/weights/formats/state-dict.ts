import type { StateDictProblem } from '../../diagnostics/codes/weights/weights.js';
import { elementCount } from '../../ir/parameter.js';
import { isSizes } from '../json-text.js';
import {
  PickleDict,
  PickleGlobal,
  PickleObject,
  type PickleReader,
  type PickleReading,
  type PickleValue,
  readPickle,
} from './pickle.js';

/** A row of numbers in the archive. Tensors are views of it. */
export class TorchStorage extends PickleObject {
  readonly kind = 'storage';

  constructor(
    /** The type, by its name in safetensors: F32, I64. */
    readonly type: string,
    /** The file below `data/`. */
    readonly key: string,
    readonly count: number,
  ) {
    super();
  }
}

/** A view of a storage: element (i, j) is at offset + i stride[0] + j stride[1]. */
export class TorchTensor extends PickleObject {
  readonly kind = 'tensor';

  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}

/** The classes of torch/storage.py that occur in persistent ids. */
const storageTypes: ReadonlyMap<string, string> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

const TENSOR = 'torch._utils._rebuild_tensor_v2';
const PARAMETER = 'torch._utils._rebuild_parameter';
const ORDERED_DICT = 'collections.OrderedDict';

/** The globals of a state dict, and what a call of each means. */
const stateDictReader: PickleReader = {
  knows: (global) => storageTypes.has(global) || [TENSOR, PARAMETER, ORDERED_DICT].includes(global),
  call(global, args) {
    if (global === TENSOR) return tensorOf(args);
    if (global === PARAMETER) return args[0] instanceof TorchTensor ? args[0] : undefined;
    return global === ORDERED_DICT ? dictOf(args) : undefined;
  },
  persistent: storageOf,
};

/** Reads `data.pkl` of an archive of torch.save (torch/serialization.py, `_save`). */
export function readTorchPickle(bytes: Uint8Array): PickleReading {
  return readPickle(bytes, stateDictReader);
}

/** ('storage', type, key, device, elements). */
function storageOf(id: PickleValue): TorchStorage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [what, type, key, , count] = id;
  const name = type instanceof PickleGlobal ? storageTypes.get(type.name) : undefined;
  if (what !== 'storage' || name === undefined || typeof key !== 'string') return undefined;
  return isSizes([count]) ? new TorchStorage(name, key, Number(count)) : undefined;
}

/** (storage, offset, size, stride, ...), as in torch/_utils.py. */
function tensorOf([storage, offset, shape, strides]: readonly PickleValue[]): TorchTensor | undefined {
  if (!(storage instanceof TorchStorage) || !isSizes([offset]) || !isSizes(shape) || !isSizes(strides)) {
    return undefined;
  }
  if (shape.length !== strides.length) return undefined;
  const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] ?? 0), Number(offset));
  if (elementCount(shape) > 0 && !(last < storage.count)) return undefined;
  return new TorchTensor(storage, Number(offset), shape, strides);
}

/** OrderedDict(), or of a list of pairs. */
function dictOf([pairs]: readonly PickleValue[]): PickleDict | undefined {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) return undefined;
  for (const pair of pairs) {
    const [key, value] = Array.isArray(pair) ? pair : [];
    if (key === undefined || value === undefined) return undefined;
    dict.entries.set(key, value);
  }
  return dict;
}

/** Keys under which training programs store the state dict in a checkpoint. */
const checkpointKeys = ['state_dict', 'model_state_dict', 'model', 'net'] as const;

/** What DataParallel and torch.compile prepend to every name. */
const wrapperPrefixes = ['module.', '_orig_mod.'] as const;

/**
 * The tensors by name of a state dict, or of the state dict in a checkpoint. Entries that are not tensors are omitted, and
 * so is the prefix of a wrapper.
 */
export function tensorsOf(value: PickleValue): ReadonlyMap<string, TorchTensor> | StateDictProblem {
  if (value instanceof TorchTensor) return { case: 'single-tensor' };
  if (!(value instanceof PickleDict)) return { case: Array.isArray(value) ? 'list' : 'value' };
  const dicts = [value, ...checkpointKeys.map((key) => value.entries.get(key))];
  const tensors = dicts.map(namedTensors).find(({ size }) => size > 0);
  if (!tensors) {
    const keys = [...value.entries.keys()].map(String);
    return keys.length === 0
      ? { case: 'empty-dict' }
      : { case: 'no-tensors', searched: checkpointKeys, keys };
  }
  return unwrapped(tensors);
}

function namedTensors(dict: PickleValue | undefined): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (const [key, value] of dict instanceof PickleDict ? dict.entries : []) {
    if (typeof key === 'string' && value instanceof TorchTensor) tensors.set(key, value);
  }
  return tensors;
}

function unwrapped(tensors: ReadonlyMap<string, TorchTensor>): ReadonlyMap<string, TorchTensor> {
  const names = [...tensors.keys()];
  const prefix = wrapperPrefixes.find((one) => names.every((name) => name.startsWith(one)));
  if (prefix === undefined) return tensors;
  return unwrapped(new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor])));
}
