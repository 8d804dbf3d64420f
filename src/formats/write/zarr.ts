import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stridesOf } from '../../runtime/tensor.js';
import { cutRegion } from '../axis-order.js';
import { elementBytes, encodeElements, newData, type StoredData, type StoredType } from '../element.js';
import { NUMPY_TYPES } from './numpy-types.js';
import type { LengthUnit, NativeGeometry } from '../geometry.js';
import { type ArrayHeader, type Axis, type AxisName, countOf, isSpatial, sizesOf } from '../stored-array.js';
import { axesText, type BoxReader, type Encoder, hasOnly, notWritable } from './encoder.js';

type ZarrGeometry = Extract<NativeGeometry, { form: 'ome-zarr' }>;

const LETTERS: Readonly<Record<AxisName, string>> = {
  time: 't',
  page: 'p',
  channel: 'c',
  z: 'z',
  y: 'y',
  x: 'x',
  unnamed: 'q',
};

const UNITS: Readonly<Partial<Record<LengthUnit, string>>> = {
  um: 'micrometer',
  nm: 'nanometer',
  mm: 'millimeter',
  cm: 'centimeter',
  m: 'meter',
};

const LEVEL = 5;

/** A chunk has about 2^20 elements: planes of images, or boxes of volumes. */
function chunkSizes(axes: readonly Axis[]): number[] {
  const isVolume = axes.some(({ name, size }) => name === 'z' && size > 1);
  const most: Readonly<Partial<Record<AxisName, number>>> = isVolume
    ? { z: 32, y: 256, x: 256 }
    : { y: 1024, x: 1024 };
  return axes.map(({ name, size }) => Math.min(size, most[name] ?? 1));
}

/** What NGFF calls an axis, as the input does where it is OME-Zarr. */
function axisRecord({ name }: Axis, native: ZarrGeometry | undefined, unit: LengthUnit | undefined): object {
  const known = native?.axes.find((one) => one.name.toLowerCase() === LETTERS[name]);
  if (known) return known;
  const type = isSpatial(name)
    ? 'space'
    : name === 'time'
      ? 'time'
      : name === 'channel'
        ? 'channel'
        : undefined;
  const named = isSpatial(name) && unit ? UNITS[unit] : undefined;
  return { name: LETTERS[name], ...(type ? { type } : {}), ...(named ? { unit: named } : {}) };
}

/** The transformations of the input, for the axes that the output has. */
function keptTransformations(
  list: ZarrGeometry['transformations'],
  axes: readonly Axis[],
  native: ZarrGeometry,
): readonly object[] {
  return list.map(({ type, values }) => ({
    type,
    [type]: axes.map(({ name }) => {
      const at = native.axes.findIndex((one) => one.name.toLowerCase() === LETTERS[name]);
      return values[at] ?? (type === 'scale' ? 1 : 0);
    }),
  }));
}

function multiscalesOf(path: string, { axes, geometry }: ArrayHeader, version: '0.4' | '0.5'): object {
  const native = geometry?.native?.form === 'ome-zarr' ? geometry.native : undefined;
  const spatial = axes.filter(({ name }) => isSpatial(name));
  const scale = axes.map((axis) => geometry?.spacing[spatial.indexOf(axis)] ?? 1);
  const whole = native && native.imageTransformations.length > 0;
  return {
    ...(version === '0.4' ? { version } : {}),
    name: basename(path).replace(/(\.ome)?\.zarr$/i, ''),
    axes: axes.map((axis) => axisRecord(axis, native, geometry?.unit)),
    datasets: [
      {
        path: '0',
        coordinateTransformations: native
          ? keptTransformations(native.transformations, axes, native)
          : [{ type: 'scale', scale }],
      },
    ],
    ...(whole
      ? { coordinateTransformations: keptTransformations(native.imageTransformations, axes, native) }
      : {}),
  };
}

const json = (value: object) => [Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)];

