import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Normalization } from '../../src/normalize/normalization.js';
import { normalizeImage } from '../../src/normalize/normalize-image.js';
import { extremesOf, momentsOf, percentilesOf } from '../../src/normalize/statistics.js';
import { imageOf, looks } from './images.js';

const over = { nonzero: false, per_channel: false };
const forms: readonly Normalization[] = [
  { kind: 'minmax', ...over },
  { kind: 'zscore', ...over },
  { kind: 'percentile', low: 0.5, high: 99.5, clip: true, ...over },
];

/** The image normalised, as a copy. */
function normalized(shape: readonly number[], data: readonly number[] | Float32Array, by: Normalization) {
  const copy = Float32Array.from(data);
  normalizeImage({ shape, data: copy }, by);
  return [...copy];
}

function expectClose(found: readonly number[], wanted: readonly number[], tolerance = 1e-6): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of found.entries()) {
    expect(Math.abs(value - (wanted[i] ?? Number.NaN)), `value ${i}: ${value}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}

describe('an image of two channels', () => {
  const shape = [2, 3, 3];
  const image = [0, 0, 3, 7, -2, 0, 12, 5, 0.5, 100, 0, 250, 0, 90, 130, 0, 180, 60];
  // From NumPy: (x - x.mean()) / x.std(), np.percentile and so on.
  const cases: readonly (readonly [name: string, by: Normalization, wanted: readonly number[]])[] = [
    ['none', { kind: 'none' }, image],
    [
      'zscore',
      { kind: 'zscore', ...over },
      [
        -0.639091, -0.639091, -0.597785, -0.542711, -0.666628, -0.639091, -0.473868, -0.570248, -0.632206,
        0.737765, -0.639091, 2.803049, -0.639091, 0.60008, 1.150822, -0.639091, 1.83925, 0.187023,
      ],
    ],
    [
      'zscore of each channel without its zeros',
      { kind: 'zscore', nonzero: true, per_channel: true },
      [
        0, 0, -0.276219, 0.607682, -1.381096, 0, 1.712559, 0.165732, -0.828658, -0.551677, 0, 1.812654, 0,
        -0.709299, -0.078811, 0, 0.709299, -1.182166,
      ],
    ],
    [
      'minmax of each channel',
      { kind: 'minmax', nonzero: false, per_channel: true },
      [
        0.142857, 0.142857, 0.357143, 0.642857, 0, 0.142857, 1, 0.5, 0.178571, 0.4, 0, 1, 0, 0.36, 0.52, 0,
        0.72, 0.24,
      ],
    ],
    [
      'percentile',
      { kind: 'percentile', low: 5, high: 90, clip: true, ...over },
      [
        0.002065, 0.002065, 0.022712, 0.050241, 0, 0.002065, 0.084652, 0.036476, 0.005506, 0.690296, 0.002065,
        1, 0.002065, 0.621473, 0.896765, 0.002065, 1, 0.415003,
      ],
    ],
    [
      'ct',
      { kind: 'ct', low: -1, high: 150, mean: 40.5, std: 25 },
      [
        -1.62, -1.62, -1.5, -1.34, -1.66, -1.62, -1.14, -1.42, -1.6, 2.38, -1.62, 4.38, -1.62, 1.98, 3.58,
        -1.62, 4.38, 0.78,
      ],
    ],
    [
      'range',
      { kind: 'range', low: 0, high: 200, clip: true },
      [0, 0, 0.015, 0.035, 0, 0, 0.06, 0.025, 0.0025, 0.5, 0, 1, 0, 0.45, 0.65, 0, 0.9, 0.3],
    ],
    [
      'range without clipping',
      { kind: 'range', low: 0, high: 200, clip: false },
      [0, 0, 0.015, 0.035, -0.01, 0, 0.06, 0.025, 0.0025, 0.5, 0, 1.25, 0, 0.45, 0.65, 0, 0.9, 0.3],
    ],
    [
      'a list: range, then ct',
      {
        kind: 'channels',
        channels: [
          { kind: 'range', low: 0, high: 200, clip: true },
          { kind: 'ct', low: -1, high: 150, mean: 40.5, std: 25 },
        ],
      },
      [
        0, 0, 0.015, 0.035, 0, 0, 0.06, 0.025, 0.0025, 2.38, -1.62, 4.38, -1.62, 1.98, 3.58, -1.62, 4.38,
        0.78,
      ],
    ],
  ];
  test.each(cases)('%s', (_, by, wanted) => expectClose(normalized(shape, image, by), wanted));

  test('is refused with a list of three, and before the numbers of ct(auto) are known', () => {
    const three: Normalization = { kind: 'channels', channels: Array(3).fill({ kind: 'none' }) };
    expect(() => normalized(shape, image, three)).toThrow('3 normalisations for 2 channels');
    expect(() => normalized(shape, image, { kind: 'ct_auto' })).toThrow('measured');
  });
});

describe.each(forms)('$kind', (by) => {
  test('of an image of equal values is 0', () => {
    for (const value of [0, 1, -3.7, 1e-30, 3e38, 16_777_217]) {
      expect(normalized([1, 5, 7], Array(35).fill(value), by)).toEqual(Array(35).fill(0));
    }
  });

  test('of an image without another value than 0 leaves it with `nonzero`', () => {
    const nonzero = { ...by, nonzero: true } as Normalization; // the same form with one more argument
    expect(normalized([1, 2, 2], [0, 0, 0, 0], nonzero)).toEqual([0, 0, 0, 0]);
    expect(normalized([1, 2, 2], [0, 0, 9, 0], nonzero)).toEqual([0, 0, 0, 0]);
  });

  test('of no values is nothing', () => expect(normalized([0, 4], [], by)).toEqual([]));

  test('leaves NaN and infinite values, which change nothing else', () => {
    const plain = normalized([1, 1, 4], [1, 2, 3, 5], by);
    const found = normalized([1, 1, 7], [1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 5, -1 / 0], by);
    expect(found).toEqual([plain[0], Number.NaN, plain[1], plain[2], 1 / 0, plain[3], -1 / 0]);
  });

  test('does not depend on the unit or the zero of the values', () => {
    const values = fc.array(fc.integer({ min: -2000, max: 4000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: -8000, max: 8000 }),
        (data, a, b) => {
          const moved = data.map((value) => a * value + b);
          const shape = [1, 1, data.length];
          expectClose(normalized(shape, moved, by), normalized(shape, data, by), 2e-6);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  test('of each channel is what each channel alone gives', () => {
    const { shape, data } = imageOf([3, 6, 5], looks['mostly background'], 3);
    const each = { ...by, nonzero: true, per_channel: true } as Normalization; // the same form with other arguments
    const alone = [0, 1, 2].flatMap((c) => normalized([1, 6, 5], data.subarray(30 * c, 30 * c + 30), each));
    expect(normalized(shape, data, each)).toEqual(alone);
  });
});

describe('the statistics of values', () => {
  /** As numpy.percentile: sorted, with linear interpolation. */
  const sortedPercentile = (values: readonly number[], percent: number) => {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (percent / 100) * (sorted.length - 1);
    const [low = 0, high = 0] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return low + (high - low) * (at - Math.floor(at));
  };
  const wanted = [0, 0.5, 12.5, 50, 50, 99.5, 100];

  test.each(Object.entries(looks))('agree with sorting and adding: %s', (_, look) => {
    for (const [count, seed] of [
      [1, 1],
      [2, 2],
      [97, 3],
      [4096, 4],
    ] as const) {
      const { data } = imageOf([count], look, seed);
      for (const nonzero of [false, true]) {
        const taken = [...data].filter((value) => !nonzero || value !== 0);
        const found = percentilesOf(data, wanted, { nonzero });
        const sorted =
          taken.length === 0 ? wanted.map(() => 0) : wanted.map((p) => sortedPercentile(taken, p));
        for (const [i, value] of found.entries()) expect(value).toBeCloseTo(sorted[i] ?? Number.NaN, 9);
        if (taken.length === 0) continue;
        const mean = taken.reduce((sum, value) => sum + value, 0) / taken.length;
        const squares = taken.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const moments = momentsOf(data, { nonzero });
        expect(moments).toMatchObject({
          count: taken.length,
          min: Math.min(...taken),
          max: Math.max(...taken),
        });
        const deviation = Math.sqrt(squares / taken.length);
        expect(Math.abs(moments.mean - mean)).toBeLessThanOrEqual(1e-12 * Math.abs(mean));
        expect(Math.abs(moments.std - deviation)).toBeLessThanOrEqual(
          1e-9 * deviation + 1e-9 * Math.abs(mean),
        );
      }
    }
  });

  test('order all floats: negative, -0, tiny and huge ones', () => {
    const data = Float32Array.of(3e38, -1e-45, 1e-45, -3e38, 0, -0, -2.5, 2.5);
    expect(percentilesOf(data, [0, 100 / 7, 600 / 7, 100], { nonzero: false }).map(Math.fround)).toEqual(
      [-3e38, -2.5, 2.5, 3e38].map(Math.fround),
    );
    expect(extremesOf(data, { nonzero: true })).toEqual({
      count: 6,
      min: Math.fround(-3e38),
      max: Math.fround(3e38),
    });
  });
});
