import { describe, expect, test } from 'vitest';
import { describeValues } from '../../src/data/values/describe-values.js';
import { trainingSetFacts } from '../../src/data/values/training-set-facts.js';
import { DataValues } from '../../src/normalize/data-values.js';
import { summaryOf } from '../../src/normalize/image-summary.js';
import { measuredNormalization } from '../../src/normalize/measured-normalization.js';
import type { Normalization } from '../../src/normalize/normalization.js';
import { normalizeImage } from '../../src/normalize/normalize-image.js';
import { momentsOf } from '../../src/normalize/statistics.js';
import { ValueDistribution } from '../../src/normalize/value-distribution.js';
import { imageOf, looks, numbersFrom } from './images.js';

/** The least value at which so much of the weight is reached, from sorting. */
function reached(values: readonly (readonly [value: number, weight: number])[], part: number): number {
  const sorted = values.toSorted(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let so = 0;
  for (const [value, weight] of sorted) {
    so += weight;
    if (so >= part * total * (1 - 1e-9)) return value;
  }
  return Number.NaN;
}

const parts = Object.entries(looks).map(([look, value], k) => ({
  look,
  images: [5, 300, 41, 2000].map((count, i) => imageOf([count], value, 10 * k + i).data),
}));

describe.each(['each value', 'each part'] as const)('where %s counts alike', (counts) => {
  test.each(parts)('the summary is what sorting and adding give: $look', ({ images }) => {
    const distribution = new ValueDistribution(counts);
    for (const image of images) distribution.add(image);
    const weighted = images.flatMap((image) =>
      [...image].map((value) => [value, counts === 'each part' ? 1 / image.length : 1] as const),
    );
    const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
    const mean = weighted.reduce((sum, [value, weight]) => sum + value * weight, 0) / total;
    const squares = weighted.reduce((sum, [value, weight]) => sum + weight * (value - mean) ** 2, 0);
    const { summary } = distribution;
    const spread = Math.sqrt(squares / total);
    expect(Math.abs((summary?.mean ?? 0) - mean)).toBeLessThanOrEqual(1e-9 * (spread + Math.abs(mean)));
    expect(Math.abs((summary?.std ?? 0) - spread)).toBeLessThanOrEqual(1e-9 * (spread + Math.abs(mean)));
    expect(summary?.min).toBe(Math.min(...weighted.map(([value]) => value)));
    expect(summary?.max).toBe(Math.max(...weighted.map(([value]) => value)));
    for (const [part, found] of [
      [0.005, summary?.p0_5],
      [0.5, summary?.p50],
      [0.995, summary?.p99_5],
    ] as const) {
      const wanted = reached(weighted, part);
      const isWhole = weighted.every(([value]) => Number.isInteger(value) && Math.abs(value) < 65_536);
      expect(Math.abs((found ?? Number.NaN) - wanted)).toBeLessThanOrEqual(
        isWhole ? 0 : Math.abs(wanted) / 32_768,
      );
    }
  });
});

describe('a distribution', () => {
  test('is exact for every whole number up to 65,536 and its negative', () => {
    for (const value of [0, 1, -1, 4095, -1024, 32_767, -32_768, 65_535, 65_536]) {
      const distribution = new ValueDistribution('each value');
      distribution.add(Float32Array.of(value - 1, value, value + 1));
      expect(distribution.summary?.p50).toBe(value);
    }
  });

  test('has no summary without values; NaN and infinite ones take no part', () => {
    const distribution = new ValueDistribution('each part');
    distribution.add(new Float32Array());
    distribution.add(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY));
    expect(distribution.summary).toBeUndefined();
    distribution.add(Float32Array.of(Number.NaN, 2, 4, Number.NEGATIVE_INFINITY));
    expect(distribution.summary).toMatchObject({ min: 2, max: 4, mean: 3, std: 1 });
  });
});

/** Three images of two channels with their classes; 255 is unlabelled. */
function labelled() {
  const next = numbersFrom(9);
  return [30, 200, 75].map((count) => {
    const classes = Uint8Array.from({ length: count }, () => [0, 0, 1, 2, 255][Math.floor(5 * next())] ?? 0);
    const data = Float32Array.from({ length: 2 * count }, () => Math.round(2000 * next() - 1000));
    return { image: { shape: [2, count], data }, classes };
  });
}

