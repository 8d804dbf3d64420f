import { expect, test } from 'vitest';
import { opKinds } from '../../src/ir/op-table.js';
import { transformerKinds } from '../random/random-transformer.js';
import { randomBatch } from './random-batch.js';

test('200 random networks from seed 1 give the same stages on every engine', async () => {
  const batch = await randomBatch(1, 200, 6e6);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(200);
  expect(batch.ranks).toEqual(new Set([2, 3]));
  expect(batch.stages).toBeGreaterThan(1000);
  expect(opKinds.filter((kind) => !batch.kinds.has(kind))).toEqual(transformerKinds);
});

test('larger random networks give the same stages on every engine', async () => {
  const batch = await randomBatch(10_000, 100, 3e7);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(100);
});
