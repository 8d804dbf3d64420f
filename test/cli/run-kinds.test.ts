import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { affineOf } from '../../src/formats/geometry.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader, AxisName, StoredArray } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { ok } from '../data/folder.js';
import { elementAt, positions, type Sizes, stored } from '../images/stored.js';
import { type ForeignNode, writeForeignModel } from './foreign-model.js';
import { freshFolder, unet } from './unet.js';

let work = '';
const at = (name: string) => join(work, name);

/** Where the sum of a row up to a position is positive: it depends on which axis of the image comes last. */
const rowSums: readonly ForeignNode[] = [{ op: 'CumSum', constants: ['last'] }, { op: 'Sigmoid' }];

beforeAll(() => {
  work = freshFolder();
  for (const channels of [1, 2, 3]) {
    writeForeignModel(
      at(`flat${channels}.onnx`),
      channels === 1 ? rowSums : [{ op: 'Softmax', attributes: [{ name: 'axis', type: 2, i: 1 }] }],
      ['n', channels, 'h', 'w'],
    );
    writeForeignModel(
      at(`deep${channels}.onnx`),
      channels === 1 ? rowSums : [{ op: 'Softmax', attributes: [{ name: 'axis', type: 2, i: 1 }] }],
      ['n', channels, 'd', 'h', 'w'],
    );
  }
});
afterAll(() => rmSync(work, { recursive: true }));

const run = (model: string, inputs: readonly string[], output: string, ...more: readonly string[]) => {
  rmSync(at(output), { force: true });
  return unet(
    ['run', model, ...inputs.flatMap((input) => ['--input', input]), '-o', output, '--threads', '1', ...more],
    work,
  );
};

const affine = affineOf(
  [
    [0.6, 0.8, 0],
    [-1.6, 1.2, 0],
    [0, 0, 3],
  ],
  [-7, 11, 5],
);
const geometry = { affine, spacing: [3, 2, 1], unit: 'mm', orientation: undefined } as const;

function floats(sizes: Sizes, seed = 1, format: ArrayHeader['format'] = 'NIfTI-1'): StoredArray {
  const rng = new Rng(seed, 'voxels');
  const count = sizes.reduce((product, [, size]) => product * size, 1);
  // Neither 0 nor near it: no sum is left to rounding.
  const values = Array.from({ length: count }, () => Math.fround(rng.index(2) === 1 ? 1 : -1.03125));
  const placed = sizes.some(([name]) => name === 'z') ? { geometry } : {};
  return stored(format, sizes, { type: 'float32', ...placed }, values);
}

const put = (name: string, array: StoredArray) => {
  expect(writeArray(at(name), array)).toBeUndefined();
  return name;
};

const volume: Sizes = [
  ['z', 4],
  ['y', 5],
  ['x', 6],
];

/** The classes of `rowSums` with rows along `axis`. */
function rowClasses({ data }: StoredArray, sizes: Sizes, axis: AxisName): number[] {
  const names = sizes.map(([name]) => name);
  return positions(sizes.map(([, size]) => size)).map((place) => {
    const named = Object.fromEntries(names.map((name, i) => [name, place[i] ?? 0]));
    let sum = 0;
    for (let i = 0; i <= (named[axis] ?? 0); i++)
      sum += Number(data[elementAt(sizes, { ...named, [axis]: i })]);
    return sum > 0 ? 1 : 0;
  });
}

async function maskOf(name: string) {
  const { header, data } = ok(await readArray(at(name)));
  return { header, axes: header.axes.map((axis) => [axis.name, axis.size]), classes: [...data].map(Number) };
}

