import { describe, expect, test } from 'vitest';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { MetricsCollector } from '../../src/train/metrics/metrics.js';
import { randomNumbers } from '../metrics/random-numbers.js';

const bytes = (...values: number[]) => Uint16Array.from(values);

/** The definition by sets of positions: |A and B|, |A|, |B|. */
function bySets(predicted: Uint16Array, truth: Uint16Array, k: number) {
  const labelled = [...truth.keys()].filter((i) => truth[i] !== IGNORED);
  const a = new Set(labelled.filter((i) => predicted[i] === k));
  const b = new Set(labelled.filter((i) => truth[i] === k));
  const both = [...a].filter((i) => b.has(i)).length;
  const either = new Set([...a, ...b]).size;
  return {
    dice: either === 0 ? null : (2 * both) / (a.size + b.size),
    iou: either === 0 ? null : both / either,
  };
}

const mean = (values: readonly (number | null)[]) => {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length;
};

describe('Dice and IoU', () => {
  test('by hand', () => {
    const collector = new MetricsCollector(4);
    collector.add(bytes(0, 1, 1, 2, 2, 0), bytes(0, 1, 0, 2, 1, IGNORED));
    const { counts, overDataSet: scores } = collector.result();
    expect(counts.map(({ truePositives }) => truePositives)).toEqual([1, 1, 1, 0]);
    expect(counts.map(({ falsePositives }) => falsePositives)).toEqual([0, 1, 1, 0]);
    expect(counts.map(({ falseNegatives }) => falseNegatives)).toEqual([1, 1, 0, 0]);
    expect(counts.map(({ trueNegatives }) => trueNegatives)).toEqual([3, 2, 3, 5]);
    expect(scores.dice).toEqual([2 / 3, 1 / 2, 2 / 3, null]);
    expect(scores.iou).toEqual([1 / 2, 1 / 3, 1 / 2, null]);
    expect(scores.meanIou).toBeCloseTo(4 / 9, 14);
    expect(scores.foregroundIou).toBeCloseTo(5 / 12, 14);
  });

  test('random maps, as sets of positions give it', () => {
    const random = randomNumbers(5);
    const [classes, images, length] = [5, 7, 60];
    const collector = new MetricsCollector(classes);
    const maps = Array.from({ length: images }, (_, n) => {
      // Few classes in each, so that some have no value; class 4 comes in no image.
      const draw = () => Math.floor(random() * (1 + (n % 4)));
      const predicted = Uint16Array.from({ length }, draw);
      const truth = Uint16Array.from({ length }, () => (random() < 0.2 ? IGNORED : draw()));
      collector.add(predicted, truth);
      return { predicted, truth };
    });
    const result = collector.result();
    const joined = (key: 'predicted' | 'truth') => Uint16Array.from(maps.flatMap((map) => [...map[key]]));
    for (const metric of ['dice', 'iou'] as const) {
      const [name, foreground] =
        metric === 'dice'
          ? (['meanDice', 'foregroundDice'] as const)
          : (['meanIou', 'foregroundIou'] as const);
      const together: (number | null)[] = [];
      const each: (number | null)[] = [];
      for (let k = 0; k < classes; k++) {
        together.push(bySets(joined('predicted'), joined('truth'), k)[metric]);
        each.push(mean(maps.map(({ predicted, truth }) => bySets(predicted, truth, k)[metric])));
      }
      expect(together[4]).toBeNull();
      for (const [found, expected] of [
        [result.overDataSet, together],
        [result.perImage, each],
      ] as const) {
        expect(found[metric]).toEqual(expected.map((v) => (v === null ? null : expect.closeTo(v, 12))));
        expect(found[name]).toBeCloseTo(mean(expected) ?? -1, 12);
        expect(found[foreground]).toBeCloseTo(mean(expected.slice(1)) ?? -1, 12);
      }
      // The two conventions are different numbers here, or the test would not tell them apart.
      expect(result.overDataSet[name]).not.toBeCloseTo(result.perImage[name] ?? -1, 3);
    }
    expect(result.images).toBe(images);
    expect(result.conventions.join(' ')).toMatch(/Over the data set:.*Per image:/);
  });

  test('nothing labelled, and no image, have no value', () => {
    const collector = new MetricsCollector(2);
    expect(collector.result().overDataSet.meanDice).toBeNull();
    collector.add(bytes(1, 0), bytes(IGNORED, IGNORED));
    const { overDataSet, perImage } = collector.result();
    expect([overDataSet.dice, perImage.iou]).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(perImage.meanIou).toBeNull();
  });

  test('what would be a bug of a caller throws', () => {
    const add = (predicted: Uint16Array, truth: Uint16Array) => new MetricsCollector(2).add(predicted, truth);
    expect(() => add(bytes(0), bytes(0, 1))).toThrow('1 positions');
    expect(() => add(bytes(2), bytes(0))).toThrow('0 .. 1');
    expect(() => add(bytes(0), bytes(7))).toThrow('0 .. 1');
  });
});
