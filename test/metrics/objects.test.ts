import { describe, expect, test } from 'vitest';
import {
  evaluateObjects,
  type ObjectMetrics,
  summarizeObjects,
} from '../../src/metrics/objects/evaluate-objects.js';
import { IOU_THRESHOLDS, matchCounts } from '../../src/metrics/objects/object-matches.js';
import { objectsOfClass, overlapsOf } from '../../src/metrics/objects/object-overlaps.js';
import { blobs } from './blobs.js';
import { randomNumbers } from './random-numbers.js';

const row = (...values: number[]) => Uint16Array.from(values);

/** The IoU of each pair of objects, by sets of positions. */
function ious(truth: ArrayLike<number>, predicted: ArrayLike<number>): number[][] {
  const sets = (map: ArrayLike<number>) => {
    const found = new Map<number, Set<number>>();
    for (const [i, object] of Array.from(map).entries()) {
      if (object !== 0) found.set(object, (found.get(object) ?? new Set()).add(i));
    }
    return [...found.values()];
  };
  return sets(truth).map((a) =>
    sets(predicted).map((b) => {
      const both = [...a].filter((i) => b.has(i)).length;
      return both / (a.size + b.size - both);
    }),
  );
}

/** The most pairs of a one-to-one matching, by augmenting paths (Kuhn). */
function largestMatching(allowed: readonly (readonly boolean[])[]): number {
  const partner = new Map<number, number>();
  const augment = (i: number, seen: Set<number>): boolean =>
    (allowed[i] ?? []).some((fits, j) => {
      if (!fits || seen.has(j)) return false;
      seen.add(j);
      const other = partner.get(j);
      if (other !== undefined && !augment(other, seen)) return false;
      partner.set(j, i);
      return true;
    });
  return allowed.filter((_, i) => augment(i, new Set())).length;
}

/** Objects of any number: the components of blobs, some of them cut or joined. */
function objects(random: () => number, shape: readonly number[]): Int32Array {
  const map = objectsOfClass(blobs(shape, random, 7), [1, 2], shape);
  const numbers = Array.from({ length: 20 }, () => 1 + Math.floor(random() * 1e9));
  return map.map((object, i) => (object === 0 ? 0 : (numbers[object] ?? 0) + (object === 2 ? i % 2 : 0)));
}

test.each([
  ['2D', [22, 25]],
  ['3D', [8, 11, 10]],
] as const)('random objects in %s, against the largest matching of all pairs', (_name, shape) => {
  const random = randomNumbers(shape[1]);
  let matched = 0;
  for (let round = 0; round < 12; round++) {
    const truth = objects(random, shape);
    const predicted = truth.map((object, i) => {
      if (object % 3 === 0) return i % 5 === 0 ? 0 : object;
      return object % 3 === 1 && i % 25 < 12 ? 5 : object;
    });
    const found = evaluateObjects(truth, predicted);
    const table = ious(truth, predicted);
    const [all, others] = [table.length, new Set(predicted.filter((object) => object !== 0)).size];
    for (const { iou, f1, averagePrecision, ...counts } of found.matches) {
      const pairs = largestMatching(table.map((line) => line.map((value) => value >= iou)));
      expect(counts).toEqual({
        truePositives: pairs,
        falsePositives: others - pairs,
        falseNegatives: all - pairs,
      });
      expect(f1).toBeCloseTo((2 * pairs) / (all + others), 12);
      expect(averagePrecision).toBeCloseTo(pairs / (all + others - pairs), 12);
      matched += pairs;
    }
    const mean = found.matches.reduce((sum, { f1 }) => sum + (f1 ?? 0), 0) / 10;
    expect(found.meanF1).toBeCloseTo(mean, 12);
    const above = table.flat().filter((value) => value > 0.5);
    const iouSum = above.reduce((sum, value) => sum + value, 0);
    const { pq, sq, rq } = found.panoptic;
    expect(pq).toBeCloseTo(iouSum / (above.length + (all + others - 2 * above.length) / 2), 12);
    expect(sq).toBeCloseTo(iouSum / above.length, 12);
    expect((sq ?? 0) * (rq ?? 0)).toBeCloseTo(pq ?? -1, 12);
  }
  expect(matched).toBeGreaterThan(50);
});

