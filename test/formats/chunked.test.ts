import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { readArray, readRegion } from '../../src/formats/read.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-zarr-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SHAPE = [3, 4, 5] as const;
/** Its own position is the value of each element: 100 z + 10 y + x. */
const valueAt = (z: number, y: number, x: number) => 100 * z + 10 * y + x;

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** The bytes of a chunk whose axes are stored slowest first as `order` says; 0 beyond the array. */
function chunkBytes(
  origin: readonly number[],
  sizes: readonly number[],
  order: readonly number[],
): Uint8Array {
  const values: number[] = [];
  const index = [0, 0, 0];
  const walk = (depth: number): void => {
    const axis = order[depth];
    if (axis === undefined) {
      const [z = 0, y = 0, x = 0] = index.map((i, a) => i + (origin[a] ?? 0));
      values.push(z < 3 && y < 4 && x < 5 ? valueAt(z, y, x) : 0);
      return;
    }
    for (let i = 0; i < (sizes[axis] ?? 1); i++) {
      index[axis] = i;
      walk(depth + 1);
    }
  };
  walk(0);
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function putArray(name: string, version: 2 | 3, chunks: readonly number[], order: readonly number[]): string {
  const path = `${name}.zarr`;
  if (version === 2) {
    const f = order.join() === '2,1,0';
    const meta = { zarr_format: 2, shape: SHAPE, chunks, dtype: '<u2', order: f ? 'F' : 'C' };
    put(`${path}/.zarray`, JSON.stringify({ ...meta, compressor: null, filters: null, fill_value: 0 }));
  } else {
    const transpose = { name: 'transpose', configuration: { order } };
    put(
      `${path}/zarr.json`,
      JSON.stringify({
        zarr_format: 3,
        node_type: 'array',
        shape: SHAPE,
        data_type: 'uint16',
        chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
        chunk_key_encoding: { name: 'default', configuration: { separator: '.' } },
        codecs: [transpose, { name: 'bytes', configuration: { endian: 'little' } }],
        fill_value: 0,
        attributes: {},
      }),
    );
  }
  const counts = SHAPE.map((size, axis) => Math.ceil(size / (chunks[axis] ?? 1)));
  const [deep = 1, high = 1, wide = 1] = counts;
  for (let z = 0; z < deep; z++)
    for (let y = 0; y < high; y++)
      for (let x = 0; x < wide; x++) {
        const origin = [z, y, x].map((i, axis) => i * (chunks[axis] ?? 1));
        const key = version === 2 ? `${z}.${y}.${x}` : `c.${z}.${y}.${x}`;
        put(`${path}/${key}`, chunkBytes(origin, chunks, order));
      }
  return join(folder, path);
}

/** The elements of a box, row-major. */
function wanted(box: readonly (readonly [number, number])[]): number[] {
  const [[z0, z1], [y0, y1], [x0, x1]] = [box[0] ?? [0, 3], box[1] ?? [0, 4], box[2] ?? [0, 5]];
  const values: number[] = [];
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) values.push(valueAt(z, y, x));
  return values;
}

function elements(read: Awaited<ReturnType<typeof readArray>>): number[] {
  if (read instanceof Failure) throw new Error(read.message);
  return Array.from(read.data as ArrayLike<number>); // uint16, as every array here
}

describe('the order in which chunks store their axes', () => {
  test.each<[string, 2 | 3, readonly number[]]>([
    ['version 2, C', 2, [0, 1, 2]],
    ['version 2, F', 2, [2, 1, 0]],
    ['version 3, as it is', 3, [0, 1, 2]],
    ['version 3, reversed', 3, [2, 1, 0]],
    ['version 3, turned', 3, [1, 2, 0]],
    ['version 3, turned the other way', 3, [2, 0, 1]],
  ])('%s', async (name, version, order) => {
    for (const [i, chunks] of [
      [3, 4, 5],
      [2, 3, 4],
      [1, 1, 5],
      [3, 1, 1],
    ].entries()) {
      const path = putArray(`${name}-${i}`, version, chunks, order);
      expect(elements(await readArray(path))).toEqual(wanted([]));
      const box = [
        [1, 3],
        [0, 2],
        [2, 5],
      ] as const;
      expect(elements(await readRegion(path, box))).toEqual(wanted(box));
      const line = [
        [2, 3],
        [0, 4],
        [3, 4],
      ] as const;
      expect(elements(await readRegion(path, line))).toEqual(wanted(line));
    }
  });
});

describe('an HDF5 array without axes is a number, not damage', () => {
  test.each([
    ['<f', Float32Array.of(2.5), 2.5],
    ['<B', Uint8Array.of(7), 7],
    ['<q', BigInt64Array.of(-3n), -3n],
  ] as const)('%s', async (dtype, data, wanted) => {
    await ready;
    const path = join(folder, `scalar-${wanted}.h5`);
    const file = new File(path, 'w');
    file.create_dataset({ name: 'raw', data: Number(data[0]), dtype, shape: [] });
    file.close();
    const read = await readArray(path);
    if (read instanceof Failure) throw new Error(read.message);
    expect([read.header.axes.length, ...read.data]).toEqual([0, wanted]);
  });
});

describe('what is not decompressed is named', () => {
  test.each(['bz2', 'lzma', 'zfpy'])('%s', async (id) => {
    const meta = { zarr_format: 2, shape: SHAPE, chunks: SHAPE, dtype: '<u2', order: 'C' };
    const path = `${id}.zarr`;
    put(`${path}/.zarray`, JSON.stringify({ ...meta, compressor: { id }, filters: null, fill_value: 0 }));
    put(`${path}/0.0.0`, new Uint8Array(10));
    expect(await readArray(join(folder, path))).toMatchObject({
      code: 'compression-unread',
      args: { format: 'OME-Zarr', compression: id },
    });
  });
});
