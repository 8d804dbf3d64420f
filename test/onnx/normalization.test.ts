import { describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import type { Normalization } from '../../src/normalize/normalization.js';
import { normalizationText } from '../../src/normalize/normalization.js';
import { normalizeImage } from '../../src/normalize/normalize-image.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { network } from '../language/compiled.js';
import { imageOf, looks } from '../normalize/images.js';
import { checkModels, skipWithoutChecker } from './onnx-checker.js';
import { modelBytes, runOnnx } from './run-onnx.js';

const over: { readonly nonzero: boolean; readonly per_channel: boolean } = {
  nonzero: false,
  per_channel: false,
};
/** Every form, with bounds that no float32 has. */
const forms: readonly Normalization[] = [
  { kind: 'none' },
  { kind: 'range', low: 0, high: 4095, clip: true },
  { kind: 'range', low: -0.1, high: 1000.3, clip: false },
  { kind: 'ct', low: -100.5, high: 231.7, mean: 80.123456, std: 40.2 },
  { kind: 'ct', low: 100_000.1, high: 100_000.9, mean: 100_000.4321, std: 0.25 },
  ...[false, true].flatMap((per_channel): Normalization[] => [
    ...[false, true].flatMap((nonzero): Normalization[] => [
      { kind: 'minmax', nonzero, per_channel },
      { kind: 'zscore', nonzero, per_channel },
    ]),
    ...[true, false].map(
      (clip): Normalization => ({ ...over, kind: 'percentile', low: 0.5, high: 99.5, clip, per_channel }),
    ),
    { ...over, kind: 'percentile', low: 0, high: 50, clip: true, per_channel },
    { ...over, kind: 'percentile', low: 51.3, high: 100, clip: true, per_channel },
  ]),
  {
    kind: 'channels',
    channels: [
      { kind: 'ct', low: -100.5, high: 231.7, mean: 80.123456, std: 40.2 },
      { kind: 'percentile', low: 1, high: 99, clip: true, ...over },
    ],
  },
  { kind: 'channels', channels: [{ kind: 'none' }, { kind: 'zscore', ...over, nonzero: true }] },
];

const sizes = [
  [2, 16, 24],
  [2, 8, 16, 12],
];
const networkOf = (size: readonly number[]) =>
  network(
    `unet Net { input = ${size.join(' x ')}  classes = 2  padding = same  depth = 1  channels = 3  head = logits }`,
  );
const weights = seededWeights(3);

/** Two images as one batch, (2, C, ...spatial), stored and normalised one by one. */
function batchOf(size: readonly number[], look: keyof typeof looks, seed: number, by: Normalization) {
  const images = [0, 1].map((k) => imageOf(size, looks[look], seed + k));
  const stored = images.flatMap(({ data }) => [...data]);
  for (const image of images) normalizeImage(image, by);
  const normalized = images.flatMap(({ data }) => [...data]);
  const shape = [2, ...size];
  return { shape, stored: Float32Array.from(stored), normalized: Float32Array.from(normalized) };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => {
    const difference = Math.abs(value - (b[i] ?? Number.NaN));
    return difference > most || Number.isNaN(difference) ? difference : most;
  }, 0);
}

describe.each(forms.map((form) => ({ form, text: normalizationText(form) })))('$text in a model', ({
  form,
}) => {
  test.each(sizes)('is what normalizeImage does: %s channels, ...', async (...size) => {
    const { graph } = networkOf(size);
    const plain = modelBytes(graph, { weights });
    const within = [{}, { dynamic: true }, { opset: 13 }, { opset: 18 }].map((options) =>
      modelBytes(graph, { weights, normalization: form, stageOutputs: true, ...options }),
    );
    for (const [k, look] of (Object.keys(looks) as (keyof typeof looks)[]).entries()) {
      const { shape, stored, normalized } = batchOf(size, look, 50 * k, form);
      const expected = await runOnnx(plain, { shape, data: normalized });
      const most = normalized.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1);
      for (const [i, model] of within.entries()) {
        const found = await runOnnx(model, { shape, data: stored });
        const received = found.get('input/normalized')?.data ?? [];
        const note = `${look}, model ${i}`;
        expect(largestDifference(received, normalized) / most, note).toBeLessThanOrEqual(1e-6);
        const output = found.get('output')?.data ?? [];
        const wanted = expected.get('output')?.data ?? [];
        const largest = Math.max(most, ...Array.from(wanted, Math.abs));
        expect(largestDifference(output, wanted) / largest, note).toBeLessThanOrEqual(1e-6);
      }
    }
  });

  test('gives no NaN for equal values and for nothing but 0', async () => {
    const size = [2, 8, 8];
    const model = modelBytes(networkOf(size).graph, { weights, normalization: form, stageOutputs: true });
    for (const value of [0, 7, -3.3, 65_535]) {
      const data = new Float32Array(128).fill(value);
      const wanted = { shape: size, data: data.slice() };
      normalizeImage(wanted, form);
      const found = await runOnnx(model, { shape: [1, ...size], data });
      const most = Math.max(1, Math.abs(wanted.data[0] ?? 0), Math.abs(wanted.data[64] ?? 0));
      expect(largestDifference(found.get('input/normalized')?.data ?? [], wanted.data) / most).toBeLessThan(
        1e-6,
      );
    }
  });
});

test('ONNX accepts every form', (context) => {
  skipWithoutChecker(context);
  const models = sizes.flatMap((size) =>
    forms.flatMap((normalization) =>
      [{}, { dynamic: true }, { dtype: 'float16' as const }].map((options) =>
        modelBytes(networkOf(size).graph, { weights, normalization, ...options }),
      ),
    ),
  );
  for (const { error } of checkModels(models)) expect(error).toBeUndefined();
});

test('the numbers before a model of half precision are float32', async () => {
  const size = [2, 8, 8];
  const form: Normalization = { kind: 'range', low: 100_000, high: 100_001, clip: true };
  const options = { weights, normalization: form, dtype: 'float16' } as const;
  const model = modelBytes(networkOf(size).graph, options);
  const { shape, stored, normalized } = batchOf(size, 'a small part of a large offset', 1, form);
  const plain = modelBytes(networkOf(size).graph, { weights, dtype: 'float16' });
  const [found, wanted] = [
    await runOnnx(model, { shape, data: stored }),
    await runOnnx(plain, { shape, data: normalized }),
  ];
  expect(found.get('output')?.data).toEqual(wanted.get('output')?.data);
});

test.each([
  [
    { kind: 'percentile', low: 0.5, high: 99.5, clip: true, nonzero: true, per_channel: false },
    'normalize-not-in-graph',
  ],
  [{ kind: 'ct_auto' }, 'normalize-not-measured'],
] as const)('%o is refused', (normalization, code) => {
  const built = buildOnnx(networkOf([2, 8, 8]).graph, { weights, fileName: 'model.onnx', normalization });
  expect(built.ok ? [] : built.problems.map((problem) => problem.code)).toEqual([code]);
});
