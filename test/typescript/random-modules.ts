import { expect } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { randomTransformer } from '../random/random-transformer.js';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { formatted } from './formatted.js';
import { randomGraph } from './random-graph.js';
import { recordedProblems } from './recorded-model.js';
import { modelProblems } from './same-model.js';
import { typeErrors } from './type-check.js';

/** The modules of so many random transformers: that they compile, and build the model that is built directly. */
export async function checkTransformers(count: number): Promise<void> {
  const tf = await useEngine('wasm');
  const modules = new Map<string, string>();
  for (let seed = 600; seed < 600 + count; seed += 1) {
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
}

/** The modules of so many random graphs; the first of them are also compiled. */
export function checkGraphs(count: number, compiled: number): void {
  const modules = new Map<string, string>();
  let loops = 0;
  for (let seed = 0; seed < count; seed += 1) {
    const graph = randomGraph(seed);
    const text = emitted(graph);
    expect([seed, ...recordedProblems(text, graph)]).toEqual([seed]);
    if (/of (levels|skips|\[\.\.\.levels|\[\.\.\.skips)/.test(text)) loops += 1;
    if (seed < compiled) modules.set(`seed-${seed}.ts`, text);
  }
  expect(loops).toBeGreaterThan(2);
  expect(typeErrors(modules)).toEqual([]);
  expect(Object.fromEntries(formatted(modules))).toEqual(Object.fromEntries(modules));
}