describe.each(['nii', 'nii.gz', 'mha', 'nrrd', 'tif', 'npy'])('a volume in .%s', (from) => {
  const source = floats(volume);
  const input = `volume.${from}`;

  test.each(['nii.gz', 'mha', 'nrrd', 'tif'])('gives labels in .%s at its place', async (to) => {
    put(input, source);
    expect(run('deep1.onnx', [input], `a.${to}`)).toMatchObject({ code: 0 });
    const whole = await maskOf(`a.${to}`);
    expect(whole.axes).toEqual(volume);
    expect(whole.classes).toEqual(rowClasses(source, volume, 'x'));
    const places = whole.header.geometry?.affine;
    if (from !== 'tif' && from !== 'npy' && to !== 'tif') {
      expect(places?.flat()).toEqual(affine.flat().map((value) => expect.closeTo(value, 5)));
    }
    if (from === 'npy') return;
    for (const [axis, last] of [
      ['z', 'x'],
      ['y', 'x'],
      ['x', 'y'],
    ] as const) {
      const { code, stderr } = run('flat1.onnx', [input], `b.${to}`, '--axis', axis);
      expect(code, stderr).toBe(0);
      const slices = await maskOf(`b.${to}`);
      expect(slices.axes).toEqual(volume);
      expect(slices.classes).toEqual(rowClasses(source, volume, last));
      expect(slices.header.geometry?.affine).toEqual(places);
      expect(stderr).toMatch(new RegExp(`images along ${axis}`));
    }
  });
});

test('each slice of a volume is the slice alone, and one slice stays a volume', async () => {
  const source = floats(volume);
  const one: Sizes = [['z', 1], ...volume.slice(1)];
  put('volume.nii.gz', source);
  run('flat1.onnx', ['volume.nii.gz'], 'all.nii.gz');
  const all = await maskOf('all.nii.gz');
  for (let z = 0; z < 4; z++) {
    put('slice.nii.gz', {
      header: { ...source.header, axes: stored('PNG', one).header.axes },
      data: source.data.slice(30 * z, 30 * (z + 1)),
    });
    for (const model of ['flat1.onnx', 'deep1.onnx']) {
      expect(run(model, ['slice.nii.gz'], 'one.nii.gz')).toMatchObject({ code: 0 });
      const slice = await maskOf('one.nii.gz');
      expect(slice.axes).toEqual(one);
      expect(slice.classes).toEqual(all.classes.slice(30 * z, 30 * (z + 1)));
    }
  }
});

test.each([
  [
    'pages',
    [
      ['page', 3],
      ['y', 4],
      ['x', 5],
    ],
  ],
  [
    'frames and slices',
    [
      ['time', 2],
      ['z', 3],
      ['y', 4],
      ['x', 5],
    ],
  ],
] as const)('%s of a TIFF are as many masks in one TIFF', async (_, sizes) => {
  const source = floats(sizes, 3, 'TIFF');
  put('stack.tif', source);
  expect(run('flat1.onnx', ['stack.tif'], 'masks.tif')).toMatchObject({ code: 0 });
  const masks = await maskOf('masks.tif');
  expect(masks.axes).toEqual(sizes);
  expect(masks.classes).toEqual(rowClasses(source, sizes, 'x'));
  const refused = run('flat1.onnx', ['stack.tif'], 'masks.png');
  expect(refused.stderr).toContain('error[mask-not-2d]');
});