describe('by hand', () => {
  test('the thresholds are the numbers that people write', () => {
    expect(IOU_THRESHOLDS).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]);
    // 11 of 20 positions.
    const truth = new Uint16Array(20).fill(4);
    const found = evaluateObjects(
      truth,
      truth.map((_, i) => (i < 11 ? 9 : 0)),
    );
    expect(found.matches.map(({ truePositives }) => truePositives)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(found.panoptic).toMatchObject({ pq: 0.55, sq: 0.55, rq: 1 });
  });

  test('an IoU of one half matches one of two, but is not enough for panoptic quality', () => {
    for (const [truth, predicted] of [
      [row(1, 1, 1, 1), row(2, 2, 3, 3)],
      [row(2, 2, 3, 3), row(1, 1, 1, 1)],
    ] as const) {
      const found = evaluateObjects(truth, predicted);
      expect(found.matches[0]).toMatchObject({ truePositives: 1, f1: 2 / 3, averagePrecision: 1 / 2 });
      expect(found.panoptic).toMatchObject({ truePositives: 0, pq: 0, sq: null, rq: 0 });
    }
  });

  test('no objects', () => {
    const nothing = evaluateObjects(row(0, 0), row(0, 0));
    expect([nothing.meanF1, nothing.panoptic.pq, nothing.matches[0]?.f1]).toEqual([null, null, null]);
    const missed = evaluateObjects(row(0, 3), row(0, 0));
    expect(missed).toMatchObject({ meanF1: 0, panoptic: { pq: 0, sq: null, rq: 0 } });
    expect(missed.cells).toMatchObject({ cells: 1, objects: 0, lost: 1 });
    expect(evaluateObjects(row(0, 0), row(0, 3))).toMatchObject({ meanF1: 0, cells: { added: 1 } });
    expect(JSON.parse(JSON.stringify(nothing))).toEqual(nothing);
  });

  test('unlabelled positions belong to no object', () => {
    const ignored = Uint8Array.of(0, 0, 0, 1, 1, 1);
    const found = evaluateObjects(row(1, 1, 0, 0, 2, 1), row(8, 8, 0, 8, 0, 9), { ignored });
    expect(found.matches.at(-1)).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 0 });
  });

  test('thresholds below one half, and maps of two sizes, are bugs of a caller', () => {
    const overlaps = overlapsOf(row(1), row(1));
    expect(() => matchCounts(overlaps, 0.4)).toThrow('0.4');
    expect(() => evaluateObjects(row(1), row(1, 1))).toThrow('2 positions');
    expect(evaluateObjects(row(1), row(1), { thresholds: [0.7] }).matches).toHaveLength(1);
  });
});

describe('several cases', () => {
  const shape = [20, 20];
  const random = randomNumbers(8);
  const maps = Array.from({ length: 4 }, () => [objects(random, shape), objects(random, shape)] as const);
  const cases = [...maps.map(([a, b]) => evaluateObjects(a, b)), evaluateObjects(row(0), row(0))];
  const summary = summarizeObjects(cases);

  test('pooled, as one image of all of them', () => {
    // Objects of different images have different numbers here.
    const joined = (of: 0 | 1) =>
      Int32Array.from(
        maps.flatMap((pair, n) => [...pair[of]].map((object) => object && (object % 4e8) * 5 + n)),
      );
    const whole: ObjectMetrics = evaluateObjects(joined(0), joined(1));
    const near = (value: unknown) => (typeof value === 'number' ? expect.closeTo(value, 12) : value);
    const nearAll = (values: object) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, near(value)]));
    expect(summary.pooled.matches).toEqual(whole.matches.map(nearAll));
    expect(summary.pooled.panoptic).toEqual(nearAll(whole.panoptic));
    expect(summary.pooled.cells).toEqual(whole.cells);
    expect(summary.pooled.meanF1).toBeCloseTo(whole.meanF1 ?? -1, 12);
  });

  test('each case first', () => {
    const means = cases.slice(0, 4).map(({ meanF1 }) => meanF1 ?? 0);
    expect(summary.cases).toBe(5);
    expect(summary.perCase.meanF1).toMatchObject({
      ...{ cases: 4, without: 1, substituted: 0 },
      ...{ mean: expect.closeTo(means.reduce((a, b) => a + b) / 4, 12), maximum: Math.max(...means) },
    });
    expect(summarizeObjects([])).toMatchObject({ cases: 0, pooled: { matches: [], meanF1: null } });
  });
});
