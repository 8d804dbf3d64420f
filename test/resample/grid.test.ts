import { describe, expect, test } from 'vitest';
import { newSizes, separateAxis } from '../../src/resample/grid.js';

describe('sizes at another spacing', () => {
  test.each([
    [
      [10, 20],
      [1, 1],
      [2, 0.5],
      [5, 40],
    ],
    // Halves go to the even number.
    [
      [5, 7, 9],
      [1, 1, 1],
      [2, 2, 2],
      [2, 4, 4],
    ],
    [
      [482, 512, 512],
      [1, 0.7676, 0.7676],
      [2.5, 1.919, 1.919],
      [193, 205, 205],
    ],
  ])('%j of %j at %j are %j', (sizes, current, target, wanted) => {
    expect(newSizes(sizes, current, target)).toEqual(wanted);
  });
});

describe('the separate axis', () => {
  test.each<[number[], number[], number | undefined]>([
    [[5, 1, 1], [1, 1, 1], 0],
    [[1, 5, 1], [1, 1, 1], 1],
    [[1, 1, 1], [1, 1, 3.1], 2],
    // Three times is not more than three times.
    [[3, 1, 1], [1, 1, 1], undefined],
    [[2, 1, 1], [2.9, 1, 1], undefined],
    // The current spacing decides where it is anisotropic, even if two axes share the largest distance.
    [[0.24, 1.25, 1.25], [5, 1, 1], undefined],
    [[1, 1, 4], [5, 1, 1], 2],
    [[5, 5, 5], [1, 1, 1], undefined],
    [[9, 1], [1, 1], undefined],
  ])('of %j at %j is %s', (current, target, axis) => {
    expect(separateAxis(current, target)).toBe(axis);
  });
});