/** An OME-Zarr image of one resolution: version 0.4 (Zarr 2) where the input has that, and 0.5 (Zarr 3) otherwise. */
export const encodeZarr: Encoder = (path, header, boxes) => {
  const { axes, type, geometry } = header;
  if (!hasOnly(axes, ['time', 'page', 'channel', 'z', 'y', 'x'])) {
    return notWritable(path, 'OME-Zarr', 'axes', axesText(axes));
  }
  const native = geometry?.native?.form === 'ome-zarr' ? geometry.native : undefined;
  const version = native?.version ?? '0.5';
  const image = multiscalesOf(path, header, version);
  const [shape, chunks] = [sizesOf(axes), chunkSizes(axes)];
  const fill = type === 'bool' ? false : 0;
  function* files() {
    if (version === '0.4') {
      yield { name: '.zgroup', chunks: json({ zarr_format: 2 }) };
      yield { name: '.zattrs', chunks: json({ multiscales: [image] }) };
      const array = {
        ...{
          zarr_format: 2,
          shape,
          chunks,
          dtype: NUMPY_TYPES[type],
          fill_value: fill,
          order: 'C',
          filters: null,
        },
        ...{ compressor: { id: 'gzip', level: LEVEL }, dimension_separator: '/' },
      };
      yield { name: '0/.zarray', chunks: json(array) };
    } else {
      const attributes = { ome: { version, multiscales: [image] } };
      yield { name: 'zarr.json', chunks: json({ zarr_format: 3, node_type: 'group', attributes }) };
      const array = {
        ...{ zarr_format: 3, node_type: 'array', shape, data_type: type, fill_value: fill, attributes: {} },
        chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
        chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
        codecs: [
          { name: 'bytes', ...(elementBytes[type] > 1 ? { configuration: { endian: 'little' } } : {}) },
          { name: 'gzip', configuration: { level: LEVEL } },
        ],
        dimension_names: axes.map(({ name }) => LETTERS[name]),
      };
      yield { name: '0/zarr.json', chunks: json(array) };
    }
    const prefix = version === '0.4' ? '0' : '0/c';
    const empty = Buffer.alloc(countOf(chunks) * elementBytes[type]);
    for (const { place, elements } of chunksOf(header, boxes, chunks)) {
      const bytes = encodeElements(elements, type);
      if (empty.equals(bytes)) continue;
      const packed = gzipSync(bytes, { level: LEVEL });
      // The name of the system, which the bytes should not depend on (RFC 1952).
      packed[9] = 255;
      yield { name: `${prefix}/${place.join('/')}`, chunks: [packed] };
    }
  }
  return { files: files(), marks: ['zarr.json', '.zgroup', '.zarray', '.zattrs'] };
};

/** All chunks, each of its whole size. One row of them is read at once. */
function* chunksOf(
  { axes, type }: ArrayHeader,
  boxes: BoxReader,
  chunks: readonly number[],
): Generator<{ readonly place: readonly number[]; readonly elements: StoredData }> {
  const counts = axes.map(({ size }, i) => Math.ceil(size / (chunks[i] ?? 1)));
  const across = counts.at(-1) ?? 1;
  const rows = counts.slice(0, -1);
  for (let row = 0; row < countOf(rows); row++) {
    let rest = row;
    const place = rows
      .toReversed()
      .map((count) => {
        const at = rest % count;
        rest = Math.floor(rest / count);
        return at;
      })
      .reverse();
    const region = axes.map(({ size }, i): readonly [number, number] => {
      const [at, step] = [place[i], chunks[i] ?? 1];
      return at === undefined ? [0, size] : [at * step, Math.min(size, (at + 1) * step)];
    });
    const sizes = region.map(([from, to]) => to - from);
    const elements = boxes(region);
    for (let column = 0; column < across; column++) {
      const step = chunks.at(-1) ?? 1;
      const width = sizes.at(-1) ?? 1;
      const part = sizes.map((size, i): readonly [number, number] =>
        i < sizes.length - 1 ? [0, size] : [column * step, Math.min(width, (column + 1) * step)],
      );
      const partSizes = part.map(([from, to]) => to - from);
      const cut = cutRegion(elements, type, sizes, part);
      yield { place: [...place, column], elements: wholeChunk(cut, type, partSizes, chunks) };
    }
  }
}

/** A chunk at the edge of the array: what lies beyond is 0. */
function wholeChunk(
  part: StoredData,
  type: StoredType,
  sizes: readonly number[],
  chunks: readonly number[],
): StoredData {
  if (part.length === countOf(chunks)) return part;
  const whole = newData(type, countOf(chunks));
  const strides = stridesOf(chunks);
  const line = sizes.at(-1) ?? 1;
  const outer = sizes.slice(0, -1);
  for (let row = 0; row < countOf(outer); row++) {
    let [rest, to] = [row, 0];
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const size = outer[axis] ?? 1;
      to += (rest % size) * (strides[axis] ?? 1);
      rest = Math.floor(rest / size);
    }
    // `as never`: both have the array type of `type`.
    whole.set(part.subarray(row * line, (row + 1) * line) as never, to);
  }
  return whole;
}
