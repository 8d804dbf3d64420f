import { beforeAll, describe, expect, test } from 'vitest';
import { type BatchCheck, checkBatch } from '../random/check-batch.js';
import { checkModels, skipWithoutChecker } from './onnx-checker.js';

describe.each([
  { firstSeed: 1, count: 60, largestMacs: 3e6 },
  { firstSeed: 100_000, count: 500, largestMacs: 3e7 },
])('$count random networks from seed $firstSeed', ({ firstSeed, count, largestMacs }) => {
  let batch: BatchCheck;
  beforeAll(async () => {
    batch = await checkBatch({ firstSeed, networks: count, largestMacs });
  }, 1_200_000);

  test('are on onnxruntime what the compiler and the reference say', () => {
    expect(batch.problems).toEqual([]);
    expect(batch.networks).toBe(count);
  });

  test('have models that pass the ONNX checker', (context) => {
    skipWithoutChecker(context);
    expect(batch.models).toHaveLength(2 * count);
    expect(checkModels(batch.models).flatMap(({ error }) => error ?? [])).toEqual([]);
  });
});
