import { expect, test } from 'vitest';
import { useEngine } from '../tfjs/run-tfjs.js';
import { modelBatch, recordedBatch } from './random-batch.js';

test('the modules of random networks ask for the layers of the lowered graph, the same text each time', () => {
  const { problems, networks, kinds } = recordedBatch(10_000, 150);
  expect(problems).toEqual([]);
  expect(networks).toBe(150);
  expect(kinds.size).toBeGreaterThan(20);
});

test('the modules of random networks compile, and build the model that is built directly', async () => {
  const tf = await useEngine('wasm');
  const { problems, networks, kinds } = await modelBatch(tf, 11_000, 25, 2e7);
  expect(problems).toEqual([]);
  expect(networks).toBe(25);
  expect(kinds.size).toBeGreaterThan(15);
});
