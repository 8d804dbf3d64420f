import FileSystemStore from '@zarrita/storage/fs';
import { type DataType, type Group, get, open, root, slice, type Array as ZarrArray } from 'zarrita';
import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { stridesOf } from '../../runtime/tensor.js';
import { reordered } from '../axis-order.js';
import { elementBytes, type StoredData, type StoredType } from '../element.js';
import type { WorldGeometry, ZarrTransformation } from '../geometry.js';
import type { OpenedArray, Region } from '../open-array.js';
import { type ArrayHeader, type Axis, type AxisName, isSpatial, type ReadOptions } from '../stored-array.js';
import { unitNamed } from '../unit-names.js';

type Store = FileSystemStore;

const NAMES: Readonly<Record<string, AxisName>> = { t: 'time', c: 'channel', z: 'z', y: 'y', x: 'x' };
const UNITS: Readonly<Record<string, string>> = {
  micrometer: 'um',
  nanometer: 'nm',
  millimeter: 'mm',
  meter: 'm',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What OME's metadata say about the first multiscale image of a group. */
interface Multiscale {
  /** The path of the array of full resolution. */
  readonly array: string;
  readonly levels: number;
  readonly version: '0.4' | '0.5';
  readonly axes: readonly { readonly name: string; readonly type?: string; readonly unit?: string }[];
  readonly transformations: readonly ZarrTransformation[];
  readonly imageTransformations: readonly ZarrTransformation[];
}

/** Scalings and translations with a number for each axis; others, such as those in files of their own, are not known. */
function transformationsOf(list: unknown, rank: number): readonly ZarrTransformation[] {
  return listOf(list).flatMap((one) => {
    const type = isObject(one) && (one.type === 'scale' || one.type === 'translation') ? one.type : undefined;
    const values = type && isObject(one) ? listOf(one[type]).map(Number) : [];
    const isWhole = values.length === rank && values.every((value) => Number.isFinite(value));
    return type && isWhole ? [{ type, values }] : [];
  });
}

function multiscaleOf(attributes: unknown): Multiscale | undefined {
  if (!isObject(attributes)) return undefined;
  // From version 0.5 on, all metadata are under one key.
  const holder = isObject(attributes.ome) ? attributes.ome : attributes;
  const [first] = listOf(holder.multiscales);
  if (!isObject(first)) return undefined;
  const [full] = listOf(first.datasets);
  if (!isObject(full) || typeof full.path !== 'string') return undefined;
  const text = (axis: unknown, key: string) =>
    isObject(axis) && typeof axis[key] === 'string' ? { [key]: axis[key] } : {};
  const axes = listOf(first.axes).map((axis) => ({
    name: isObject(axis) ? String(axis.name) : String(axis),
    ...text(axis, 'type'),
    ...text(axis, 'unit'),
  }));
  return {
    array: full.path,
    levels: listOf(first.datasets).length,
    version: isObject(attributes.ome) ? '0.5' : '0.4',
    axes,
    transformations: transformationsOf(full.coordinateTransformations, axes.length),
    imageTransformations: transformationsOf(first.coordinateTransformations, axes.length),
  };
}

function typeOf(dtype: DataType): StoredType | undefined {
  return dtype in elementBytes ? (dtype as StoredType) : undefined; // both name them alike
}

function geometryOf(axes: readonly Axis[], image: Multiscale | undefined): WorldGeometry | undefined {
  if (image === undefined) return undefined;
  const spatial = axes.flatMap(({ name }, i) => (isSpatial(name) ? [i] : []));
  const { version, transformations, imageTransformations } = image;
  const scales = [...transformations, ...imageTransformations].filter(({ type }) => type === 'scale');
  const spacing = spatial.map((i) =>
    scales.reduce((product, { values }) => product * (values[i] ?? Number.NaN), 1),
  );
  const unit = image.axes[spatial[0] ?? 0]?.unit;
  if (scales.length === 0 || !spacing.every((value) => value > 0)) return undefined;
  return {
    ...{ affine: undefined, spacing, unit: unitNamed(UNITS[unit ?? ''] ?? unit), orientation: undefined },
    native: { form: 'ome-zarr', version, axes: image.axes, transformations, imageTransformations },
  };
}

/** The attributes of a group, and its image; undefined where there is none. */
async function groupAt(location: ReturnType<typeof root<Store>>): Promise<Group<Store> | undefined> {
  try {
    return await open(location, { kind: 'group' });
  } catch {
    return undefined;
  }
}

/** Opens an OME-Zarr image, one of its labels ("labels/cells"), or a plain Zarr array; versions 2 and 3. */
export async function openZarr(path: string, options: ReadOptions): Promise<OpenedArray | Failure> {
  const format = 'OME-Zarr';
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const store = new FileSystemStore(path);
  const start = options.array === undefined ? root(store) : root(store).resolve(options.array);
  try {
    const group = await groupAt(start);
    const image = group && multiscaleOf(group.attrs);
    if (group !== undefined && image === undefined) {
      const chosen = options.array === undefined ? {} : { chosen: options.array };
      return failure('array-not-chosen', { path, arrays: [], ...chosen });
    }
    const array = await open(image ? start.resolve(image.array) : start, { kind: 'array' });
    const type = typeOf(array.dtype);
    // Node 20 has no array of float16, and the library needs one.
    if (type === undefined || (type === 'float16' && !('Float16Array' in globalThis))) {
      return failure('element-type-unread', { path, format, type: array.dtype });
    }
    if (array.shape.some((size) => size < 1))
      return failure('header-damaged', { path, format, problem: 'sizes' });
    const axes = array.shape.map(
      (size, i): Axis => ({ name: NAMES[image?.axes[i]?.name.toLowerCase() ?? ''] ?? 'unnamed', size }),
    );
    const geometry = geometryOf(axes, image);
    const header: ArrayHeader = {
      path,
      format,
      axes,
      type,
      bits: type === 'bool' ? 1 : elementBytes[type] * 8,
      scale: undefined,
      colour: 'none',
      ...(geometry ? { geometry } : {}),
      notes: image && image.levels > 1 ? [{ kind: 'reduced-images', count: image.levels - 1 }] : [],
    };
    // Chunks that are missing are of one value, so the files' sizes limit nothing.
    const readRegion = (region: Region) => readPart(path, array, type, region);
    return { header, read: () => readRegion(array.shape.map((size) => [0, size] as const)), readRegion };
  } catch (error) {
    return failure('header-damaged', { path, format, problem: 'field-invalid', reason: reasonOf(error) });
  }
}

async function readPart(
  path: string,
  array: ZarrArray<DataType, Store>,
  type: StoredType,
  region: Region,
): Promise<StoredData | Failure> {
  const format = 'OME-Zarr';
  try {
    const { data, shape, stride } = await get(
      array,
      region.map(([from, to]) => slice(from, to)),
    );
    const numbers = numbersOf(data);
    if (numbers === undefined) return failure('elements-damaged', { path, format, reason: 'no numbers' });
    return rowMajor(numbers, type, shape, stride);
  } catch (error) {
    const reason = reasonOf(error);
    const [, codec] = /^Unknown codec: (?:numcodecs\.)?(\S+)$/.exec(reason) ?? [];
    return codec === undefined
      ? failure('elements-damaged', { path, format, reason })
      : failure('compression-unread', { path, format, compression: codec });
  }
}

function numbersOf(data: unknown): StoredData | undefined {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return data as StoredData; // numbers, by `typeOf`
  // The library's own array of booleans lies on bytes of 0 and 1.
  return isObject(data) && 'buffer' in data && data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer)
    : undefined;
}

/** The library keeps the order of axes in which the chunks are stored: `F`, or that of a codec `transpose`. */
function rowMajor(
  data: StoredData,
  type: StoredType,
  shape: readonly number[],
  stride: readonly number[],
): StoredData {
  const slowest = shape.map((_, i) => i).sort((a, b) => (stride[b] ?? 0) - (stride[a] ?? 0) || a - b);
  const stored = slowest.map((axis) => shape[axis] ?? 1);
  const steps = stridesOf(stored);
  // An axis of size 1 may have any stride.
  if (slowest.some((axis, i) => (shape[axis] ?? 1) > 1 && stride[axis] !== steps[i])) {
    throw new Error(`strides ${stride.join(', ')} of ${shape.join(' x ')}`);
  }
  return reordered(
    data,
    type,
    stored,
    shape.map((_, axis) => slowest.indexOf(axis)),
  );
}
