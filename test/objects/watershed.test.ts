import { describe, expect, it } from 'vitest';
import { connectedComponents } from '../../src/objects/components/connected-components.js';
import type { LabelImage } from '../../src/objects/label-array.js';
import { borderWatershed } from '../../src/objects/watershed/border-watershed.js';
import { distanceWatershed } from '../../src/objects/watershed/distance-watershed.js';
import { flood } from '../../src/objects/watershed/flood.js';
import { highPeaks } from '../../src/objects/watershed/peaks.js';
import { smooth } from '../../src/objects/watershed/smooth.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { neighboursOf, pointOf, randomMaps } from './random-maps.js';

const shapes = [
  [9, 12],
  [1, 15],
  [5, 6, 4],
];

/** A landscape with many equal heights, and where it is. */
function landscape(seed: number, shape: readonly number[], steps: number) {
  const random = randomNumbers(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return {
    levels: Float32Array.from({ length }, () => Math.floor(random() * steps) / 4),
    isInside: Uint8Array.from({ length }, () => (random() < 0.8 ? 1 : 0)),
    random,
  };
}

/** Neighbours in the order in which water spreads: those that differ on fewer axes first. */
function spreading(at: number, shape: readonly number[], axes: number): number[] {
  const near = neighboursOf(at, shape, axes);
  return Array.from({ length: axes }, (_, k) => k + 1).flatMap((differing) =>
    near.filter((next) => {
      const [a, b] = [pointOf(at, shape), pointOf(next, shape)];
      return a.filter((x, k) => x !== b[k]).length === differing;
    }),
  );
}

describe('a flood', () => {
  it('takes the lowest position on a shore, and of equally low ones the first', () => {
    for (let seed = 1; seed <= 30; seed++) {
      for (const shape of shapes) {
        const axes = 1 + (seed % shape.length);
        const { levels, isInside, random } = landscape(seed, shape, seed % 2 === 0 ? 4 : 1000);
        let number = 0;
        const seeds = Int32Array.from(isInside, (inside) => (inside === 1 && random() < 0.1 ? ++number : 0));
        const expected = [...seeds];
        const shore = [...seeds.keys()].filter((i) => seeds[i] !== 0).map((at, age) => ({ at, age }));
        let age = shore.length;
        while (shore.length > 0) {
          shore.sort((a, b) => (levels[a.at] ?? 0) - (levels[b.at] ?? 0) || a.age - b.age);
          const at = shore.shift()?.at ?? 0;
          for (const next of spreading(at, shape, axes)) {
            if (isInside[next] === 0 || expected[next] !== 0) continue;
            expected[next] = expected[at] ?? 0;
            shore.push({ at: next, age: age++ });
          }
        }
        flood(levels, seeds, isInside, shape, axes);
        expect([...seeds]).toEqual(expected);
      }
    }
  });
});

describe('high peaks', () => {
  it('rise by their height above the highest pass to a higher peak', () => {
    for (let seed = 1; seed <= 25; seed++) {
      for (const shape of shapes) {
        const axes = 1 + (seed % shape.length);
        const { levels, isInside } = landscape(seed, shape, seed % 2 === 0 ? 6 : 1000);
        const height = seed % 3 === 0 ? 0 : 0.25 * (1 + (seed % 5));
        const isHigher = (a: number, b: number) => {
          const [x, y] = [levels[a] ?? 0, levels[b] ?? 0];
          return x > y || (x === y && a < b);
        };
        /** Whether one can walk from a position to a higher one without going below a level. */
        const reachesHigher = (start: number, level: number) => {
          const seen = new Set([start]);
          for (const at of seen) {
            if (isHigher(at, start)) return true;
            for (const next of neighboursOf(at, shape, axes)) {
              if (isInside[next] === 1 && (levels[next] ?? 0) >= level) seen.add(next);
            }
          }
          return false;
        };
        const expected = [...levels.keys()].filter((at) => {
          const level = levels[at] ?? 0;
          if (isInside[at] === 0 || reachesHigher(at, level)) return false;
          // No pass is above `level - height`.
          return ![...levels].some((pass) => pass > level - height && reachesHigher(at, pass));
        });
        const { peaks, count } = highPeaks(levels, isInside, shape, axes, height);
        const found = [...peaks.keys()].filter((i) => peaks[i] !== 0);
        expect(found).toEqual(expected);
        expect(found.map((i) => peaks[i])).toEqual(Array.from({ length: count }, (_, k) => k + 1));
      }
    }
  });
});

describe('a Gaussian', () => {
  it('is a weighted mean over a mirrored map', () => {
    const random = randomNumbers(3);
    const [height, width] = [4, 6];
    const values = Float64Array.from({ length: height * width }, random);
    const sigmas = [1.5, 0.6];
    const mirror = (x: number, size: number): number =>
      x < 0 ? mirror(-1 - x, size) : x >= size ? mirror(2 * size - 1 - x, size) : x;
    const expected = [...values.keys()].map((i) => {
      const [y = 0, x = 0] = pointOf(i, [height, width]);
      let [sum, total] = [0, 0];
      for (let dy = -6; dy <= 6; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const weight = Math.exp(-0.5 * ((dy / 1.5) ** 2 + (dx / 0.6) ** 2));
          total += weight;
          sum += weight * (values[mirror(y + dy, height) * width + mirror(x + dx, width)] ?? 0);
        }
      }
      return sum / total;
    });
    smooth(values, [height, width], sigmas);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 12);
  });
});

