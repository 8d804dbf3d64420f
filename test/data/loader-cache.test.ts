import { expect, test } from 'vitest';
import { bytesOf, type PreparedSample } from '../../src/data/loader/prepared-sample.js';
import { SampleCache } from '../../src/data/loader/sample-cache.js';
import { stepsPerEpoch } from '../../src/data/loader/schedule.js';

/** 4 bytes an image position, 1 a label, 4 for its counts: 5 n + 4. */
const sampleOf = (positions: number): PreparedSample => ({
  name: 'a',
  spatial: [positions],
  spacing: undefined,
  image: new Float32Array(positions),
  classes: new Uint8Array(positions),
  border: undefined,
  counts: new Uint32Array(1),
});

test('the least recently used leave, as few as needed; the newest stays even if too large', () => {
  expect(bytesOf(sampleOf(20))).toBe(104);
  expect(bytesOf({ ...sampleOf(20), border: new Float32Array(20) })).toBe(184);
  const cache = new SampleCache(320);
  for (const index of [0, 1, 2]) cache.set(index, sampleOf(20));
  expect(cache.bytes).toBe(312);
  cache.get(0);
  cache.set(3, sampleOf(20));
  expect([0, 1, 2, 3].map((index) => cache.get(index) !== undefined)).toEqual([true, false, true, true]);
  cache.set(0, sampleOf(10));
  expect(cache.bytes).toBe(54 + 208);
  cache.set(9, sampleOf(1000));
  expect([0, 2, 3, 9].map((index) => cache.get(index) !== undefined)).toEqual([false, false, false, true]);
  expect(cache.bytes).toBe(5004);
  cache.delete(9);
  expect(cache.bytes).toBe(0);
});

test('an epoch shows as much as the images hold', () => {
  const patch = { input: [572, 572], output: [388, 388] };
  // 512 * 512 / (388 * 388) = 1.74, so 2 patches an image.
  const images = Array.from({ length: 30 }, () => ({ spatial: [512, 512] }));
  expect(stepsPerEpoch(images, patch, 1)).toBe(60);
  expect(stepsPerEpoch(images, patch, 8)).toBe(8);
  expect(stepsPerEpoch([{ spatial: [10, 10] }], patch, 4)).toBe(1);
});
