import { expect, test } from 'vitest';
import { tfjsBackend } from '../../codegen/tfjs/tfjs-backend.js';
import { typescriptBackend } from '../../codegen/typescript/typescript-backend.js';
import { compile } from '../../src/compiler/compile.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { randomTransformer } from '../random/random-transformer.js';
import { StageCheck } from './check-tfjs.js';
import { engines, useEngine } from './run-tfjs.js';

test('every stage of random transformers equals onnxruntime, with free sizes where there is no table', async () => {
  const seen = new Set<string>();
  for (let seed = 101; seed <= 125; seed += 1) {
    const { text, pinned, rank } = randomTransformer(seed);
    const [network] = compile('net.unet', text).networks;
    if (!network) throw new Error(text);
    const check = await StageCheck.of(network);
    for (const engine of engines) {
      const tf = await useEngine(engine);
      expect(await check.problems(tf), `${engine}\n${text}`).toEqual([]);
      if (!pinned) expect(await check.problems(tf, true), `${engine}, free sizes\n${text}`).toEqual([]);
    }
    seen.add(`${rank}D ${pinned ? 'pinned' : 'free'}`);
  }
  expect([...seen].sort()).toEqual(['2D free', '2D pinned', '3D free', '3D pinned']);
});

test('free sizes are refused where a table pins them', () => {
  const [network] = compile(
    'net.unet',
    'unet Net { input = 1 x 16 x 24 classes = 2 depth = 1 channels = 4 padding = same bottleneck = transformer(layers: 1, heads: 2, dim: 4, mlp: 8) }',
  ).networks;
  if (!network) throw new Error('not compiled');
  const problem = { ok: false, problems: [{ code: 'pinned-size' }] };
  const weights = seededWeights(0);
  expect(tfjsBackend.emit(network.graph, { weights, dynamic: true })).toMatchObject(problem);
  expect(typescriptBackend.emit(network.graph, { dynamic: true })).toMatchObject(problem);
  expect(tfjsBackend.emit(network.graph, { weights }).ok).toBe(true);
  expect(typescriptBackend.emit(network.graph, {}).ok).toBe(true);
});
