import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import type { StoredType } from '../../src/formats/element.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { imageArray, imageOf } from '../../src/images/read-image.js';
import { ok } from '../data/folder.js';
import { stored } from './stored.js';

function read(
  format: ArrayHeader['format'],
  values: readonly (number | bigint)[],
  extra: Partial<ArrayHeader>,
): number[] | Failure {
  const array = imageArray(
    stored(
      format,
      [
        ['y', 1],
        ['x', values.length],
      ],
      extra,
      values,
    ),
    { rank: 2 },
  );
  if (array instanceof Failure) return array;
  return [...ok(imageOf(array, 0, 1)).data];
}

const pictures = ['TIFF', 'PNG'] as const;
const others = ['NIfTI-1', 'MGH', 'NRRD', 'MetaImage', 'HDF5', 'OME-Zarr'] as const;

describe.each(pictures)('unsigned integers of a %s are parts of the largest value', (format) => {
  test.each([
    ['bool', 1],
    ['uint8', 1],
    ['uint8', 2],
    ['uint8', 4],
    ['uint8', 8],
    ['uint16', 10],
    ['uint16', 12],
    ['uint16', 14],
    ['uint16', 16],
  ] as const)('%s of %i bits', (type, bits) => {
    const most = 2 ** bits - 1;
    const values = [0, 1, Math.floor(most / 2), most];
    expect(read(format, values, { type, bits })).toEqual(values.map((value) => Math.fround(value / most)));
  });
});

const extremes: Readonly<Record<Exclude<StoredType, 'bool' | 'uint64' | 'int64'>, readonly number[]>> = {
  uint8: [0, 1, 255],
  int8: [-128, 0, 127],
  uint16: [0, 1, 65535],
  int16: [-32768, -1024, 0, 32767],
  uint32: [0, 16777217, 4294967295],
  int32: [-2147483648, -16777217, 0, 2147483647],
  float16: [-2.5, 0, 65504],
  float32: [-1.5, 0, 3e38],
  float64: [-0.1, 0, 1e9 + 0.5],
};

describe.each(Object.entries(extremes))('%s', (name, values) => {
  const type = name as keyof typeof extremes; // a key of `extremes`
  test.each(others)('as stored in %s, and scaled before float32 rounds', (format) => {
    expect(read(format, values, { type })).toEqual(values.map(Math.fround));
    for (const [slope, intercept] of [
      [2, -1024],
      [0.1, 0],
      [-1, 7],
      [1e-3, 1e6],
    ] as const) {
      expect(read(format, values, { type, scale: { slope, intercept } })).toEqual(
        values.map((value) => Math.fround(slope * value + intercept)),
      );
    }
  });

  test.each(pictures)('in a %s', (format) => {
    const isPart = type === 'uint8' || type === 'uint16';
    const most = type === 'uint8' ? 255 : 65535;
    expect(read(format, values, { type })).toEqual(
      values.map((value) => Math.fround(isPart ? value / most : value)),
    );
  });
});

describe.each(['int64', 'uint64'] as const)('%s', (type) => {
  test('is exact up to 2^53, as a number of a scale too', () => {
    const values = [0n, 1n, 2n ** 24n + 1n, 2n ** 53n - 1n];
    expect(read('NIfTI-1', values, { type })).toEqual(values.map((value) => Math.fround(Number(value))));
    expect(read('NIfTI-1', values, { type, scale: { slope: 1, intercept: -(2 ** 24) } })).toEqual(
      values.map((value) => Math.fround(Number(value) - 2 ** 24)),
    );
  });

  test.each([2n ** 53n, 2n ** 63n - 1n])('%s has no exact number', (value) => {
    expect(read('NRRD', [0n, 5n, value], { type })).toMatchObject({
      code: 'integer-too-large',
      args: { value: String(value), index: 2 },
    });
  });
});
