import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { typescriptBackend } from '../../codegen/typescript/typescript-backend.js';
import { compile } from '../../src/compiler/compile.js';
import type { Graph } from '../../src/ir/graph.js';
import { useEngine } from '../tfjs/run-tfjs.js';
import { emitted } from './emitted.js';
import { exampleNetworks, publishedNetworks, smallNetworks } from './example-networks.js';
import { formatted } from './formatted.js';
import { recordedProblems } from './recorded-model.js';
import { modelProblems } from './same-model.js';
import { typeErrors } from './type-check.js';

const kept = [...publishedNetworks, ...exampleNetworks];
function graphOf(network: string): Graph {
  const found = kept.find(({ name }) => name === network);
  if (!found) throw new Error(`no network ${network}`);
  return found.graph;
}

const expected = join(import.meta.dirname, 'expected');

describe('the modules of expected/, which are there to be read', () => {
  test.each(kept)('$name is as it is kept', ({ name, graph }) => {
    const path = join(expected, `${name}.ts`);
    const text = emitted(graph);
    if (process.env.UPDATE) writeFileSync(path, text);
    expect(existsSync(path), `${name}.ts is missing: run with UPDATE=1`).toBe(true);
    expect(text).toBe(readFileSync(path, 'utf8'));
    expect(emitted(graph)).toBe(text);
  });

  test('are of networks that are there', () => {
    expect(readdirSync(expected).sort()).toEqual(kept.map(({ name }) => `${name}.ts`).sort());
  });

  test('are as long as a person would write them', () => {
    const lines = kept.map(({ name, graph }) => [name, emitted(graph).split('\n').length] as const);
    const { UNet2D = 0, UNet3D = 0, UNet2DPadded = 0 } = Object.fromEntries(lines);
    for (const count of [UNet2D, UNet3D, UNet2DPadded]) expect(count).toBeLessThan(120);
  });
});

test('modules ask for the layers of the lowered graph', () => {
  for (const { name, graph } of kept)
    expect([name, ...recordedProblems(emitted(graph), graph)]).toEqual([name]);
});

test('modules compile under the strictest options, and are formatted as this repository is', () => {
  const modules = new Map(
    kept.flatMap(({ name, graph }) => [
      [`${name}.ts`, emitted(graph)],
      [`${name}-free.ts`, emitted(graph, { dynamic: true, header: { version: '1.0.0' } })],
    ]),
  );
  expect(typeErrors(modules)).toEqual([]);
  expect(Object.fromEntries(formatted(modules))).toEqual(Object.fromEntries(modules));
});

describe('a module builds the model that is built directly', () => {
  test.each([...smallNetworks, ...exampleNetworks])('$name', async ({ graph }) => {
    const tf = await useEngine('wasm');
    expect(await modelProblems(tf, emitted(graph), graph)).toEqual([]);
  });

  test.each(smallNetworks)('$name with free sizes', async ({ graph }) => {
    const tf = await useEngine('wasm');
    expect(await modelProblems(tf, emitted(graph, { dynamic: true }), graph, true)).toEqual([]);
  });
});

describe('the head of a module', () => {
  const graph = graphOf('UNet2D');

  test('says what the network takes and gives', () => {
    expect(emitted(graph)).toMatch(
      /^\/\*\*\n \* UNet2D: a 2D network with 31,030,658 trainable parameters\.\n/,
    );
    expect(emitted(graph)).toContain('Input (N, 572, 572, 1), output (N, 388, 388, 2).');
  });

  test('says which sizes fit where they are free', () => {
    const text = emitted(graph, { dynamic: true });
    expect(text).toContain('Input (N, H, W, 1), output (N, H - 184, W - 184, 2).');
    // 16 b + 124 from b = 4 on.
    expect(text).toContain('H and W can be 188, 204, 220 and so on.');
    expect(text).toContain('shape: [null, null, 1]');
  });

  test('says where it comes from, if it is to', () => {
    const header = { spec: 'a*/b.unet', hash: '0123abc', version: '1.2.3' };
    const text = emitted(graph, { header });
    expect(text).toContain('Written by unet-lang 1.2.3 from a* /b.unet (SHA-256 0123abc).');
    expect(text.split('*/')[0]?.split('\n').length).toBeGreaterThan(4);
    expect(emitted(graph)).not.toContain('unet-lang 1.2.3');
    expect(recordedProblems(text, graph)).toEqual([]);
  });
});

test('the file has the name that is asked for, and says its size', () => {
  const graph = graphOf('UNet2D');
  const named = typescriptBackend.emit(graph, { fileName: 'unet.ts' });
  const plain = typescriptBackend.emit(graph, {});
  if (!named.ok || !plain.ok) throw new Error('no module');
  expect([named.files[0]?.path, plain.files[0]?.path]).toEqual(['unet.ts', 'network.ts']);
  const bytes = [...(plain.files[0]?.chunks ?? [])].reduce((sum, chunk) => sum + chunk.length, 0);
  expect(plain.files[0]?.size).toBe(bytes);
});

test('a block may be called what the module calls something else', () => {
  const names = [
    'apply',
    'levels',
    'level',
    'name',
    'x',
    'skip',
    'skips',
    'filters',
    'input2',
    'layers',
    'tf',
    'up',
  ];
  const words = [
    'double',
    'await',
    'class',
    'new',
    'chain',
    'buildClash',
    'encoder',
    'joined',
    'registerLayers',
  ];
  const modules = new Map<string, string>();
  for (const name of [...names, ...words]) {
    const text = `block ${name}(c) { input -> repeat(2, conv(3, c) -> norm -> relu) }
unet Clash { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 4  block = ${name}  padding = same  norm = group(groups: 2) }`;
    const [network] = compile('clash.unet', text).networks;
    // The language has names of its own that no block can have.
    if (!network) continue;
    const module = emitted(network.graph);
    expect([name, ...recordedProblems(module, network.graph)]).toEqual([name]);
    modules.set(`${name}.ts`, module);
  }
  expect(modules.size).toBeGreaterThan(12);
  expect(typeErrors(modules)).toEqual([]);
});
