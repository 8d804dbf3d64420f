import { expect, test } from 'vitest';
import { objectNumbers } from '../../src/data/samples/object-numbers.js';

const of = (...values: readonly number[]) =>
  objectNumbers(
    { values: Float64Array.from(values), coloured: false, palette: undefined, lossy: undefined },
    'a.tif',
  );

test.each([[[0, 1, 2, 2 ** 31 - 1]], [[]]])('%j are numbers of objects', (values) => {
  expect(of(...values)).toEqual(Int32Array.from(values));
});

test.each([
  [0.5],
  [-1],
  [2 ** 31],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
])('%s is the number of no object', (value) => {
  expect(of(0, value, 3, value)).toMatchObject({
    code: 'object-number-invalid',
    args: { path: 'a.tif', value, count: 2, total: 4 },
  });
});
