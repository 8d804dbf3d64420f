import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { zip } from '../weights/torch-archive.js';
import { freshFolder, put } from './folder.js';

let work = '';
beforeAll(async () => {
  await ready;
  work = freshFolder();
});
afterAll(() => rmSync(work, { recursive: true }));

type Numbers = Uint8Array | Uint16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

interface Stored {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** An array whose numbers are 0 to `most`, in an order of its own. */
function pattern<T extends Numbers>(
  shape: readonly number[],
  most: number,
  into: (length: number) => T,
): Stored {
  const data = into(count(shape));
  for (let i = 0; i < data.length; i++) {
    const value = (i * 7 + (i >> 3)) % (most + 1);
    data[i] = (typeof data[0] === 'bigint' ? BigInt(value) : value) as never; // the element type of `data`
  }
  return { shape, data };
}

const bytes = (length: number) => new Uint8Array(length);

function putHdf5(path: string, arrays: Readonly<Record<string, Stored>>, chunks?: readonly number[]): void {
  put(path, '');
  const file = new File(path, 'w');
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const chunked = chunks ? { chunks: chunks.slice(-shape.length), compression: 4 } : {};
    file.create_dataset({ name, data, shape: [...shape], ...chunked });
  }
  file.close();
}

const DESCR: readonly (readonly [new (length: number) => Numbers, string])[] = [
  [Uint8Array, '|u1'],
  [Uint16Array, '<u2'],
  [Int32Array, '<i4'],
  [BigInt64Array, '<i8'],
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
];