describe('the summary of an image', () => {
  test.each(parts)('has the moments of every value, and all values as long as they are few: $look', ({
    images,
  }) => {
    for (const data of images) {
      const [found] = summaryOf({ shape: [1, data.length], data }).channels;
      const exact = momentsOf(data, { nonzero: false });
      expect(found).toMatchObject({ count: exact.count, min: exact.min, max: exact.max, sample: data });
      const tolerance = 1e-9 * (exact.std + Math.abs(exact.mean));
      expect(Math.abs((found?.mean ?? 0) - exact.mean)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs((found?.std ?? 0) - exact.std)).toBeLessThanOrEqual(tolerance);
    }
  });

  test('takes some of many values, from every column', () => {
    // 256 x 256: the value is the column.
    const data = Float32Array.from({ length: 65_536 }, (_, i) => i % 256);
    const summary = summaryOf({ shape: [1, 256, 256], data });
    expect(summary.channels[0]?.sample.length).toBeLessThanOrEqual(4096);
    const values = new DataValues(1);
    values.add(summary);
    const [found] = values.channels;
    expect(found).toMatchObject({ min: 0, max: 255 });
    expect(Math.abs((found?.mean ?? 0) - 127.5)).toBeLessThan(3);
    expect(Math.abs((found?.std ?? 0) - 73.9)).toBeLessThan(2);
    expect(Math.abs((found?.p50 ?? 0) - 127.5)).toBeLessThan(3);
    expect(Math.abs((found?.p99_5 ?? 0) - 254)).toBeLessThan(3);
  });

  test('leaves out NaN and infinite values', () => {
    const data = Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(summaryOf({ shape: [1, 5], data }).channels[0]).toMatchObject({
      min: 1,
      max: 3,
      mean: 2,
      std: 1,
    });
  });
});

describe('the numbers of ct(auto)', () => {
  const values = new DataValues(2);
  for (const { image, classes } of labelled()) values.addForeground(image, classes, 255);

  test('are those of the foreground of each channel, where each image counts alike', () => {
    const found = measuredNormalization({ kind: 'ct_auto' }, values);
    const expected = [0, 1].map((channel) => {
      const own = labelled().map(({ image, classes }) => {
        const plane = image.data.subarray(channel * classes.length, (channel + 1) * classes.length);
        return [...plane].filter((_, i) => classes[i] === 1 || classes[i] === 2);
      });
      const weighted = own.flatMap((list) => list.map((value) => [value, 1 / list.length] as const));
      const mean = weighted.reduce((sum, [value, weight]) => sum + value * weight, 0) / own.length;
      const variance =
        weighted.reduce((sum, [value, weight]) => sum + weight * (value - mean) ** 2, 0) / own.length;
      const round = (value: number) => Number(value.toPrecision(7));
      return {
        kind: 'ct',
        ...{ low: reached(weighted, 0.005), high: reached(weighted, 0.995) },
        ...{ mean: round(mean), std: round(Math.sqrt(variance)) },
      };
    });
    expect(found).toEqual({ ok: true, normalization: { kind: 'channels', channels: expected } });
  });

  test('stand in a list beside others', () => {
    const zscore = { kind: 'zscore', nonzero: false, per_channel: false } as const;
    const found = measuredNormalization(
      { kind: 'channels', channels: [zscore, { kind: 'ct_auto' }] },
      values,
    );
    expect(found).toMatchObject({ ok: true, normalization: { channels: [zscore, { kind: 'ct' }] } });
  });

  test('are not there without foreground, or where it is the same everywhere', () => {
    const none = new DataValues(1);
    const image = { shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) };
    none.addForeground(image, [0, 0, 255, 0], 255);
    expect(measuredNormalization({ kind: 'ct_auto' }, none)).toEqual({
      ok: false,
      unmeasured: { channel: 1, problem: 'no-foreground' },
    });
    const equal = new DataValues(1);
    equal.addForeground(image, [0, 0, 0, 1], 255);
    expect(measuredNormalization({ kind: 'ct_auto' }, equal)).toEqual({
      ok: false,
      unmeasured: { channel: 1, problem: 'equal-values', value: 4 },
    });
  });
});

