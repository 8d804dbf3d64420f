import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { randomTransformer } from '../random/random-transformer.js';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { formatted } from './formatted.js';
import { modelBatch, recordedBatch } from './random-batch.js';
import { randomGraph } from './random-graph.js';
import { recordedProblems } from './recorded-model.js';
import { modelProblems } from './same-model.js';
import { typeErrors } from './type-check.js';

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

test('the modules of random transformers compile, and build the model that is built directly', async () => {
  const tf = await useEngine('wasm');
  const modules = new Map<string, string>();
  for (let seed = 600; seed < 615; seed += 1) {
    const { text, pinned } = randomTransformer(seed);
    const [network] = compile('net.unet', text).networks;
    if (!network) throw new Error(text);
    const module = emitted(network.graph, { dynamic: !pinned });
    modules.set(`seed-${seed}.ts`, module);
    expect(recordedProblems(emitted(network.graph), network.graph), text).toEqual([]);
    expect(await modelProblems(tf, module, network.graph, !pinned), text).toEqual([]);
  }
  expect(typeErrors(modules)).toEqual([]);
  expect(
    [...modules.values()].some((module) => /const query = .*const key = .*const value = /s.test(module)),
  ).toBe(true);
});

test('any graph has a module: values across levels and stages, several outputs, stages in any order', () => {
  const modules = new Map<string, string>();
  let loops = 0;
  for (let seed = 0; seed < 80; seed += 1) {
    const graph = randomGraph(seed);
    const text = emitted(graph);
    expect([seed, ...recordedProblems(text, graph)]).toEqual([seed]);
    if (/of (levels|skips|\[\.\.\.levels|\[\.\.\.skips)/.test(text)) loops += 1;
    if (seed < 20) modules.set(`seed-${seed}.ts`, text);
  }
  expect(loops).toBeGreaterThan(2);
  expect(typeErrors(modules)).toEqual([]);
  expect(Object.fromEntries(formatted(modules))).toEqual(Object.fromEntries(modules));
});
