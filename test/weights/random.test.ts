import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import type { Initializer, Parameter } from '../../src/ir/parameter.js';
import { initialValues, seededWeights } from '../../src/weights/initialize.js';
import { littleEndianBytes } from '../../src/weights/little-endian.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { erf } from '../reference/erf.js';

function parameter(
  initializer: Initializer,
  shape: readonly number[],
  name = 'net.conv[1].weight',
): Parameter {
  return { name, role: 'weight', shape, initializer, trainable: true };
}

const standardNormal: Initializer = { kind: 'he_normal', fanIn: 2, fanOut: 2 };

/** Mean, variance, and the fourth moment over the variance squared. */
function moments(values: Float32Array): { mean: number; variance: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / values.length;
  return { mean, variance, kurtosis: fourth / variance ** 2 };
}

describe('the stream is what its description says', () => {
  // Words by a Python program from the description, quantiles by Python's statistics.NormalDist.
  test.each([
    [
      1,
      'encoder[1].conv[1].weight',
      [0.809473601, 0.7692240873, -1.1410377971, 0.7531769885, 0.6409237742, 1.8693379154],
    ],
    [2026, 'größe', [0.8229429404, -0.8421512588, 0.5980041523, 1.53232684, -0.0904917289, -1.0478589717]],
  ])('first normal numbers of seed %i, %s', (seed, name, expected) => {
    const values = readTensor(seededWeights(seed), parameter(standardNormal, [2, 3], name));
    for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
  });

  // Digests of the little-endian float32 bytes, by a Python program from the description (all operations
  // exact).
  test.each([
    ['he_normal', '9ab9e1e4ab8f8155e8911bdf172ef0dd42786f7243210d4e6c23db79a9d97b2e'],
    ['he_uniform', '3e0a861da30a39c655fd6e27f901cb30c2db55923c66af048feabc9e03e2712d'],
  ] as const)('100,000 values of %s to the last bit', (kind, digest) => {
    const initializer: Initializer = { kind, fanIn: 576, fanOut: 64 };
    const values = readTensor(
      seededWeights(1),
      parameter(initializer, [100_000], 'encoder[1].conv[1].weight'),
    );
    expect(bytesToHex(sha256(littleEndianBytes(values)))).toBe(digest);
  });
});

describe('distributions', () => {
  const count = 1_000_000;

  test('normal numbers have the moments and the tails of the normal distribution', () => {
    const values = readTensor(seededWeights(3), parameter(standardNormal, [count]));
    const { mean, variance, kurtosis } = moments(values);
    // Five standard errors each: 1, sqrt 2 and sqrt 24 over sqrt(count).
    expect(Math.abs(mean)).toBeLessThan(5e-3);
    expect(Math.abs(variance - 1)).toBeLessThan(7.1e-3);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.025);
    for (const bound of [-3.5, -2, -1, 0, 0.5, 1.5, 1.959964, 3]) {
      const probability = (1 + erf(bound / Math.SQRT2)) / 2;
      const below = values.reduce((sum, value) => sum + (value < bound ? 1 : 0), 0);
      const error = Math.sqrt(count * probability * (1 - probability));
      expect(Math.abs(below - count * probability)).toBeLessThan(5 * error);
    }
  });

  test('each normal number is the quantile of the uniform number from the same word', () => {
    const normal = new Float32Array(50_000);
    const uniform = new Float32Array(50_000);
    new RandomStream(4, 'x').fillNormal(normal, 1);
    new RandomStream(4, 'x').fillUniform(uniform, 0.5);
    for (const [i, z] of normal.entries()) {
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      const difference = Math.abs(erf(z / Math.SQRT2) / 2 - (uniform[i] ?? 0)) / density;
      // 2e-7 for the quantile; the uniform number's rounding to float32 counts more where the density is low.
      expect(difference).toBeLessThan(2e-7 * Math.max(1, Math.abs(z)) + 4e-8 / density);
    }
  });

  test.each([
    ['he_normal', 2 / 50, Number.POSITIVE_INFINITY],
    ['he_uniform', 2 / 50, Math.sqrt(6 / 50)],
    ['glorot_uniform', 2 / 80, Math.sqrt(6 / 80)],
  ] as const)('%s has the variance of its formula', (kind, variance, limit) => {
    const initializer: Initializer = { kind, fanIn: 50, fanOut: 30 };
    const values = readTensor(seededWeights(5), parameter(initializer, [count]));
    expect(Math.abs(moments(values).variance / variance - 1)).toBeLessThan(7.1e-3);
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    if (limit < 1) expect(largest).toBeGreaterThan(0.999 * limit);
  });

  test('constants', () => {
    const values = readTensor(seededWeights(5), parameter({ kind: 'constant', value: 0.25 }, [70_000]));
    expect(new Set(values)).toEqual(new Set([0.25]));
  });
});

describe('streams', () => {
  test('chunk lengths change no value', () => {
    const p = parameter(standardNormal, [3, 4099]);
    const whole = readTensor(seededWeights(6), p);
    for (const length of [1, 7, 4095, 4096, 4097, 100_000]) {
      const chunks = { chunks: (q: Parameter) => initialValues(q, 6, length) };
      expect(readTensor(chunks, p)).toEqual(whole);
    }
  });

  test('seed and name choose the stream; shape and order do not', () => {
    const source = seededWeights(1);
    const values = (name: string, shape: readonly number[] = [100]) =>
      readTensor(source, parameter(standardNormal, shape, name));
    expect(values('a')).not.toEqual(values('b'));
    expect(readTensor(seededWeights(2), parameter(standardNormal, [100], 'a'))).not.toEqual(values('a'));
    expect(values('a', [2, 5])).toEqual(values('a').subarray(0, 10));
  });

  test('streams of neighbouring seeds and names do not go together', () => {
    const draw = (seed: number, name: string) => {
      const values = new Float32Array(100_000);
      new RandomStream(seed, name).fillNormal(values, 1);
      return values;
    };
    const first = draw(1, 'encoder[1].conv[1].weight');
    for (const other of [draw(2, 'encoder[1].conv[1].weight'), draw(1, 'encoder[1].conv[2].weight')]) {
      const product = first.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0);
      // The standard deviation of the sum is sqrt(100000).
      expect(Math.abs(product)).toBeLessThan(5 * Math.sqrt(100_000));
    }
  });
});
