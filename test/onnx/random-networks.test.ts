import { expect, test } from 'vitest';
import { opKinds } from '../../src/ir/op-table.js';
import { checkBatch } from '../random/check-batch.js';
import { transformerKinds } from '../random/random-transformer.js';
import { checkModels, skipWithoutChecker } from './onnx-checker.js';

const batch = checkBatch({ firstSeed: 1, networks: 30, largestMacs: 3e6 });

test('30 random networks from seed 1 are on onnxruntime what the compiler and the reference say', async () => {
  const { problems, networks, stages, kinds } = await batch;
  expect(problems).toEqual([]);
  expect(networks).toBe(30);
  expect(stages).toBeGreaterThan(250);
  expect(opKinds.filter((kind) => !kinds.has(kind))).toEqual(transformerKinds);
});

test('their models pass the ONNX checker', async (context) => {
  skipWithoutChecker(context);
  const { models } = await batch;
  expect(models).toHaveLength(60);
  expect(checkModels(models).flatMap(({ error }) => error ?? [])).toEqual([]);
});
