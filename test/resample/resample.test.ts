import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resampleImage, resampleLogits } from '../../src/resample/resample.js';
import { imageOf } from '../normalize/images.js';
import { axisMatrix, nnunetResampled } from './reference.js';

const noise = (shape: readonly number[], seed: number) => imageOf(shape, (next) => 200 * next() - 50, seed);

/** The largest difference, in parts of the range of `noise`. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)));
  return largest / 200;
}

const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[1, 7], [12]],
  [[2, 40], [13]],
  [
    [2, 9, 6],
    [5, 11],
  ],
  [
    [1, 6, 9],
    [6, 4],
  ],
  [
    [1, 1, 5],
    [3, 5],
  ],
  [
    [3, 4, 5, 3],
    [7, 3, 5],
  ],
  [
    [1, 5, 4, 6],
    [5, 7, 3],
  ],
  [
    [1, 6, 3, 4],
    [3, 3, 4],
  ],
  [
    [1, 1, 2, 1],
    [2, 3, 4],
  ],
];

describe.each(cases)('%j to %j', (shape, sizes) => {
  const image = noise(shape, shape.length);
  const axes: readonly (number | undefined)[] = shape.length === 4 ? [undefined, 0, 1, 2] : [undefined];

  test.each(axes)('is what a spline through all values gives, separate axis %s', (separate) => {
    const { shape: found, data } = resampleImage(image, sizes, { separate });
    expect(found).toEqual([shape[0], ...sizes]);
    expect(distance(data, nnunetResampled(image, sizes, 3, separate))).toBeLessThan(3e-7);
  });

  test.each(axes)('is linear for logits, separate axis %s', (separate) => {
    const { data } = resampleLogits(image, sizes, separate);
    expect(distance(data, nnunetResampled(image, sizes, 1, separate))).toBeLessThan(3e-7);
  });
});

describe('a long first axis, which is filtered in bands', () => {
  test.each([
    [150, 97],
    [97, 150],
    [60, 240],
    [31, 33],
    [33, 31],
  ])('%i to %i positions: the bands change less than float32 can hold', (from, to) => {
    const image = noise([1, from, 2], from);
    const matrix = axisMatrix(from, to, 3);
    const { data } = resampleImage(image, [to, 2]);
    const [low, high] = [Math.min(...image.data), Math.max(...image.data)];
    const wanted = matrix.flatMap((weights) =>
      [0, 1].map((k) => {
        const value = weights.reduce((sum, weight, i) => sum + weight * (image.data[2 * i + k] ?? 0), 0);
        return Math.min(high, Math.max(low, value));
      }),
    );
    expect(distance(data, wanted)).toBeLessThan(3e-7);
  });
});

const shapes = fc.integer({ min: 1, max: 3 }).chain((rank) =>
  fc.record({
    from: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: rank, maxLength: rank }),
    to: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: rank, maxLength: rank }),
    order: fc.constantFrom(0 as const, 1 as const, 3 as const),
    separate: fc.option(fc.nat({ max: rank - 1 }), { nil: undefined }),
    seed: fc.nat(),
  }),
);
const runs = { seed: 1, numRuns: 60 };

test('the same sizes leave every bit as it is', () => {
  fc.assert(
    fc.property(shapes, ({ from, order, separate, seed }) => {
      const image = noise([2, ...from], seed);
      expect(resampleImage(image, from, { order, separate }).data).toEqual(image.data);
    }),
    runs,
  );
});

test('equal values stay equal', () => {
  fc.assert(
    fc.property(shapes, ({ from, to, order, separate }) => {
      const { data } = resampleImage(
        imageOf([1, ...from], () => 3.5, 0),
        to,
        { order, separate },
      );
      expect(data.every((value) => value === 3.5)).toBe(true);
    }),
    runs,
  );
});

test('nothing leaves the range of the image', () => {
  fc.assert(
    fc.property(shapes, ({ from, to, order, separate, seed }) => {
      const image = noise([1, ...from], seed);
      const { data } = resampleImage(image, to, { order, separate });
      expect(Math.min(...data)).toBeGreaterThanOrEqual(Math.min(...image.data));
      expect(Math.max(...data)).toBeLessThanOrEqual(Math.max(...image.data));
    }),
    runs,
  );
});

test.each([1, 3] as const)('a ramp stays a ramp inside of an image, order %i', (order) => {
  const [height, width] = [50, 40];
  const value = (y: number, x: number) => 2 * y - 3 * x;
  const data = Float32Array.from({ length: height * width }, (_, i) =>
    value(Math.floor(i / width), i % width),
  );
  const sizes = [77, 31] as const;
  const found = resampleImage({ shape: [1, height, width], data }, sizes, { order });
  for (let i = 20; i < 57; i++) {
    for (let j = 10; j < 21; j++) {
      const y = (height / sizes[0]) * (i + 0.5) - 0.5;
      const x = (width / sizes[1]) * (j + 0.5) - 0.5;
      expect(Math.abs((found.data[i * sizes[1] + j] ?? 0) - value(y, x))).toBeLessThan(1e-4);
    }
  }
});

test('NaN does not become part of the range', () => {
  const image = { shape: [1, 2, 4], data: Float32Array.of(1, 5, 1, 5, Number.NaN, 0, 0, 9) };
  const { data } = resampleImage(image, [2, 9], { separate: 0 });
  expect(Math.max(...data.subarray(0, 9))).toBe(5);
  expect(data.subarray(9).every(Number.isNaN)).toBe(true);
});

test('an image without channels, or of no positions, stays one', () => {
  expect(resampleImage({ shape: [0, 4], data: new Float32Array(0) }, [7])).toEqual({
    shape: [0, 7],
    data: new Float32Array(0),
  });
});