/** Balls around places, in a map where positions are `spacing` apart. */
function balls(
  shape: readonly number[],
  places: readonly (readonly number[])[],
  radius: number,
  spacing = shape.map(() => 1),
): LabelImage {
  const length = shape.reduce((product, size) => product * size, 1);
  const labels = Uint8Array.from({ length }, (_, i) => {
    const point = pointOf(i, shape);
    const isNear = places.some(
      (place) =>
        Math.hypot(...point.map((x, axis) => (x - (place[axis] ?? 0)) * (spacing[axis] ?? 1))) <= radius,
    );
    return isNear ? 1 : 0;
  });
  return { labels, shape };
}

/** What holds for every watershed: the objects are connected, in order, and have a table that is theirs. */
function expectObjects(map: LabelImage, found: ReturnType<typeof distanceWatershed>, axes: number): void {
  const parts = connectedComponents(found.labels, map.shape, axes);
  expect(parts.labels).toEqual(found.labels);
  expect(found).toMatchObject({ count: parts.count, sizes: parts.sizes, boxes: parts.boxes });
}

describe('a watershed of the distance', () => {
  it('covers the objects, and splits none into unconnected parts', () => {
    for (const map of [...randomMaps(40, 2, 16), ...randomMaps(20, 3, 7)]) {
      for (const axes of [1, map.shape.length]) {
        const found = distanceWatershed(map, { sigma: 0.5, height: 0.2, connectivity: axes });
        expectObjects(map, found, axes);
        expect(found.labels.every((object, i) => found.values[object] === map.labels[i])).toBe(true);
      }
    }
  });

  it('splits discs and balls where they touch, in the middle between them', () => {
    const pair = balls(
      [24, 36],
      [
        [11, 10],
        [12, 25],
      ],
      8.4,
    );
    const found = distanceWatershed(pair);
    expect(found.count).toBe(2);
    for (const [i, object] of found.labels.entries()) {
      const [y = 0, x = 0] = pointOf(i, pair.shape);
      const difference = Math.hypot(y - 11, x - 10) - Math.hypot(y - 12, x - 25);
      if (object !== 0 && Math.abs(difference) > 2) expect(object).toBe(difference < 0 ? 1 : 2);
    }
    expect(
      distanceWatershed(
        balls(
          [16, 16, 28],
          [
            [8, 8, 8],
            [8, 8, 19],
          ],
          6.3,
        ),
      ).count,
    ).toBe(2);
    expect(distanceWatershed(balls([16, 16], [[8, 8]], 6.3)).count).toBe(1);
    // A peak that rises too little does not count.
    expect(distanceWatershed(pair, { height: 7 }).count).toBe(1);
  });

  it('uses the spacing', () => {
    // Balls of radius 6 um in slices 3 um apart: in positions they are flat, and touch on the first axis.
    const spacing = [3, 1, 1];
    const map = balls(
      [9, 15, 15],
      [
        [2, 7, 7],
        [5.6, 7, 7],
      ],
      6,
      spacing,
    );
    expect(distanceWatershed(map, { spacing }).count).toBe(2);
    // In other units, the result is the same.
    const other = distanceWatershed(map, { spacing: spacing.map((one) => one * 0.001) });
    expect(other.labels).toEqual(distanceWatershed(map, { spacing }).labels);
  });

  it('keeps a map without a background whole', () => {
    expect(distanceWatershed({ labels: new Uint8Array(12).fill(3), shape: [3, 4] })).toMatchObject({
      count: 1,
      values: Int32Array.of(0, 3),
    });
    expect(distanceWatershed({ labels: new Uint8Array(12), shape: [3, 4] }).count).toBe(0);
  });
});

