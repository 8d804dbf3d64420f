import { describe, expect, test } from 'vitest';
import { plainClasses } from '../../src/metrics/case-metrics.js';
import { evaluateCase } from '../../src/metrics/evaluate-case.js';
import { CLASS_METRICS } from '../../src/metrics/metric-names.js';
import { summarize } from '../../src/metrics/summarize.js';
import { blobs } from './blobs.js';
import { randomNumbers } from './random-numbers.js';

const row = (...values: number[]) => Uint16Array.from(values);
const classes = plainClasses(['background', 'a', 'b']);
const all = { classes, metrics: CLASS_METRICS, tolerance: 1 };

test('by hand: three cases, a class that comes in two of them, and one that was missed', () => {
  const of = (truth: Uint16Array, predicted: Uint16Array, spacing: number) =>
    evaluateCase(truth, predicted, { ...all, shape: [1, 8], spacing: [1, spacing] });
  const summary = summarize([
    of(row(1, 1, 1, 1, 0, 0, 0, 0), row(1, 1, 1, 1, 0, 0, 0, 0), 1),
    // Three of four are right, and one is too many.
    of(row(1, 1, 1, 1, 0, 0, 2, 2), row(0, 1, 1, 1, 1, 0, 0, 0), 0.5),
    of(row(0, 0, 0, 0, 0, 0, 0, 0), row(0, 0, 0, 0, 0, 0, 0, 0), 1),
  ]);
  const [background, a, b] = summary.classes;
  expect(summary.cases).toBe(3);
  expect(a?.presence).toEqual({ both: 2, truth: 0, prediction: 0, neither: 1 });
  expect(b?.presence).toEqual({ both: 0, truth: 1, prediction: 0, neither: 2 });
  expect(a?.counts).toEqual({ truePositives: 7, falsePositives: 1, falseNegatives: 1, trueNegatives: 15 });
  expect(a?.pooled).toMatchObject({ dice: 7 / 8, iou: 7 / 9, recall: 7 / 8, volume_difference: 0 });
  expect(a?.perCase.dice).toEqual({
    ...{ mean: 0.875, median: 0.875, minimum: 0.75, maximum: 1, deviation: 0.125 },
    ...{ cases: 2, without: 1, substituted: 0 },
  });
  // 2 of 8 positions of 0.5: the class was missed, and the row is 4 long.
  expect(b?.volumes).toEqual({ truth: 1, prediction: 0 });
  expect(b?.pooled).toMatchObject({ dice: 0, volume_difference: -1, relative_volume_difference: -1 });
  expect(b?.perCase.volume_difference).toMatchObject({ mean: -1, meanMagnitude: 1 });
  expect(b?.perCase.hd95).toMatchObject({ mean: 4, cases: 1, without: 2, substituted: 1 });
  expect(background?.perCase.hd95).toMatchObject({ mean: null, median: null, cases: 0, without: 3 });
  expect(summary.foreground.pooled.dice).toBeCloseTo(7 / 16, 12);
  expect(summary.foreground.perCase.hd95).toBeCloseTo((0.25 + 4) / 2, 12);
  expect(summary.all.pooled.iou).toBeCloseTo((13 / 17 + 7 / 9 + 0) / 3, 12);
  expect(summary.accuracy).toEqual({
    pooled: expect.closeTo(20 / 24, 12),
    perCase: expect.closeTo((1 + 4 / 8 + 1) / 3, 12),
  });
  expect(summary.confusion?.map((counts) => [...counts])).toEqual([
    [13, 1, 0],
    [1, 7, 0],
    [2, 0, 0],
  ]);
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
});

test('a missed class never makes a mean better', () => {
  const shape = [12, 13];
  const random = randomNumbers(21);
  for (let round = 0; round < 10; round++) {
    const spacing = [0.5 + random(), 0.5 + 3 * random()];
    const measure = (truth: Uint16Array, predicted: Uint16Array) =>
      evaluateCase(truth, predicted, { ...all, shape, spacing });
    // The worst that can be found: the class in one corner, and in the one across.
    const corner = (at: number) => new Uint16Array(156).fill(1, at, at + 1);
    const cases = [
      measure(corner(0), corner(155)),
      ...Array.from({ length: 3 }, () => measure(blobs(shape, random, 3), blobs(shape, random, 3))),
    ];
    const truth = blobs(shape, random, 5);
    for (const missed of [measure(truth, new Uint16Array(156)), measure(new Uint16Array(156), truth)]) {
      for (const found of [cases, cases.slice(0, 1), cases.slice(1)]) {
        const [before, after] = [summarize(found), summarize([...found, missed])].map(
          (summary) => summary.classes[1]?.perCase,
        );
        for (const metric of ['dice', 'iou', 'nsd', 'boundary_iou'] as const) {
          expect(after?.[metric]?.mean).toBeLessThanOrEqual(before?.[metric]?.mean ?? 1);
        }
        for (const metric of ['hd', 'hd95', 'assd'] as const) {
          expect(after?.[metric]?.mean).toBeGreaterThanOrEqual(before?.[metric]?.mean ?? 0);
        }
      }
    }
  }
});

describe('cases', () => {
  test('none', () => {
    expect(summarize([])).toEqual({
      ...{ cases: 0, classes: [], confusion: null, accuracy: { pooled: null, perCase: null } },
      ...{ foreground: { pooled: {}, perCase: {} }, all: { pooled: {}, perCase: {} } },
    });
  });

  test('of other classes are a bug of a caller', () => {
    const one = evaluateCase(row(0, 1), row(0, 1), { ...all, shape: [2] });
    const other = evaluateCase(row(0, 1), row(0, 1), { ...all, classes: classes.slice(0, 2), shape: [2] });
    expect(() => summarize([one, other])).toThrow('2 classes after cases of 3');
  });
});
