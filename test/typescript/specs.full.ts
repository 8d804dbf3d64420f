import { expect, test } from 'vitest';
import { reducedNetworks } from '../specs/smallest.js';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { modelProblems } from './same-model.js';

// specs.test.ts builds every third of them.
test.each(reducedNetworks())('the module of $name builds the model that is built directly', async ({
  graph,
}) => {
  const tf = await useEngine('wasm');
  expect(await modelProblems(tf, emitted(graph), graph)).toEqual([]);
});
