import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { modelBatch, recordedBatch } from './random-batch.js';
import { randomGraph } from './random-graph.js';
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
