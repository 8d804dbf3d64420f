import { expect, test } from 'vitest';
import { reducedNetworks } from '../specs/smallest.js';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { modelProblems } from './same-model.js';
import { typeErrors } from './type-check.js';

const networks = reducedNetworks();

test('the modules of the networks of specs/ compile', () => {
  const modules = new Map(networks.map(({ name, training }) => [`${name}.ts`, emitted(training)]));
  expect(typeErrors(modules)).toEqual([]);
  expect(modules.size).toBeGreaterThan(20);
});

// specs.full.ts builds all of them.
const third = networks.filter((_, index) => index % 3 === 0);

test.each(third)('the module of $name builds the model that is built directly', async ({ graph }) => {
  const tf = await useEngine('wasm');
  expect(await modelProblems(tf, emitted(graph), graph)).toEqual([]);
});