describe('a watershed from a border class', () => {
  it('divides the border among the insides', () => {
    const rows = ['0333330000', '0311133330', '0311132230', '0333333230', '0000003330'];
    const map = { labels: Uint8Array.from(rows.join(''), Number), shape: [5, 10] };
    const found = borderWatershed(map, { border: 3 });
    expect([...found.labels].join('').match(/.{10}/g)).toEqual([
      '0111110000',
      '0111112220',
      '0111112220',
      '0111112220',
      '0000002220',
    ]);
    expect([...found.values]).toEqual([0, 1, 2]);
  });

  it('gives each position of the border to the nearest inside that it connects to', () => {
    for (const [i, { labels, shape }] of [...randomMaps(40, 2, 14), ...randomMaps(20, 3, 7)].entries()) {
      const border = 3;
      const random = randomNumbers(i);
      const map = { shape, labels: labels.map((label) => (label !== 0 && random() < 0.5 ? border : label)) };
      const found = borderWatershed(map, { border });
      expectObjects(map, found, 1);
      const insides = connectedComponents(
        map.labels.map((label) => (label === border ? 0 : label)),
        shape,
        'faces',
      );
      const owners = new Map<number, number | undefined>();
      for (const [at, inside] of insides.labels.entries()) {
        if (inside === 0) continue;
        // Each inside lies in one object, which has no other inside.
        expect(owners.get(inside) ?? found.labels[at]).toBe(found.labels[at]);
        owners.set(inside, found.labels[at]);
      }
      expect(new Set(owners.values()).size).toBe(insides.count);
      expect(found.count).toBe(insides.count);
      // A border next to an inside belongs to one that is next to it.
      for (const [at, label] of map.labels.entries()) {
        if (label !== border) continue;
        const near = neighboursOf(at, shape, 1).filter((next) => insides.labels[next] !== 0);
        if (near.length > 0) expect(near.map((next) => found.labels[next])).toContain(found.labels[at]);
      }
    }
  });

  it('finds the nearest inside where nothing is in the way', () => {
    let [all, exact] = [0, 0];
    for (let seed = 1; seed <= 20; seed++) {
      for (const [shape, spacing] of [
        [
          [20, 24],
          [1, 1],
        ],
        [
          [20, 24],
          [2.5, 1],
        ],
        [
          [7, 8, 9],
          [3, 1, 1.5],
        ],
      ] as const) {
        const random = randomNumbers(seed);
        const length = shape.reduce((product, size) => product * size, 1);
        const labels = Uint8Array.from({ length }, () => (random() < 0.02 ? 1 : 2));
        const found = borderWatershed({ labels, shape }, { border: 2, spacing });
        const points = [...labels.keys()].map((at) => pointOf(at, shape));
        const insides = [...labels.keys()].filter((at) => labels[at] === 1);
        for (const [at, point] of points.entries()) {
          if (insides.length === 0) continue;
          const distances = insides.map((inside) =>
            Math.hypot(...point.map((x, axis) => (x - (points[inside]?.[axis] ?? 0)) * (spacing[axis] ?? 1))),
          );
          const own = distances.filter((_, k) => found.labels[insides[k] ?? 0] === found.labels[at]);
          const excess = Math.min(...own) - Math.min(...distances);
          expect(excess).toBeLessThan(0.7);
          all++;
          if (excess < 1e-6) exact++;
        }
      }
    }
    expect(exact / all).toBeGreaterThan(0.995);
  });

  it('keeps apart what a diagonal line separates, and leaves out a border without an inside', () => {
    const rows = ['1113', '1131', '1311', '3111', '0000', '0030'];
    const map = { labels: Uint8Array.from(rows.join(''), Number), shape: [6, 4] };
    const found = borderWatershed(map, { border: 3 });
    expect(found.count).toBe(2);
    expect(found.labels[22]).toBe(0);
  });

  it('measures with the spacing', () => {
    // The border is next to the inside above, and 1 to 3 positions from the one to the left.
    const rows = ['0111', '2333', '0000'];
    const map = { labels: Uint8Array.from(rows.join(''), Number), shape: [3, 4] };
    expect([...borderWatershed(map, { border: 3 }).labels.slice(4, 8)]).toEqual([2, 1, 1, 1]);
    const tall = borderWatershed(map, { border: 3, spacing: [10, 1] });
    expect([...tall.labels.slice(4, 8)]).toEqual([2, 2, 2, 2]);
  });
});
