import { expect, test } from 'vitest';
import { opKinds } from '../../src/ir/op-table.js';
import { transformerKinds } from '../random/random-transformer.js';
import { randomBatch } from './random-batch.js';

test('60 random networks give the same stages on every engine', { timeout: 300_000 }, async () => {
  const batch = await randomBatch(1, 60, 6e6);
  expect(batch.problems).toEqual([]);
  expect(batch.networks).toBe(60);
  expect(batch.ranks).toEqual(new Set([2, 3]));
  expect(batch.stages).toBeGreaterThan(300);
  expect(opKinds.filter((kind) => !batch.kinds.has(kind))).toEqual(transformerKinds);
});