describe('channels', () => {
  const largest = (arrays: readonly StoredArray[]) =>
    [...(arrays[0]?.data ?? [])].map((_, i) => {
      const values = arrays.map(({ data }) => Number(data[i]));
      return values.indexOf(Math.max(...values));
    });

  test.each([
    'flat',
    'deep',
  ])('come from files in their order, or from a folder in that of its numbers (%s)', async (net) => {
    const arrays = [5, 6, 7].map((seed) => floats(volume, seed));
    mkdirSync(at('channels'), { recursive: true });
    const names = ['c1', 'c2', 'c10'].map((name, i) =>
      put(`channels/${name}.nii.gz`, arrays[i] ?? floats(volume)),
    );
    expect(run(`${net}3.onnx`, names, 'a.nii.gz')).toMatchObject({ code: 0 });
    expect((await maskOf('a.nii.gz')).classes).toEqual(largest(arrays));
    const { code, stderr } = run(`${net}3.onnx`, ['channels'], 'b.nii.gz');
    expect([code, (await maskOf('b.nii.gz')).classes]).toEqual([0, largest(arrays)]);
    expect(stderr).toContain('c1.nii.gz, c2.nii.gz, c10.nii.gz');
    const turned = run(`${net}3.onnx`, names.toReversed(), 'c.nii.gz');
    expect([turned.code, (await maskOf('c.nii.gz')).classes]).toEqual([0, largest(arrays.toReversed())]);
  });

  const moved = affineOf(
    [0, 1, 2].map((j) => affine.slice(0, 3).map((row) => row[j] ?? 0)),
    [-7, 11, 8],
  );
  const turnedRound = affineOf(
    [
      [-0.6, -0.8, 0],
      [-1.6, 1.2, 0],
      [0, 0, 3],
    ],
    [-7, 11, 5],
  );
  const wider = affine.map((row, i) => row.map((value, j) => (i < 3 && j < 3 ? 2 * value : value)));
  test.each([
    ['origin', { ...geometry, affine: moved }],
    ['directions', { ...geometry, affine: turnedRound }],
    ['spacing', { ...geometry, affine: wider, spacing: [6, 4, 2] }],
  ])('at another %s are refused', (_, other) => {
    const source = floats(volume);
    put('a.nii.gz', source);
    put('b.nii.gz', { ...source, header: { ...source.header, geometry: other } });
    const { code, stderr } = run('flat2.onnx', ['a.nii.gz', 'b.nii.gz'], 'c.nii.gz');
    expect([code, existsSync(at('c.nii.gz'))]).toEqual([1, false]);
    expect(stderr).toContain('error[inputs-differ]');
  });

  test.each([
    ['flat1.onnx', ['a.nii.gz', 'a.nii.gz'], 'input-count'],
    ['flat3.onnx', ['a.nii.gz', 'a.nii.gz'], 'input-count'],
    ['flat3.onnx', ['a.nii.gz'], 'channels-mismatch'],
    ['flat2.onnx', ['a.nii.gz', 'small.nii.gz'], 'inputs-differ'],
    ['flat2.onnx', ['a.nii.gz', 'nowhere.nii.gz'], 'file-unreadable'],
  ])('%s with %j is refused', (model, inputs, code) => {
    put('a.nii.gz', floats(volume));
    put('small.nii.gz', floats([['z', 3], ...volume.slice(1)]));
    expect(run(model, inputs, 'c.nii.gz').stderr).toContain(`error[${code}]`);
    expect(existsSync(at('c.nii.gz'))).toBe(false);
  });
});

test('one number that is not finite, anywhere, never gives a mask; --nan replaces it', async () => {
  const rng = new Rng(11, 'places');
  const kinds: readonly (readonly [string, string, string, Sizes])[] = [
    ['flat1.onnx', 'v.nii.gz', 'm.nii.gz', volume],
    ['deep1.onnx', 'v.mha', 'm.nrrd', volume],
    ['deep2.onnx', 'v.nrrd', 'm.mha', [['channel', 2], ...volume]],
    [
      'flat3.onnx',
      'v.tif',
      'm.tif',
      [
        ['channel', 3],
        ['y', 5],
        ['x', 6],
      ],
    ],
    [
      'flat1.onnx',
      'v.tif',
      'm.tif',
      [
        ['page', 3],
        ['y', 5],
        ['x', 6],
      ],
    ],
    [
      'deep1.onnx',
      'v.tif',
      'm.npy',
      [
        ['page', 3],
        ['y', 5],
        ['x', 6],
      ],
    ],
  ];
  for (const [model, input, output, sizes] of kinds) {
    const source = floats(sizes, 2, 'TIFF');
    const last = source.data.length - 1;
    for (const place of [0, last, rng.index(last), rng.index(last)]) {
      const wild =
        [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][rng.index(3)] ?? Number.NaN;
      const [damaged, mended] = [
        Float32Array.from(source.data, Number),
        Float32Array.from(source.data, Number),
      ];
      damaged[place] = wild;
      mended[place] = -2;
      put(input, { ...source, data: damaged });
      const { code, stderr } = run(model, [input], output);
      expect([code, existsSync(at(output))], `${model} ${input} ${place}`).toEqual([1, false]);
      expect(stderr).toMatch(/error\[values-not-finite\].*1 of/);
      expect(run(model, [input], output, '--nan', '-2').code).toBe(0);
      const replaced = await maskOf(output);
      put(input, { ...source, data: mended });
      expect(run(model, [input], output).code).toBe(0);
      expect((await maskOf(output)).classes).toEqual(replaced.classes);
    }
  }
});
