import type { StateDictProblem } from '../../diagnostics/codes/weights/weights.js';
import { elementCount } from '../../ir/parameter.js';
import { elementSizes, floatChunks, isElementType, readableTypes } from '../element-type.js';
import type { RandomAccess } from '../random-access.js';
import { ListingBuilder, type TensorListing } from '../tensor-listing.js';
import { type StateDict, stateDictsOf } from './state-dict.js';
import { readTorchPickle, type TorchTensor } from './torch-pickle.js';
import { type ZipEntry, zipEntries } from './zip-entries.js';

/** A pickle of a state dict has a few hundred bytes per tensor. */
const LONGEST_PICKLE = 100_000_000;

/** The magic number of torch.save before 1.6 as a pickle of protocol 2: `80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19`. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Files of the archives that torch.export writes (`.pt2`), today and before PyTorch 2.8. */
const EXPORTED = /(?:^|\/)(?:archive_format|serialized_exported_program\.json|models\/[^/]+\.json)$/;

/**
 * The tensors of a state dict that torch.save wrote (torch/serialization.py). It is a zip archive with `data.pkl`, which
 * describes the tensors, and a file below `data/` for each storage. The pickle is read as data: nothing in it is executed,
 * and whatever it contains beside the state dict is left alone.
 *
 * A checkpoint may contain several state dicts: `others` has those after the first.
 */
export function listPyTorch(file: RandomAccess): TensorListing {
  const refused = (problem: StateDictProblem): TensorListing => {
    const list = new ListingBuilder('pytorch');
    list.refuseStateDict(problem);
    return list.finish();
  };
  const damaged = (expected: string, found: string): TensorListing => {
    const list = new ListingBuilder('pytorch');
    list.report('weights-damaged', undefined, expected, found);
    return list.finish();
  };
  const start = file.read(0, Math.min(LEGACY.length, file.size));
  if (LEGACY.every((byte, i) => start[i] === byte)) {
    return refused({ case: 'old-format' });
  }
  if (start[0] === 0x80) return refused({ case: 'other-pickle' });
  const zip = zipEntries(file);
  if (!zip.ok) return damaged(zip.expected, zip.found);
  const entries = new Map(zip.entries.map((entry) => [entry.name, entry]));
  if (zip.entries.some(({ name }) => EXPORTED.test(name))) return refused({ case: 'exported-program' });
  const pickles = zip.entries.filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1) {
    return damaged(
      'an archive of torch.save with one data.pkl',
      pickles.length === 0 ? 'none' : `${pickles.length}`,
    );
  }
  const root = pickle.name.slice(0, -'data.pkl'.length);
  if (entries.has(`${root}constants.pkl`)) {
    return refused({ case: 'torchscript' });
  }
  if (!pickle.stored) return damaged('an archive that is not compressed', 'a compressed one');
  if (pickle.size > LONGEST_PICKLE) return damaged('a state dict', `a pickle of ${pickle.size} bytes`);
  if (byteOrder(file, entries.get(`${root}byteorder`)) === 'big') {
    return refused({ case: 'big-endian' });
  }
  const reading = readTorchPickle(file.read(pickle.offset, pickle.size));
  if (!reading.ok) return damaged('the pickle of a state dict', reading.found);
  const dicts = stateDictsOf(reading.value);
  if ('case' in dicts) return refused(dicts);
  const listings = dicts.map(({ place, tensors }: StateDict) => {
    const list = new ListingBuilder('pytorch', place);
    for (const [name, tensor] of tensors) {
      addTensor(name, tensor, file, entries.get(`${root}data/${tensor.storage.key}`), list);
    }
    return list;
  });
  const [first, ...others] = listings.map((list) => list.finish());
  if (!first) throw new Error('a checkpoint without a state dict');
  return { ...first, others };
}

/** `little` or `big`, in files of PyTorch 2.1 and later; older files are always little. */
function byteOrder(file: RandomAccess, entry: ZipEntry | undefined): string {
  if (!entry?.stored || entry.size > 16) return 'little';
  return new TextDecoder().decode(file.read(entry.offset, entry.size));
}

function addTensor(
  name: string,
  tensor: TorchTensor,
  file: RandomAccess,
  entry: ZipEntry | undefined,
  list: ListingBuilder,
): void {
  const { shape, storage, type, view } = tensor;
  const refuse = (code: 'unreadable-tensor-type' | 'tensor-damaged', expected: string, found: string): void =>
    list.refuse(code, name, expected, found);
  if (!isElementType(type)) {
    refuse('unreadable-tensor-type', readableTypes, type);
    return;
  }
  if (view.unknown !== undefined) {
    refuse('tensor-damaged', 'a view of known properties', `'${view.unknown}'`);
    return;
  }
  const bytes = storage.count * elementSizes[type];
  if (!entry?.stored || entry.size < bytes) {
    const found = entry === undefined ? 'none' : entry.stored ? `${entry.size} bytes` : 'a compressed one';
    refuse('tensor-damaged', `a file data/${storage.key} of ${bytes} bytes`, found);
    return;
  }
  const start = entry.offset + tensor.offset * elementSizes[type];
  list.add({
    name,
    shape,
    chunks() {
      const stored = isContiguous(tensor)
        ? floatChunks(file, type, start, elementCount(shape))
        : gathered(tensor, (from, length) =>
            floatChunks(file, type, start + from * elementSizes[type], length),
          );
      return view.negated ? negated(stored) : stored;
    },
  });
}

function* negated(chunks: Iterable<Float32Array>): Generator<Float32Array, void, undefined> {
  for (const chunk of chunks) yield chunk.map((value) => -value);
}

/** Whether the elements lie in row-major order without gaps. The stride of an axis of size 1 means nothing. */
function isContiguous({ shape, strides }: TorchTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** A view with other strides (a transposed tensor, channels last), copied into row-major order. */
function* gathered(
  { shape, strides }: TorchTensor,
  read: (from: number, length: number) => Iterable<Float32Array>,
): Generator<Float32Array, void, undefined> {
  const count = elementCount(shape);
  if (count === 0) return;
  const span = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 1);
  const source = new Float32Array(span);
  let filled = 0;
  for (const chunk of read(0, span)) {
    source.set(chunk, filled);
    filled += chunk.length;
  }
  const values = new Float32Array(count);
  const position = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    values[i] = source[at] ?? 0;
    // The next position, as an odometer counts.
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = (position[axis] ?? 0) + 1;
      at += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 1)) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      at -= next * (strides[axis] ?? 0);
    }
  }
  yield values;
}
