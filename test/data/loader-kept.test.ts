import { expect, test } from 'vitest';
import { keptSamples, preparedBytes } from '../../src/data/loader/kept-samples.js';
import { type PreparedSample, prepareSample } from '../../src/data/loader/prepared-sample.js';
import { stepsPerEpoch } from '../../src/data/loader/schedule.js';
import type { ResolvedSettings } from '../../src/data/loader/settings.js';
import type { Sample } from '../../src/data/samples/sample.js';
import { ok } from './folder.js';

const plain: ResolvedSettings = {
  patch: { input: [8, 8], output: [8, 8] },
  batch: 1,
  seed: 0,
  foreground: 0,
  augment: [],
  border: undefined,
  classWeights: [1, 1, 1],
  spacing: undefined,
};
const withBorder: ResolvedSettings = { ...plain, border: { w0: 10, sigma: 5, spacing: [1, 1] } };
const stored = (spatial: readonly number[]): Sample => ({
  name: 'a',
  stem: 'a',
  images: ['a.png'],
  mask: 'b.png',
  instances: undefined,
  spatial,
  spacing: undefined,
  spacingUnit: undefined,
  classFiles: [],
  part: { image: { image: 0, isPage: false }, mask: { image: 0, isPage: false } },
});

test.each([plain, withBorder])('the bytes of a sample are known before it is read', async (settings) => {
  const spatial = [100, 90];
  const read = async () => ({
    name: 'a',
    image: { shape: [2, ...spatial], data: new Float32Array(2 * 9000) },
    classes: new Uint16Array(9000),
    spacing: undefined,
  });
  for (const shared of [false, true]) {
    const sample: PreparedSample = ok(await prepareSample(stored(spatial), read, settings, shared));
    const arrays = [sample.image, sample.classes, sample.border, sample.counts];
    const bytes = arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
    expect(preparedBytes(spatial, 2, settings)).toBe(bytes);
    expect(arrays.every((array) => !array || array.buffer instanceof SharedArrayBuffer === shared)).toBe(
      true,
    );
  }
});

test('what fits is kept, and a single sample in any case', () => {
  // 6 bytes per position and 12 for the counts: 612, 6012, 312.
  const samples = [stored([10, 10]), stored([10, 100]), stored([5, 10])];
  const kept = (bound: number) => [...keptSamples(samples, 1, plain, bound)];
  expect(kept(7000)).toEqual([0, 1, 2]);
  expect(kept(6700)).toEqual([0, 1]);
  expect(kept(924)).toEqual([0, 2]);
  expect(kept(923)).toEqual([0]);
  expect(kept(0)).toEqual([]);
  expect([...keptSamples(samples.slice(1, 2), 1, plain, 0)]).toEqual([0]);
});

test('an epoch shows as many positions as the images have', () => {
  const patch = { input: [572, 572], output: [388, 388] };
  // 512 * 512 / (388 * 388) = 1.74, so 2 patches per image.
  const images = Array.from({ length: 30 }, () => ({ spatial: [512, 512] }));
  expect(stepsPerEpoch(images, patch, 1)).toBe(60);
  expect(stepsPerEpoch(images, patch, 8)).toBe(8);
  expect(stepsPerEpoch([{ spatial: [10, 10] }], patch, 4)).toBe(1);
});
