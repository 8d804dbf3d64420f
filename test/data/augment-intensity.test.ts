import { describe, expect, test } from 'vitest';
import { PROBABILITY, type ResolvedAugmentation } from '../../src/data/augment/augmentation.js';
import { blur } from '../../src/data/augment/blur.js';
import { changeIntensities } from '../../src/data/augment/intensity.js';
import { RandomStream } from '../../src/weights/random-stream.js';

/** Two channels of 12 x 14, of different means. */
const SHAPE = [2, 12, 14];
function testImage(): Float32Array {
  const image = new Float32Array(2 * 12 * 14);
  new RandomStream(3, 'image').fillUniform(image, 0.3);
  return image.map((value, i) => value + (i < 12 * 14 ? 0.4 : 0.7));
}
const before = testImage();
const TRIALS = 400;

/** What the augmentation makes of the image with each seed. */
function trials(augmentation: ResolvedAugmentation): Float32Array[] {
  return Array.from({ length: TRIALS }, (_, seed) => {
    const image = before.slice();
    changeIntensities(image, SHAPE, [augmentation], seed, 'intensity/0/a');
    return image;
  });
}
const changedOf = (images: readonly Float32Array[]) =>
  images.filter((image) => image.some((value, i) => value !== before[i]));
const channel = (image: Float32Array, c: number) => [...image.subarray(c * 168, (c + 1) * 168)];
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values: readonly number[]) => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
};
function expectShare(count: number, p: number): void {
  expect(Math.abs(count - TRIALS * p)).toBeLessThan(5 * Math.sqrt(TRIALS * p * (1 - p)));
}

describe('changeIntensities', () => {
  test('noise of a deviation from 0 to that said', () => {
    const changed = changedOf(trials({ kind: 'noise', std: 0.5 }));
    expectShare(changed.length, PROBABILITY.noise);
    const deviations = changed.map((image) => deviationOf([...image].map((v, i) => v - (before[i] ?? 0))));
    // A deviation estimated from 336 numbers is good to 1 / sqrt(672) = 4 %.
    expect(Math.max(...deviations)).toBeLessThan(0.5 * 1.2);
    expect(Math.max(...deviations)).toBeGreaterThan(0.3);
    expect(Math.min(...deviations)).toBeLessThan(0.15);
  });

  test('brightness multiplies all channels by one factor', () => {
    const changed = changedOf(trials({ kind: 'brightness', range: 0.2 }));
    expectShare(changed.length, PROBABILITY.brightness);
    for (const image of changed) {
      const factor = (image[0] ?? 0) / (before[0] ?? 1);
      expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.2 + 1e-6);
      for (const [i, value] of image.entries()) expect(value).toBeCloseTo((before[i] ?? 0) * factor, 5);
    }
  });

  test('contrast stretches around the mean of each channel, within what was there', () => {
    const changed = changedOf(trials({ kind: 'contrast', range: 0.4 }));
    expectShare(changed.length, PROBABILITY.contrast);
    for (const image of changed) {
      const factors = [0, 1].map((c) => {
        const [old, now] = [channel(before, c), channel(image, c)];
        const mean = meanOf(old);
        const [least, most] = [Math.min(...old), Math.max(...old)];
        // From a value near the mean, which no bound has cut.
        const near = old.findIndex((value) => Math.abs(value - mean) > 0.02 && Math.abs(value - mean) < 0.1);
        const factor = ((now[near] ?? 0) - mean) / ((old[near] ?? 0) - mean);
        for (const [i, value] of now.entries()) {
          const stretched = mean + ((old[i] ?? 0) - mean) * factor;
          expect(value).toBeCloseTo(Math.min(most, Math.max(least, stretched)), 4);
        }
        return factor;
      });
      expect(factors[0]).toBeCloseTo(factors[1] ?? 0, 4);
      expect(Math.abs((factors[0] ?? 0) - 1)).toBeLessThan(0.4 + 1e-4);
    }
  });

  test('gamma bends each channel and keeps its mean and deviation', () => {
    const changed = changedOf(trials({ kind: 'gamma', range: 0.5 }));
    expectShare(changed.length, PROBABILITY.gamma);
    for (const image of changed) {
      for (const c of [0, 1]) {
        const [old, now] = [channel(before, c), channel(image, c)];
        expect(meanOf(now)).toBeCloseTo(meanOf(old), 5);
        expect(deviationOf(now)).toBeCloseTo(deviationOf(old), 5);
        const [least, most] = [Math.min(...old), Math.max(...old)];
        const [low, high] = [Math.min(...now), Math.max(...now)];
        // Scaled to 0..1 both, the exponent is the same everywhere.
        const exponents = old.flatMap((value, i) => {
          const part = (value - least) / (most - least);
          const after = ((now[i] ?? 0) - low) / (high - low);
          return part > 0.1 && part < 0.9 ? [Math.log(after) / Math.log(part)] : [];
        });
        const exponent = meanOf(exponents);
        for (const one of exponents) expect(one).toBeCloseTo(exponent, 3);
        expect(exponent > 1 / 1.51 && exponent < 1.51).toBe(true);
      }
    }
  });

  test('a flat channel stays flat', () => {
    const flat = new Float32Array(336).fill(0.5);
    for (let seed = 0; seed < 40; seed++) {
      changeIntensities(flat, SHAPE, [{ kind: 'gamma', range: 0.5 }], seed, 'a');
      changeIntensities(flat, SHAPE, [{ kind: 'contrast', range: 0.5 }], seed, 'a');
    }
    expect(flat.every((value) => value === 0.5)).toBe(true);
  });

  test('blur as often as said, and an item more in the list changes no other', () => {
    expectShare(changedOf(trials({ kind: 'blur', std: [1, 1] })).length, PROBABILITY.blur);
    const make = (augmentations: readonly ResolvedAugmentation[], seed: number) => {
      const image = before.slice();
      changeIntensities(image, SHAPE, augmentations, seed, 'a');
      return image;
    };
    for (let seed = 0; seed < 20; seed++) {
      expect(make([{ kind: 'gamma', range: 0.5 }, { kind: 'flip' }], seed)).toEqual(
        make([{ kind: 'gamma', range: 0.5 }], seed),
      );
    }
  });
});

describe('blur', () => {
  test.each([
    [[1.3, 0.7]],
    [[0, 2]],
    [[5, 5]],
  ])('by deviations of %j: the sum over a mirrored plane', (std) => {
    const image = before.slice();
    blur(image, SHAPE, std);
    const weightsOf = (deviation: number) => {
      const radius = Math.ceil(4 * deviation);
      const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
        deviation === 0 ? 1 : Math.exp(-0.5 * ((i - radius) / deviation) ** 2),
      );
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight, i) => ({ offset: i - radius, weight: weight / sum }));
    };
    const mirror = (position: number, size: number): number => {
      let at = position;
      while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
      return at;
    };
    const [rows, columns] = [weightsOf(std[0] ?? 0), weightsOf(std[1] ?? 0)];
    for (const [i, value] of image.entries()) {
      const [c, y, x] = [Math.floor(i / 168), Math.floor(i / 14) % 12, i % 14];
      let sum = 0;
      for (const row of rows) {
        for (const column of columns) {
          const at = c * 168 + mirror(y + row.offset, 12) * 14 + mirror(x + column.offset, 14);
          sum += row.weight * column.weight * (before[at] ?? 0);
        }
      }
      expect(value).toBeCloseTo(sum, 5);
    }
  });
});
