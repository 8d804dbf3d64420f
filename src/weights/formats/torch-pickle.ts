import { elementCount } from '../../ir/parameter.js';
import { isSizes } from '../json-text.js';
import {
  PickleDict,
  PickleForeign,
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
    /** The type of the elements: of the storage, except for types that only the tensor knows. */
    readonly type: string,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    readonly view: TorchView,
  ) {
    super();
  }
}

/** What a view does to the numbers of its storage. */
export interface TorchView {
  /** The numbers have the opposite sign: the imaginary part of a conjugated tensor is such a view. */
  readonly negated: boolean;
  /** A property of the view that changes its numbers in an unknown way. */
  readonly unknown: string | undefined;
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
  ['torch.ComplexFloatStorage', 'C64'],
  ['torch.ComplexDoubleStorage', 'C128'],
]);

type Call = (args: readonly PickleValue[]) => PickleValue | undefined;

/** What the calls of a checkpoint mean. numpy's scalars, such as the best Dice so far, are no weights. */
const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['torch._utils._rebuild_tensor', (args) => tensorOf(args.slice(0, 4), undefined, undefined)],
  ['torch._utils._rebuild_tensor_v2', (args) => tensorOf(args, undefined, args[6])],
  ['torch._utils._rebuild_tensor_v3', (args) => tensorOf(args, args[6], args[7])],
  ['torch._utils._rebuild_parameter', ([tensor]) => wrapped(tensor)],
  ['torch._utils._rebuild_parameter_with_state', ([tensor]) => wrapped(tensor)],
  ['torch._tensor._rebuild_from_type_v2', fromType],
  ['collections.OrderedDict', dictOf],
  ['numpy.core.multiarray.scalar', () => null],
  ['numpy._core.multiarray.scalar', () => null],
]);

const torchReader: PickleReader = {
  knows: (global) => calls.has(global),
  call: (global, args) => calls.get(global)?.(args),
  persistent: storageOf,
};

/** Reads `data.pkl` of an archive of torch.save (torch/serialization.py, `_save`). */
export function readTorchPickle(bytes: Uint8Array): PickleReading {
  return readPickle(bytes, torchReader);
}

/** ('storage', type, key, device, elements). */
function storageOf(id: PickleValue): TorchStorage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [what, type, key, , count] = id;
  if (what !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string') return undefined;
  // A type that is not known is the type of a tensor that cannot be read; most files need none of those.
  return isSizes([count])
    ? new TorchStorage(storageTypes.get(type.name) ?? type.name, key, Number(count))
    : undefined;
}

/**
 * (storage, offset, size, stride, ...), as in torch/_utils.py. `_rebuild_tensor_v3` has a type of its own, `torch.uint16`,
 * and a storage of bytes.
 */
function tensorOf(
  [storage, offset, shape, strides]: readonly PickleValue[],
  ownType: PickleValue | undefined,
  metadata: PickleValue | undefined,
): TorchTensor | undefined {
  if (!(storage instanceof TorchStorage) || !isSizes([offset]) || !isSizes(shape) || !isSizes(strides)) {
    return undefined;
  }
  if (shape.length !== strides.length) return undefined;
  const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] ?? 0), Number(offset));
  if (elementCount(shape) > 0 && !(last < storage.count)) return undefined;
  const type = ownType instanceof PickleGlobal ? ownType.name : storage.type;
  return new TorchTensor(storage, type, Number(offset), shape, strides, viewOf(metadata));
}

/**
 * The view by the metadata of a tensor: `{'neg': True}`, `{'conj': True}`. A conjugated real number is the number itself, and
 * complex numbers cannot be read as weights in any case.
 */
function viewOf(metadata: PickleValue | undefined): TorchView {
  const set = metadata instanceof PickleDict ? [...metadata.entries].filter(([, value]) => value) : [];
  const keys = set.map(([key]) => String(key));
  return {
    negated: keys.includes('neg'),
    unknown: keys.find((key) => key !== 'neg' && key !== 'conj'),
  };
}

/** A parameter is its tensor. */
function wrapped(tensor: PickleValue | undefined): PickleValue | undefined {
  return tensor instanceof TorchTensor || tensor instanceof PickleForeign ? tensor : undefined;
}

/** (function, type, args, state): a tensor of a subclass, such as MONAI's MetaTensor. */
function fromType([rebuild, , args]: readonly PickleValue[]): PickleValue | undefined {
  if (!(rebuild instanceof PickleGlobal) || !Array.isArray(args)) return undefined;
  const call = calls.get(rebuild.name);
  return call && call !== fromType ? call(args) : new PickleForeign(rebuild.name);
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
