import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { modelBatch, recordedBatch } from './random-batch.js';
import { randomGraph } from './random-graph.js';
import { checkGraphs, checkTransformers } from './random-modules.js';
import { recordedProblems } from './recorded-model.js';

/** Networks one after the other before the test runner has its turn. */
const TURN = 100;

test('many random networks: the layers that modules ask for', async () => {
  let networks = 0;
  for (let turn = 0; turn < 15; turn += 1) {
    // A thousand seeds have more than enough networks that fit.
    const batch = recordedBatch(20_000 + 1_000 * turn, TURN);
    expect(batch.problems).toEqual([]);
    networks += batch.networks;
    await setImmediate();
  }
  expect(networks).toBe(1_500);
});

test('many random networks: modules compile and build the model that is built directly', async () => {
  const tf = await useEngine('wasm');
  const { problems, networks } = await modelBatch(tf, 50_000, 150, 5e7);
  expect(problems).toEqual([]);
  expect(networks).toBe(150);
});

test('many random graphs', async () => {
  for (let seed = 1_000; seed < 3_000; seed += 1) {
    const graph = randomGraph(seed);
    expect([seed, ...recordedProblems(emitted(graph), graph)]).toEqual([seed]);
    if (seed % TURN === 0) await setImmediate();
  }
});

test('the modules of random networks ask for the layers of the lowered graph', () => {
  const { problems, networks, kinds } = recordedBatch(10_000, 60);
  expect(problems).toEqual([]);
  expect(networks).toBe(60);
  expect(kinds.size).toBeGreaterThan(20);
});

test('the modules of random networks compile, and build the model that is built directly', async () => {
  const tf = await useEngine('wasm');
  const { problems, networks, kinds } = await modelBatch(tf, 11_000, 25, 2e7);
  expect(problems).toEqual([]);
  expect(networks).toBe(25);
  expect(kinds.size).toBeGreaterThan(15);
});

test('the modules of random transformers compile, and build the model that is built directly', () =>
  checkTransformers(15));

test('any graph has a module: values across levels and stages, several outputs, stages in any order', () =>
  checkGraphs(80, 20));
