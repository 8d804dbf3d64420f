import { elementCount } from '../../ir/parameter.js';
import { type OpenBeside, openInFolder } from '../beside.js';
import { floatChunks } from '../element-type.js';
import { fieldOf, isObject, isSizes, kindOf, textEntries } from '../json-text.js';
import { alignedBytes } from '../little-endian.js';
import { concatFiles, type RandomAccess } from '../random-access.js';
import { storedShapeText } from '../shape-text.js';
import { ListingBuilder, type TensorListing } from '../tensor-listing.js';

/** Bytes per element (tfjs-core, io/types: DTYPE_VALUE_SIZE_MAP). */
const elementSizes: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
  ['int32', 4],
  ['bool', 1],
  ['complex64', 8],
]);

/** A longer file is damaged: model.json does not contain the weights themselves. */
const LONGEST_JSON = 100_000_000;

/** How the bytes of a weight encode its numbers: float32, or coarser numbers times `scale` plus `min`. */
interface Encoding {
  readonly type: 'float32' | 'float16' | 'uint8' | 'uint16';
  readonly scale: number;
  readonly min: number;
}

/**
 * The weights of a tfjs model (tfjs-core, io/types: WeightsManifestConfig). `model.json` lists groups of weights, each
 * group in a row of files. The state of an optimizer is omitted.
 */
export function listTfjs(file: RandomAccess, openBeside: OpenBeside): TensorListing {
  const list = new ListingBuilder('tfjs');
  const damaged = (expected: string, found: string): TensorListing => {
    list.report('weights-damaged', undefined, expected, found);
    return list.finish();
  };
  if (file.size > LONGEST_JSON) {
    return damaged(`a model.json of at most ${LONGEST_JSON} bytes`, `${file.size} bytes`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.read(0, file.size)));
  } catch {
    return damaged('JSON text', 'something else');
  }
  if (fieldOf(json, 'format') === 'graph-model') return damaged('a layers model', 'a graph model');
  const manifest = fieldOf(json, 'weightsManifest');
  if (!Array.isArray(manifest)) return damaged('a list as weightsManifest', kindOf(manifest));
  for (const group of manifest) addGroup(group, openBeside, list);
  return list.finish(textEntries(fieldOf(json, 'userDefinedMetadata')));
}

function addGroup(group: unknown, openBeside: OpenBeside, list: ListingBuilder): void {
  const paths = fieldOf(group, 'paths');
  const weights = fieldOf(group, 'weights');
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) {
    list.report('weights-damaged', undefined, 'a list of files as paths', kindOf(paths));
    return;
  }
  if (!Array.isArray(weights)) {
    list.report('weights-damaged', undefined, 'a list as weights', kindOf(weights));
    return;
  }
  const files: RandomAccess[] = [];
  for (const path of paths) {
    const file = openInFolder(path, openBeside);
    if (typeof file === 'string') list.report('weights-file-unreadable', undefined, `'${path}'`, file);
    else files.push(file);
  }
  if (files.length < paths.length) return;
  const data = concatFiles(files);
  let offset = 0;
  for (const weight of weights) {
    const size = addWeight(weight, data, offset, list);
    if (size === undefined) return;
    offset += size;
  }
  if (offset > data.size) {
    list.report(
      'weights-truncated',
      undefined,
      `${offset} bytes in ${paths.join(', ')}`,
      `${data.size} bytes`,
    );
  }
}

/** Adds a weight whose bytes begin at `offset`. Returns the number of its bytes, or undefined if that is unknown. */
function addWeight(
  weight: unknown,
  data: RandomAccess,
  offset: number,
  list: ListingBuilder,
): number | undefined {
  const damaged = (expected: string, found: string): undefined => {
    list.report('weights-damaged', undefined, expected, found);
  };
  const name = fieldOf(weight, 'name');
  if (typeof name !== 'string') return damaged('weights with names', kindOf(name));
  const shape = fieldOf(weight, 'shape');
  if (!isSizes(shape)) return damaged(`a shape of whole numbers for '${name}'`, kindOf(shape));
  const dtype = fieldOf(weight, 'dtype');
  const quantization = fieldOf(weight, 'quantization');
  const stored = isObject(quantization) ? fieldOf(quantization, 'dtype') : dtype;
  const size = typeof stored === 'string' ? elementSizes.get(stored) : undefined;
  if (size === undefined) return damaged(`numbers as '${name}'`, String(stored));
  const count = elementCount(shape);
  if (fieldOf(weight, 'group') === 'optimizer') return count * size;
  const encoding = dtype === 'float32' ? encodingOf(stored, quantization) : undefined;
  if (typeof encoding === 'object') {
    list.add({ name, shape, chunks: () => decoded(data, offset, count, encoding) });
  } else if (dtype === 'float32') {
    const found = `${storedShapeText(shape)} without scale and min`;
    list.refuse('tensor-damaged', name, `a scale and a min for ${stored}`, found);
  } else {
    list.refuse('unreadable-tensor-type', name, 'float32', String(dtype));
  }
  return count * size;
}

function encodingOf(stored: unknown, quantization: unknown): Encoding | undefined {
  if (stored === 'float32' || stored === 'float16') return { type: stored, scale: 1, min: 0 };
  const scale = fieldOf(quantization, 'scale');
  const min = fieldOf(quantization, 'min');
  const known = stored === 'uint8' || stored === 'uint16';
  return known && typeof scale === 'number' && typeof min === 'number'
    ? { type: stored, scale, min }
    : undefined;
}

/** Numbers decoded at a time. */
const CHUNK = 65536;

function* decoded(
  data: RandomAccess,
  offset: number,
  count: number,
  { type, scale, min }: Encoding,
): Generator<Float32Array, void, undefined> {
  if (type === 'float32' || type === 'float16') {
    yield* floatChunks(data, type === 'float32' ? 'F32' : 'F16', offset, count);
    return;
  }
  const size = type === 'uint8' ? 1 : 2;
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    const bytes = alignedBytes(data.read(offset + start * size, length * size), size);
    const numbers = size === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, length);
    yield Float32Array.from(numbers, (number) => number * scale + min);
  }
}