describe('what a network receives', () => {
  const fixed: readonly Normalization[] = [
    { kind: 'none' },
    { kind: 'range', low: 0, high: 4095, clip: true },
    { kind: 'range', low: -1000, high: 1000, clip: false },
    { kind: 'ct', low: -100, high: 240, mean: 80, std: 40 },
  ];
  test.each(fixed)('is described as normalizeImage makes it: $kind', (by) => {
    const images = [0, 1, 2].map((seed) => imageOf([1, 20, 20], looks['CT in raw units'], seed));
    const values = new DataValues(1);
    for (const image of images) values.add(summaryOf(image));
    for (const image of images) normalizeImage(image, by);
    const all = images.flatMap(({ data }) => [...data]);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const std = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
    const [found] = values.received(by);
    expect(Math.abs((found?.mean ?? Number.NaN) - mean)).toBeLessThanOrEqual(1e-6 * (Math.abs(mean) + std));
    expect(Math.abs((found?.std ?? Number.NaN) - std)).toBeLessThanOrEqual(1e-6 * (Math.abs(mean) + std));
  });

  /** The warnings for images that look so, stored as whole numbers with this largest value of their type. */
  const warned = (look: (next: () => number) => number, by: Normalization, divisor = 1) => {
    const values = new DataValues(1);
    for (const seed of [1, 2]) values.add(summaryOf(imageOf([1, 32, 32], look, seed), divisor));
    return describeValues(values, by).warnings.length > 0;
  };
  const none: Normalization = { kind: 'none' };
  const bright = (next: () => number) => Math.floor(256 * next());
  const dark = (next: () => number) => Math.floor(60 * next() ** 2);

  test.each([
    ['8 bits', bright, none, 255, false],
    ['dark images of 8 bits', dark, none, 255, false],
    ['8 bits as stored', bright, none, 1, true],
    ['12 bits in files of 16', (next: () => number) => Math.floor(4096 * next() ** 3), none, 65_535, true],
    [
      '12 bits with their range',
      looks['12 bits in 16'],
      { kind: 'range', low: 0, high: 4095, clip: true },
      65_535,
      false,
    ],
    [
      '12 bits with the range of 16',
      (next: () => number) => Math.floor(4096 * next() ** 3),
      { kind: 'range', low: 0, high: 65_535, clip: true },
      65_535,
      true,
    ],
    ['CT in raw units', looks['CT in raw units'], none, 1, true],
    [
      'CT with its numbers',
      looks['CT in raw units'],
      { kind: 'ct', low: -1000, high: 1900, mean: -200, std: 800 },
      1,
      false,
    ],
    [
      'CT with zscore',
      looks['CT in raw units'],
      { kind: 'zscore', nonzero: false, per_channel: false },
      1,
      false,
    ],
    ['values from 0 to 1', (next: () => number) => next(), none, 1, false],
    ['values of mean 0 and deviation 1', (next: () => number) => 3.46 * (next() - 0.5), none, 1, false],
    ['a large offset', looks['a small part of a large offset'], none, 1, true],
    ['one value', () => 7, none, 255, false],
  ] as const)('is far from what it learns from, or not: %s', (_, look, by, divisor, isFar) => {
    expect(warned(look, by, divisor)).toBe(isFar);
  });

  test('has a line for each channel', () => {
    const values = new DataValues(2);
    values.add(summaryOf({ shape: [2, 4], data: Float32Array.of(-1024, 0, 40.25, 3071, 5, 5, 5, 5) }));
    expect(describeValues(values, { kind: 'none' }).lines).toEqual([
      'values of channel 1: -1,024 to 3,071; percentiles 0.5, 50 and 99.5: -1,024, 0, 3,071',
      'values of channel 2: 5 to 5; percentiles 0.5, 50 and 99.5: 5, 5, 5',
    ]);
  });
});

describe('the facts of a training set', () => {
  const values = new DataValues(1);
  for (let i = 0; i < 3; i++) values.add(summaryOf({ shape: [1, 2], data: Float32Array.of(i, 2 * i) }));
  const sample = (spatial: readonly number[], spacing?: readonly number[], spacingUnit?: string) => ({
    ...{ spatial, spacing, spacingUnit },
  });

  test('are the spread of sizes and spacings on each axis', () => {
    const samples = [sample([10, 64], [2, 1], 'mm'), sample([30, 60], [1, 1], 'mm'), sample([12, 62])];
    expect(trainingSetFacts(values, samples)).toEqual({
      images: 3,
      channels: [
        {
          min: 0,
          max: 4,
          mean: 1.5,
          std: expect.closeTo(Math.sqrt(11.5 / 6), 12),
          p0_5: 0,
          p50: 1,
          p99_5: 4,
          // The images are 0 0, 1 2 and 2 4.
          images: { mean: { min: 0, max: 3 }, std: { min: 0, max: 1 } },
        },
      ],
      size: { min: [10, 60], median: [12, 62], max: [30, 64] },
      spacing: { min: [1, 1], median: [1.5, 1], max: [2, 1], unit: 'mm', images: 2 },
    });
  });

  test('have no spacing where the units differ or no file gives one', () => {
    const units = [sample([4], [1], 'mm'), sample([4], [1], 'um')];
    expect(trainingSetFacts(values, units)).not.toHaveProperty('spacing');
    expect(trainingSetFacts(values, [sample([4])])).not.toHaveProperty('spacing');
  });
});
