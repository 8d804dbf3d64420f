import { expect, test } from 'vitest';
import { checkBatch } from '../random/check-batch.js';
import { checkModels, skipWithoutChecker } from './onnx-checker.js';

const batch = checkBatch({ firstSeed: 100_000, networks: 500, largestMacs: 3e7 });

test('500 random networks from seed 100000 are on onnxruntime what the compiler and the reference say', async () => {
  const { problems, networks } = await batch;
  expect(problems).toEqual([]);
  expect(networks).toBe(500);
});

test('their models pass the ONNX checker', async (context) => {
  skipWithoutChecker(context);
  const { models } = await batch;
  expect(models).toHaveLength(1_000);
  expect(checkModels(models).flatMap(({ error }) => error ?? [])).toEqual([]);
});
