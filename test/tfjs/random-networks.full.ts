import { expect, test } from 'vitest';
import { randomBatch } from './random-batch.js';

test('200 random networks from seed 1 give the same stages on every engine', async () => {
  const batch = await randomBatch(1, 200, 6e6);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(200);
  expect(batch.stages).toBeGreaterThan(1000);
});

test('larger random networks give the same stages on every engine', async () => {
  const batch = await randomBatch(10_000, 100, 3e7);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(100);
});
