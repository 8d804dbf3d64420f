import { beforeAll, describe, expect, test } from 'vitest';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import { lowerModel } from '../../codegen/tfjs/lower/lowerings.js';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { compile } from '../../src/compiler/compile.js';
import { exampleGraph, exampleInput, exampleWeights, ranks } from '../onnx/example-graphs.js';
import { toTensor, useEngine } from './run-tfjs.js';

let tf: Tf;
beforeAll(async () => {
  tf = await useEngine('wasm');
});

test.each(ranks)('a %iD batch norm moves its statistics by the weight of the new batch', async (rank) => {
  // The example's momentum is 0.1: running = 0.9 running + 0.1 batch.
  const graph = exampleGraph('batchNorm', rank);
  const model = await buildTfjs(graph, { tf, weights: exampleWeights });
  const input = exampleInput(graph, 2);
  const parameter = graph.nodes.flatMap(({ parameters }) => parameters).find(({ role }) => role === 'mean');
  if (!parameter) throw new Error('a batch norm has a mean');
  const before = [...exampleWeights.chunks(parameter)].flatMap((chunk) => [...chunk]);
  tf.tidy(() => {
    model.apply(toTensor(tf, input), { training: true });
  });
  const weight = model.weights.find(({ originalName }) => originalName.endsWith('moving_mean'));
  const after = weight ? [...weight.read().dataSync()] : [];
  const channels = before.length;
  const positions = input.data.length / channels / 2;
  for (const [c, old] of before.entries()) {
    const batch = input.data
      .filter((_, i) => Math.floor(i / positions) % channels === c)
      .reduce((sum, value) => sum + value / (2 * positions), 0);
    expect(after[c]).toBeCloseTo(0.9 * old + 0.1 * batch, 5);
  }
  model.dispose();
});

describe('how weights start', () => {
  test.each([
    ['he_normal', 'heNormal'],
    ['he_uniform', 'heUniform'],
    ['glorot_uniform', 'glorotUniform'],
    ['zeros', 'zeros'],
  ])('%s is %s of tfjs', (init, expected) => {
    const text = `unet A { input = 1 x 16 x 16  classes = 2  depth = 1  channels = 2  padding = same  init = ${init} }`;
    const [network] = compile('a.unet', text).networks;
    const found = network
      ? lowerModel(network.graph).calls.map(({ config }) => Reflect.get(config, 'kernelInitializer'))
      : [];
    expect(new Set(found.filter((one) => one !== undefined))).toEqual(new Set([expected]));
  });
});
