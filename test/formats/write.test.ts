import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { newData, type StoredType } from '../../src/formats/element.js';
import { readArray } from '../../src/formats/read.js';
import { type Axis, asNumbers, countOf, type StoredArray, sizesOf } from '../../src/formats/stored-array.js';
import { arrayLike, writeArray } from '../../src/formats/write.js';
import { allCases } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

const types: StoredType[] = [
  'bool',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
];

function arrayOf(
  type: StoredType,
  axes: readonly Axis[],
  colour: StoredArray['header']['colour'] = 'none',
): StoredArray {
  const data = newData(type, countOf(sizesOf(axes)));
  for (let i = 0; i < data.length; i++) {
    const value = type === 'bool' ? i % 2 : (i * 37) % 120;
    data[i] = (typeof data[0] === 'bigint' ? BigInt(value) : value) as never; // the element type of `data`
  }
  const header = {
    path: '',
    format: 'NPY',
    axes,
    type,
    bits: 8,
    scale: undefined,
    colour,
    notes: [],
  } as const;
  return { header, data };
}

const sizes = { time: 2, page: 3, channel: 3, z: 4, y: 5, x: 6, unnamed: 7 };
const axesOf = (...names: (keyof typeof sizes)[]) => names.map((name) => ({ name, size: sizes[name] }));

const shapes: Readonly<Record<string, readonly Axis[][]>> = {
  nii: [
    axesOf('y', 'x'),
    axesOf('z', 'y', 'x'),
    axesOf('time', 'z', 'y', 'x'),
    axesOf('channel', 'z', 'y', 'x'),
    axesOf('time', 'channel', 'z', 'y', 'x'),
    [{ name: 'z', size: 1 }, ...axesOf('y', 'x')],
  ],
  tif: [
    axesOf('y', 'x'),
    axesOf('page', 'y', 'x'),
    axesOf('channel', 'y', 'x'),
    axesOf('z', 'y', 'x'),
    axesOf('time', 'channel', 'z', 'y', 'x'),
    axesOf('channel', 'z', 'y', 'x'),
  ],
  png: [axesOf('y', 'x'), axesOf('channel', 'y', 'x')],
  mha: [
    axesOf('y', 'x'),
    axesOf('z', 'y', 'x'),
    axesOf('channel', 'z', 'y', 'x'),
    axesOf('time', 'channel', 'z', 'y', 'x'),
  ],
  nrrd: [
    axesOf('y', 'x'),
    axesOf('z', 'y', 'x'),
    axesOf('channel', 'y', 'x'),
    axesOf('time', 'channel', 'z', 'y', 'x'),
  ],
  npy: [axesOf('y', 'x'), axesOf('unnamed')],
};

/** Types that a format lacks, and what it stores for a bool. */
const refused: Readonly<Record<string, readonly StoredType[]>> = {
  nii: ['float16'],
  mha: ['float16'],
  nrrd: ['float16'],
  png: ['int8', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float16', 'float32', 'float64'],
};

describe.each(Object.keys(shapes))('.%s', (ending) => {
  const cases = types.flatMap((type) => (shapes[ending] ?? []).map((axes) => ({ type, axes })));
  test.each(cases)('$type, $axes', async ({ type, axes }) => {
    const array = arrayOf(type, axes);
    for (const path of [
      join(folder, `a.${ending}`),
      ...(ending === 'nii' ? [join(folder, 'a.nii.gz')] : []),
    ]) {
      const problem = writeArray(path, array);
      if (refused[ending]?.includes(type)) {
        expect(problem).toMatchObject({
          code: 'array-not-writable',
          args: { path, problem: 'element-type' },
        });
        continue;
      }
      expect(problem).toBeUndefined();
      const read = await readArray(path);
      if (read instanceof Failure) throw new Error(read.message);
      const wanted = ending === 'npy' ? axes.map(({ size }) => ({ name: 'unnamed', size })) : axes;
      expect(read.header.axes).toEqual(wanted);
      expect(read.header.type).toBe(type === 'bool' && ending !== 'npy' ? 'uint8' : type);
      expect(read.data).toEqual(array.data);
    }
  });
});

test.each([
  ['a.png', arrayOf('uint8', axesOf('z', 'y', 'x')), 'axes'],
  ['a.png', arrayOf('uint8', [{ name: 'channel', size: 5 }, ...axesOf('y', 'x')]), 'colour'],
  ['a.nii', arrayOf('uint8', axesOf('page', 'y', 'x')), 'axes'],
  ['a.xyz', arrayOf('uint8', axesOf('y', 'x')), 'format'],
] as const)('%s is refused', (name, array, problem) => {
  const path = join(folder, name);
  expect(writeArray(path, array)).toMatchObject({ code: 'array-not-writable', args: { path, problem } });
});

const volumes = allCases().filter(({ name, affine }) => affine && /\.(nii|nii\.gz|mgz|nrrd|mha)$/.test(name));

describe('labels lie where their image lies', () => {
  test.each(volumes)('$name', async ({ name, files }) => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.from(files[name] ?? '', 'base64'));
    const image = await readArray(path);
    if (image instanceof Failure) throw new Error(image.message);
    const grid = arrayLike(image.header, new Uint8Array(0), 'uint8').header.axes;
    const labels = Uint8Array.from({ length: countOf(sizesOf(grid)) }, (_, i) => i % 3);
    for (const ending of ['nii.gz', 'mha', 'nrrd']) {
      const out = join(folder, `labels.${ending}`);
      expect(writeArray(out, arrayLike(image.header, labels, 'uint8'))).toBeUndefined();
      const read = await readArray(out);
      if (read instanceof Failure) throw new Error(read.message);
      expect(read.header.axes).toEqual(grid);
      expect(read.header.scale).toBeUndefined();
      expect(read.header.notes.map(({ kind }) => kind)).not.toContain('intent');
      expect(read.data).toEqual(labels);
      const affine = image.header.geometry?.affine?.map((row) =>
        row.map((value) => expect.closeTo(value, 3)),
      );
      if (grid.length === 3) expect(read.header.geometry?.affine).toEqual(affine);
      if (ending !== 'nii.gz') continue;
      const [native, before] = [read.header.geometry?.native, image.header.geometry?.native];
      if (native?.form !== 'nifti' || before?.form !== 'nifti') continue;
      expect([native.qformCode, native.sformCode]).toEqual([before.qformCode, before.sformCode]);
      expect([native.qform, native.sform]).toEqual([before.qform, before.sform]);
    }
  });
});

test('64-bit integers are numbers only where they are exact', () => {
  const array = arrayOf('int64', axesOf('x'));
  expect(asNumbers(array)).toEqual(Float64Array.from([0, 37, 74, 111, 28, 65]));
  const data = BigInt64Array.from([0n, 2n ** 53n]);
  expect(asNumbers({ ...array, data })).toMatchObject({ code: 'integer-too-large', args: { index: 1 } });
});
