import { describe, expect, test } from 'vitest';
import { peakMemory } from '../../src/analysis/memory.js';
import { shapeTable } from '../../src/analysis/shape-table.js';
import { sizeRule, sizeTable } from '../../src/analysis/size-table.js';
import { compile } from '../../src/compiler/compile.js';
import { inferSizes } from '../../src/shape/infer.js';
import { ExampleBuilder } from '../onnx/example-graphs.js';
import { randomTransformer } from '../random/random-transformer.js';
import { simulateInference, simulateTraining } from './live-buffers.js';

function networkOf(text: string, input?: string) {
  const { networks, diagnostics } = compile('net.unet', text, input === undefined ? {} : { input });
  const [network] = networks;
  if (!network) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network;
}

const vit = (layers: number, input = '3 x 224 x 224') =>
  `unet Net { input = ${input} classes = 2 padding = same bottleneck = transformer(layers: ${layers}) }`;

describe('a layer of ViT-B', () => {
  const [one, two] = [networkOf(vit(1)).facts, networkOf(vit(2)).facts];

  test('has 7,087,872 parameters', () => {
    // Two norms; query, key, value and what follows the heads; two convs of the MLP.
    const counted = 2 * 2 * 768 + 4 * (768 * 768 + 768) + (768 * 3072 + 3072) + (3072 * 768 + 768);
    expect(counted).toBe(7_087_872);
    expect(two.parameters - one.parameters).toBe(counted);
  });

  test('multiplies quadratically in its 14 x 14 positions', () => {
    const positions = 14 * 14;
    const convs = positions * (4 * 768 * 768 + 2 * 768 * 3072);
    expect(two.macs - one.macs).toBe(convs + 2 * positions ** 2 * 768);
    const [smaller, double] = [1, 2].map((layers) => networkOf(vit(layers, '3 x 112 x 224')).facts.macs);
    expect((double ?? 0) - (smaller ?? 0)).toBe(convs / 2 + 2 * (positions / 2) ** 2 * 768);
  });

  test('counts its norms, positions and the way there and back', () => {
    const bottleneck = shapeTable(one).stages.find(({ stage }) => stage === 'bottleneck');
    const there = 512 * 768 + 768 + 14 * 14 * 768;
    const back = 2 * 768 + 768 * 1024 + 1024;
    expect(bottleneck?.params).toBe(there + 7_087_872 + back);
  });
});

describe('receptive fields', () => {
  test('are the whole input behind an attention, and what they were before it', () => {
    const block =
      'block Own(c) { input -> double(c) -> Attend(c) } block Attend(c) { attention(input, input, input) }';
    const text = `${block} unet Net { input = 1 x 32 x 48 classes = 2 depth = 2 channels = 4 padding = same bottleneck = Own }`;
    for (const input of ['1 x 32 x 48', '1 x 64 x 40']) {
      const size = input.split(' x ').slice(1).map(Number);
      const { facts } = networkOf(text, input);
      const fields = new Map(
        facts.graph.stages.map(({ path: { text: name }, value }) => [name, facts.receptiveField(value)]),
      );
      expect(fields.get('pool[2]')).toEqual([16, 16]);
      expect(fields.get('skip[1]')).toEqual([5, 5]);
      for (const stage of ['bottleneck', 'up[2]', 'decoder[1]', 'output'])
        expect(fields.get(stage)).toEqual(size);
    }
  });
});

describe('memory', () => {
  test('of random transformers is that of a simulation with buffers', () => {
    for (let seed = 500; seed < 530; seed += 1) {
      const { graph, facts } = networkOf(randomTransformer(seed).text);
      const bytes = (id: number) =>
        4 * (graph.nodes[id]?.channels ?? 0) * facts.spatial(id).reduce((product, size) => product * size, 1);
      expect(facts.memory).toEqual({
        inference: simulateInference(graph, bytes).peak,
        training: simulateTraining(graph, bytes).peak,
      });
    }
  });

  test('of one attention, worked by hand', () => {
    const b = new ExampleBuilder('attention', 2);
    const x = b.input(6);
    const graph = b.finish([4, 5], ['output', b.add('attention', [x, x, x], { heads: 2 })]);
    const [map, weights] = [6 * 20 * 4, 2 * 20 * 20 * 4];
    // Inference: input, output and the weights. Training: in the backward step the input, the output's gradient, the
    // weights and their gradient; the output is not read again, and the input has no gradient.
    expect(peakMemory(graph, inferSizes(graph, [4, 5]))).toEqual({
      inference: 2 * map + weights,
      training: 2 * map + 2 * weights,
    });
  });
});

describe('the sizes of a network with a table', () => {
  const { graph, axes } = networkOf(vit(1, '3 x 64 x 96'));

  test('are one row', () => {
    expect(axes.map((axis, i) => sizeRule(graph, axis, i))).toEqual([
      'H: in = 64, out = 64',
      'W: in = 96, out = 96',
    ]);
    const size = { input: [64, 96], output: [64, 96] };
    expect(sizeTable(graph, axes).examples).toEqual([size]);
    expect(sizeTable(graph, axes, [128, 32])).toMatchObject({
      examples: [size],
      nearest: { below: [64, null], above: [null, 96] },
    });
  });

  test('say so in JSON by a maximum beside the minimum', () => {
    expect(JSON.parse(JSON.stringify(sizeTable(graph, axes).axes))).toEqual([
      { axis: 'H', step: 16, offset: 0, minimum: 64, maximum: 64 },
      { axis: 'W', step: 16, offset: 0, minimum: 96, maximum: 96 },
    ]);
    const loose = networkOf('unet Net { input = 1 x 64 x 64 classes = 2 padding = same }');
    expect(JSON.parse(JSON.stringify(loose.axes[0]))).not.toHaveProperty('maximum');
  });
});
