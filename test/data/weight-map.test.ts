import { describe, expect, test } from 'vitest';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { borderWeights, instancesOf, resolveWeightMap } from '../../src/data/weight-map/border.js';
import { balanceOf } from '../../src/data/weight-map/class-balance.js';
import { nearestCells } from '../../src/data/weight-map/nearest-cells.js';
import { elementCount } from '../../src/runtime/tensor.js';
import { RandomStream } from '../../src/weights/random-stream.js';

function placesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Cells at random: each position is one of `count` numbers with the probability `density`. */
function randomCells(shape: readonly number[], count: number, density: number, seed: number): Int32Array {
  const drawn = new Float32Array(elementCount(shape));
  new RandomStream(seed, 'cells').fillUniform(drawn, 1);
  return Int32Array.from(drawn, (value) => {
    const part = (value + 1) / 2;
    return part < density ? 1 + Math.min(count - 1, Math.floor((part / density) * count)) : 0;
  });
}

/** Distances from each position to each number, over all pairs of positions. */
function bruteForce(cells: Int32Array, shape: readonly number[], spacing: readonly number[]) {
  const places = placesOf(shape);
  return places.map((place) => {
    const squares = new Map<number, number>();
    for (const [j, other] of places.entries()) {
      const square = other.reduce(
        (sum, position, axis) => sum + ((position - (place[axis] ?? 0)) * (spacing[axis] ?? 1)) ** 2,
        0,
      );
      const cell = cells[j] ?? 0;
      squares.set(cell, Math.min(squares.get(cell) ?? Number.POSITIVE_INFINITY, square));
    }
    return squares;
  });
}

const maps = [
  { shape: [17, 23], spacing: [1, 1], count: 6, density: 0.1 },
  { shape: [12, 15], spacing: [1, 1], count: 4, density: 0.6 },
  { shape: [9, 14], spacing: [2.5, 0.5], count: 5, density: 0.2 },
  { shape: [6, 7, 9], spacing: [3, 1, 1.5], count: 7, density: 0.08 },
  { shape: [10, 10], spacing: [1, 1], count: 1, density: 0.1 },
];

describe('nearestCells', () => {
  test.each(maps)('$shape, $count cells of $density, spaced $spacing: as by all pairs', (map) => {
    const { shape, spacing, count, density } = map;
    for (const seed of [1, 2, 3]) {
      const cells = randomCells(shape, count, density, seed);
      const found = nearestCells(cells, shape, spacing, 1000);
      const near = nearestCells(cells, shape, spacing, 3);
      for (const [i, squares] of bruteForce(cells, shape, spacing).entries()) {
        squares.delete(0);
        const [first = Number.POSITIVE_INFINITY, second = Number.POSITIVE_INFINITY] = [
          ...squares.values(),
        ].sort((a, b) => a - b);
        expect(found.nearest[i]).toBeCloseTo(first, 4);
        expect(found.second[i]).toBeCloseTo(second, 4);
        expect(near.nearest[i]).toBeCloseTo(first > 9 ? Number.POSITIVE_INFINITY : first, 4);
        expect(near.second[i]).toBeCloseTo(second > 9 ? Number.POSITIVE_INFINITY : second, 4);
      }
    }
  });
});

describe('borderWeights', () => {
  test.each(maps)('$shape, $count cells of $density, spaced $spacing: equation 2 by all pairs', (map) => {
    const { shape, spacing, count, density } = map;
    const cells = randomCells(shape, count, density, 7);
    const weights = borderWeights(cells, shape, { w0: 10, sigma: 5, spacing });
    for (const [i, squares] of bruteForce(cells, shape, spacing).entries()) {
      const own = cells[i] ?? 0;
      const distances = [...squares].map(([cell, square]) => ({ cell, d: Math.sqrt(square) }));
      const others = distances.filter(({ cell }) => cell !== 0 && cell !== own).map(({ d }) => d);
      const leaving = Math.min(...distances.filter(({ cell }) => cell !== own).map(({ d }) => d));
      const borders = (own === 0 ? others : [leaving, Math.min(...others)]).sort((a, b) => a - b);
      const [d1 = Number.POSITIVE_INFINITY, d2 = Number.POSITIVE_INFINITY] = borders;
      expect(weights[i]).toBeCloseTo(10 * Math.exp(-((d1 + d2) ** 2) / 50), 4);
    }
  });

  test('two cells with a gap of one: by hand', () => {
    // Cells in columns 0..2 and 4..6. From the gap both borders are 1 away; from column 2 the own one is 1, the other 2.
    const cells = Int32Array.of(1, 1, 1, 0, 2, 2, 2);
    const weights = borderWeights(cells, [1, 7], { w0: 10, sigma: 5, spacing: [1, 1] });
    const expected = [3 + 4, 2 + 3, 1 + 2, 1 + 1, 2 + 1, 3 + 2, 4 + 3].map(
      (sum) => 10 * Math.exp(-(sum ** 2) / 50),
    );
    for (const [i, value] of expected.entries()) expect(weights[i]).toBeCloseTo(value, 5);
  });

  test('the cells of a label are its connected components, separated by a diagonal line and by ignored positions', () => {
    const classes = Uint16Array.of(1, 1, 0, 1, 0, 1, 0, IGNORED, 1);
    expect([...instancesOf(classes, [3, 3])]).toEqual([1, 1, 0, 1, 0, 2, 0, 0, 2]);
  });

  test('sigma: 5 pixels by default; in um by the spacing; without a spacing it fails', () => {
    const map = (sigma?: { value: number; unit: string }) => ({ kind: 'border', w0: 10, sigma }) as const;
    expect(resolveWeightMap({ kind: 'none' }, 2, undefined)).toBeUndefined();
    expect(resolveWeightMap(map(), 2, [2, 1])).toEqual({ w0: 10, sigma: 5, spacing: [1, 1] });
    expect(resolveWeightMap(map({ value: 0.004, unit: 'mm' }), 2, [2, 1])).toEqual({
      w0: 10,
      sigma: 4,
      spacing: [2, 1],
    });
    expect(resolveWeightMap(map({ value: 4, unit: 'um' }), 2, undefined)).toMatchObject({
      code: 'spacing-missing',
      args: { attribute: 'weight_map', setting: 'sigma', of: 'border', length: { value: 4, unit: 'um' } },
    });
    expect(resolveWeightMap(map({ value: 0, unit: 'px' }), 2, undefined)).toMatchObject({
      code: 'loader-setting',
      args: { problem: { setting: 'sigma', value: 0, unit: 'px' } },
    });
  });
});

test('balanced classes have the same weight in total, 1 per position on average', () => {
  const counts = [750, 200, 0, 50];
  const weights = balanceOf(counts);
  // 1000 / 3 positions a class.
  for (const k of [0, 1, 3]) expect((weights[k] ?? 0) * (counts[k] ?? 0)).toBeCloseTo(1000 / 3, 9);
  expect(weights[2]).toBe(1);
  expect(balanceOf([5, 5])).toEqual([1, 1]);
});
