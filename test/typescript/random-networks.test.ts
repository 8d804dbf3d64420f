import { expect, test } from 'vitest';
import { useEngine } from '../tfjs/run-tfjs.js';
import { modelBatch, recordedBatch } from './random-batch.js';
import { checkGraphs, checkTransformers } from './random-modules.js';

test('the modules of random networks ask for the layers of the lowered graph', () => {
  const { problems, networks, kinds } = recordedBatch(10_000, 25);
  expect(problems).toEqual([]);
  expect(networks).toBe(25);
  expect(kinds.size).toBeGreaterThan(20);
});

test('the modules of random networks compile, and build the model that is built directly', async () => {
  const tf = await useEngine('wasm');
  const { problems, networks, kinds } = await modelBatch(tf, 11_000, 10, 2e7);
  expect(problems).toEqual([]);
  expect(networks).toBe(10);
  expect(kinds.size).toBeGreaterThan(15);
});

test('the modules of random transformers compile, and build the model that is built directly', () =>
  checkTransformers(6));

test('any graph has a module: values across levels and stages, several outputs, stages in any order', () =>
  checkGraphs(30, 10));
