import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { chooseArray, lastPart } from '../choose-array.js';
import { integerType, newData, type StoredData, type StoredType } from '../element.js';
import type { WorldGeometry } from '../geometry.js';
import { checkClaim, type OpenedArray, type Region } from '../open-array.js';
import type { ByteSource } from '../source.js';
import type { ArrayHeader, Axis, AxisName, ReadOptions } from '../stored-array.js';

type Library = typeof import('h5wasm/node');
type Dataset = InstanceType<Library['Dataset']>;
type Metadata = Dataset['metadata'];

/** Classes of HDF5's types. */
const INTEGER = 0;
const FLOAT = 1;
const ENUM = 8;

/** A chunk that was never written, or one of equal values, takes no or few bytes. */
const RATIO = 2 ** 22;

/** What pytorch-3dunet calls its arrays, whose axes are channels, z, y and x. */
const KNOWN = /^(raw|label|weight|predictions?)([_-]?\d*)$/;
const KNOWN_AXES: readonly AxisName[] = ['channel', 'z', 'y', 'x'];
const LABELS: Readonly<Record<string, AxisName>> = { t: 'time', c: 'channel', z: 'z', y: 'y', x: 'x' };

let library: Promise<Library> | undefined;

async function loadLibrary(): Promise<Library> {
  const loaded = await import('h5wasm/node');
  const module = await loaded.ready;
  // Errors are thrown; without this they are printed as well.
  module.activate_throwing_error_handler();
  return loaded;
}

function typeOf({ type, size, signed, enum_type }: Metadata): StoredType | undefined {
  if (type === INTEGER) return integerType(size, signed);
  if (type === FLOAT) return size === 4 ? 'float32' : size === 8 ? 'float64' : undefined;
  // h5py stores booleans as an enumeration.
  const names = Object.keys(enum_type?.members ?? {}).join();
  return type === ENUM && names === 'FALSE,TRUE' ? 'bool' : undefined;
}

function axesOf(dataset: Dataset, shape: readonly number[]): Axis[] {
  const name = lastPart(dataset.path);
  const labels = dataset.get_dimension_labels().map((label) => LABELS[(label ?? '').toLowerCase()]);
  const known = KNOWN.test(name) && shape.length >= 2 && shape.length <= 4;
  const names = labels.every((label) => label !== undefined)
    ? labels
    : known
      ? KNOWN_AXES.slice(-shape.length)
      : [];
  return shape.map((size, i) => ({ name: names[i] ?? 'unnamed', size }));
}

/** The spacing that pytorch-3dunet and ilastik store: z, y, x in micrometres. */
function geometryOf(dataset: Dataset, axes: readonly Axis[]): WorldGeometry | undefined {
  const value = dataset.attrs.element_size_um?.value;
  const spatial = axes.filter(({ name }) => name === 'z' || name === 'y' || name === 'x').length;
  const sizes =
    ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as ArrayLike<unknown>, Number) : []; // a list of numbers or of others, which are NaN
  const spacing = sizes.slice(-spatial);
  if (spatial === 0 || spacing.length !== spatial || !spacing.every((size) => size > 0)) return undefined;
  return { affine: undefined, spacing, unit: 'um', orientation: undefined };
}

/** The elements as the library gives them. */
function dataOf(value: unknown, type: StoredType): StoredData | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  if (type !== 'bool') return value as StoredData; // a typed array of numbers, by `typeOf`
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function scalarOf(value: unknown, type: StoredType): StoredData {
  const data = newData(type, 1);
  data[0] = (typeof data[0] === 'bigint' ? BigInt(Number(value)) : Number(value)) as never; // the element type of `data`
  return data;
}

/** Runs `use` on the datasets of a file. */
async function withFile<T>(
  path: string,
  use: (file: InstanceType<Library['File']>, loaded: Library) => T | Failure,
): Promise<T | Failure> {
  library ??= loadLibrary();
  const loaded = await library;
  let file: InstanceType<Library['File']> | undefined;
  try {
    file = new loaded.File(path, 'r');
    return use(file, loaded);
  } catch (error) {
    return failure('elements-damaged', { path, format: 'HDF5', reason: reasonOf(error) });
  } finally {
    file?.close();
  }
}

/** Opens one dataset of an HDF5 file: see chooseArray. */
export async function openHdf5(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path, size } = source;
  return withFile(path, (file, { Dataset }) => {
    const all = file.paths().filter((name) => file.get(name) instanceof Dataset);
    const name = chooseArray(path, all, options.array);
    if (typeof name !== 'string') return name;
    const dataset = file.get(name);
    if (!(dataset instanceof Dataset))
      return failure('array-not-chosen', { path, arrays: all, chosen: name });
    const { metadata } = dataset;
    const type = typeOf(metadata);
    if (type === undefined) {
      const text = `class ${metadata.type} of ${metadata.size} bytes`;
      return failure('element-type-unread', { path, format: 'HDF5', type: text });
    }
    const shape = metadata.shape ?? [];
    if (shape.some((length) => length < 1))
      return failure('header-damaged', { path, format: 'HDF5', problem: 'sizes' });
    const axes = axesOf(dataset, shape);
    const geometry = geometryOf(dataset, axes);
    const header: ArrayHeader = {
      path,
      format: 'HDF5',
      axes,
      type,
      bits: type === 'bool' ? 1 : metadata.size * 8,
      scale: undefined,
      colour: 'none',
      ...(geometry ? { geometry } : {}),
      notes: [],
    };
    const wrong = checkClaim(header, { stored: size, ratio: metadata.chunks ? RATIO : 1 });
    if (wrong) return wrong;
    const readRegion = (region: Region) => readPart(path, name, type, region);
    return { header, read: () => readRegion(shape.map((length) => [0, length] as const)), readRegion };
  });
}

function readPart(
  path: string,
  name: string,
  type: StoredType,
  region: Region,
): Promise<StoredData | Failure> {
  return withFile(path, (file, { Dataset }) => {
    const dataset = file.get(name);
    if (!(dataset instanceof Dataset))
      return failure('elements-damaged', { path, format: 'HDF5', reason: 'no array' });
    // The library takes no box of an array without axes.
    const value =
      region.length === 0
        ? scalarOf(dataset.value, type)
        : dataset.slice(region.map(([from, to]) => [from, to]));
    return dataOf(value, type) ?? failure('elements-damaged', { path, format: 'HDF5', reason: 'no numbers' });
  });
}
