import { expect, test } from 'vitest';
import { randomBatch } from './random-batch.js';

test('larger random networks give the same stages on every engine', async () => {
  const batch = await randomBatch(10_000, 100, 3e7);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(100);
});