function npyOf({ shape, data }: Stored): Buffer {
  const descr = DESCR.find(([type]) => data instanceof type)?.[1];
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${header.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(padded),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

/** A .npz as numpy.savez, or numpy.savez_compressed, writes it. */
function putNpz(path: string, arrays: Readonly<Record<string, Stored>>, isCompressed = false): void {
  const files = Object.entries(arrays).map(([name, array]) => ({
    name: `${name}.npy`,
    content: npyOf(array),
  }));
  const entries = files.map(({ name, content }) => ({
    name,
    bytes: isCompressed ? deflateRawSync(content) : content,
    method: isCompressed ? 8 : 0,
    size: content.length,
  }));
  put(path, zip(entries));
}

/** What `unet data check` finds in a folder: the number of images, their channels and sizes, and the positions of each class. */
function checked(folder: string, ...more: readonly string[]) {
  const { code, stdout, stderr } = unet(['data', 'check', folder, '--json', ...more], work);
  expect(code, stdout + stderr).toBe(0);
  const { samples, channels, sizes, classes, values } = JSON.parse(stdout);
  return {
    ...{ samples, channels, sizes },
    positions: classes.map((one: { positions: number }) => one.positions),
    ranges: values.map((one: { min: number; max: number }) => [one.min, one.max]),
  };
}

function refused(folder: string): unknown {
  const { code, stdout } = unet(['data', 'check', folder, '--json'], work);
  expect(code).toBe(1);
  return JSON.parse(stdout).error;
}

/** How often each class occurs in masks. */
function positionsOf(masks: readonly Stored[], classes: number): number[] {
  const all = masks.flatMap(({ data }) => [...data].map(Number));
  return Array.from({ length: classes }, (_, label) => all.filter((one) => one === label).length);
}

describe('HDF5 files with raw and label', () => {
  const volume = [4, 6, 8];
  test.each<
    readonly [
      string,
      readonly number[],
      (shape: readonly number[]) => Stored,
      (shape: readonly number[]) => Stored,
      readonly number[] | undefined,
    ]
  >([
    ['bytes', volume, (shape) => pattern(shape, 200, bytes), (shape) => pattern(shape, 2, bytes), undefined],
    [
      '16 bits in compressed chunks',
      volume,
      (shape) => pattern(shape, 4095, (n) => new Uint16Array(n)),
      (shape) => pattern(shape, 1, (n) => new Int32Array(n)),
      [1, 2, 3, 4],
    ],
    [
      'floats and 64-bit labels',
      volume,
      (shape) => pattern(shape, 9, (n) => new Float32Array(n)),
      (shape) => pattern(shape, 3, (n) => new BigInt64Array(n)),
      undefined,
    ],
    [
      'two channels',
      [2, ...volume],
      (shape) => pattern(shape, 99, (n) => new Float64Array(n)),
      () => pattern(volume, 1, bytes),
      undefined,
    ],
  ])('of %s are a sample each', (name, shape, rawOf, labelOf, chunks) => {
    const folder = name.replaceAll(' ', '-');
    const files = ['a', 'b', 'c'].map((stem) => ({ stem, raw: rawOf(shape), label: labelOf(shape) }));
    for (const { stem, raw, label } of files)
      putHdf5(join(work, folder, `${stem}.h5`), { raw, label }, chunks);
    const labels = files.map(({ label }) => label);
    const classes = Math.max(...labels.flatMap(({ data }) => [...data].map(Number))) + 1;
    const raw = files.flatMap((one) => [...one.raw.data].map(Number));
    const found = checked(folder);
    expect(found).toMatchObject({
      samples: 3,
      channels: shape.length === 4 ? 2 : 1,
      sizes: ['4 x 6 x 8'],
      positions: positionsOf(labels, classes),
    });
    expect([Math.min(...found.ranges.flat()), Math.max(...found.ranges.flat())]).toEqual([
      Math.min(...raw),
      Math.max(...raw),
    ]);
    // Slices of the same files.
    expect(checked(folder, '--axis', 'y')).toMatchObject({
      samples: 18,
      sizes: ['4 x 8'],
      positions: positionsOf(labels, classes),
    });
  });

  test('in two folders, and beside a mask in another format', () => {
    const [raw, label] = [pattern(volume, 50, bytes), pattern(volume, 1, bytes)];
    putHdf5(join(work, 'folders/images/a.h5'), { raw });
    putHdf5(join(work, 'folders/masks/a.h5'), { label });
    putHdf5(join(work, 'folders/images/b.hdf5'), { raw });
    putNpz(join(work, 'folders/masks/b.npz'), { seg: label });
    expect(checked('folders')).toMatchObject({
      samples: 2,
      sizes: ['4 x 6 x 8'],
      positions: positionsOf([label, label], 2),
    });
  });

  test('of different sizes are refused, and a file without a label', () => {
    putHdf5(join(work, 'sizes/a.h5'), {
      raw: pattern(volume, 9, bytes),
      label: pattern([4, 6, 7], 1, bytes),
    });
    putHdf5(join(work, 'sizes/b.h5'), { raw: pattern(volume, 9, bytes) });
    const own = (name: string) => join('sizes', name);
    expect(refused('sizes')).toMatchObject({
      code: 'data-set-invalid',
      args: {
        problems: [
          { code: 'pair-mismatch', args: { path: own('a.h5'), difference: { case: 'size' } } },
          { code: 'array-not-chosen', args: { path: own('b.h5'), arrays: ['raw'], chosen: 'label' } },
        ],
      },
    });
  });
});

test('a mask of HDF5 is its only array, and never raw beside others', () => {
  const shape = [4, 6, 8];
  const [raw, seg] = [pattern(shape, 5, bytes), pattern(shape, 1, bytes)];
  putHdf5(join(work, 'only/images/a.h5'), { raw });
  putHdf5(join(work, 'only/masks/a.h5'), { seg });
  expect(checked('only')).toMatchObject({ samples: 1, positions: positionsOf([seg], 2) });
  // Beside others, the only one that is named as a mask.
  putHdf5(join(work, 'only/masks/a.h5'), { raw, seg });
  expect(checked('only')).toMatchObject({ samples: 1, positions: positionsOf([seg], 2) });
  const path = join('only', 'masks', 'a.h5');
  const clashes: Readonly<Record<string, Stored>>[] = [
    { raw, classes: seg },
    { raw, seg, mask: seg },
  ];
  for (const arrays of clashes) {
    putHdf5(join(work, 'only/masks/a.h5'), arrays);
    expect(refused('only')).toMatchObject({
      args: { problems: [{ code: 'array-not-chosen', args: { path, arrays: Object.keys(arrays).sort() } }] },
    });
  }
});

describe.each(['h5', 'npz'])('files of images and masks in .%s', (ending) => {
  const image = pattern([4, 8], 90, (n) => new Float32Array(n));
  const mask = pattern([4, 8], 2, (n) => new Float32Array(n));
  const putFile = (folder: string, name: string, arrays: Readonly<Record<string, Stored>>) =>
    (ending === 'h5' ? putHdf5 : putNpz)(join(work, folder, `${name}.${ending}`), arrays);

  test.each([
    ['raw', 'label'],
    ['image', 'label'],
    ['image', 'mask'],
    ['img', 'gt'],
    ['images', 'labels'],
    ['Image', 'Segmentation'],
  ])('named %s and %s are pairs, and the image is what a run takes', (own, other) => {
    const folder = `both-${ending}-${own}-${other}`;
    const values = [...image.data].map(Number);
    const scribble = pattern([4, 8], 1, bytes);
    putFile(folder, 'a', { [own]: image, [other]: mask, scribble });
    putFile(folder, 'b', { [other]: mask, [own]: image });
    expect(checked(folder)).toMatchObject({
      ...{ samples: 2, channels: 1, sizes: ['4 x 8'], positions: positionsOf([mask, mask], 3) },
      ranges: [[Math.min(...values), Math.max(...values)]],
    });
    put(
      join(work, 'n.unet'),
      'unet N { input = 1 x 4 x 8; classes = 2; depth = 1; channels = 2; padding = same }',
    );
    putNpz(join(work, 'plain.npz'), { anything: image });
    const numbers = [join(folder, `a.${ending}`), 'plain.npz'].map((input) => {
      const { code, stderr } = unet(['run', 'n.unet', '-i', input, '-o', 'o.npy', '--threads', '1'], work);
      expect(code, stderr).toBe(0);
      return readFileSync(join(work, 'o.npy'));
    });
    expect(numbers[0]).toEqual(numbers[1]);
  });

  test.each<[string, Readonly<Record<string, Stored>>]>([
    ['a mask alone', { label: mask }],
    ['an image alone', { image }],
    ['two images', { image, img: image, label: mask }],
    ['two masks', { image, seg: mask, mask }],
    ['names that say nothing', { a: image, b: mask }],
    ['one array', { arr_0: image }],
  ])('with %s are refused', (what, arrays) => {
    const folder = `odd-${ending}-${what.replaceAll(' ', '-')}`;
    putFile(folder, 'a', arrays);
    const error = refused(folder);
    expect(new Set(JSON.stringify(error).match(/"code":"[^"]*"/g))).toEqual(
      new Set(['"code":"data-set-invalid"', '"code":"array-not-chosen"']),
    );
  });
});

describe('.npz', () => {
  test.each([false, true])('of one array each are images and masks (compressed: %s)', (isCompressed) => {
    const folder = `npz-${isCompressed}`;
    const channels: [number[], number[], number[]] = [[], [], []];
    const masks = ['a', 'b', 'c'].map((stem, i) => {
      const image = pattern([3, 5, 8], 90 + i, (n) => new Uint16Array(n));
      for (const [c, values] of channels.entries())
        values.push(...(image.data.slice(40 * c, 40 * (c + 1)) as Uint16Array)); // as made above
      const mask = pattern([5, 8], 2, (n) => new Int32Array(n));
      putNpz(join(work, folder, 'images', `${stem}.npz`), { image }, isCompressed);
      putNpz(join(work, folder, 'masks', `${stem}.npz`), { arr_0: mask }, isCompressed);
      return mask;
    });
    expect(checked(folder)).toMatchObject({
      samples: 3,
      channels: 3,
      sizes: ['5 x 8'],
      positions: positionsOf(masks, 3),
      ranges: channels.map((values) => [Math.min(...values), Math.max(...values)]),
    });
  });

  test('of several arrays is refused, by a message that names them', () => {
    const image = pattern([5, 8], 90, bytes);
    putNpz(join(work, 'several/images/a.npz'), { image, img: image });
    putNpz(join(work, 'several/masks/a.npz'), { label: pattern([5, 8], 1, bytes) });
    const path = join('several', 'images', 'a.npz');
    expect(refused('several')).toMatchObject({
      args: { problems: [{ code: 'array-not-chosen', args: { path, arrays: ['image', 'img'] } }] },
    });
  });
});
