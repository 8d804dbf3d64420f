import { describe, expect, test } from 'vitest';
import { peakMemory } from '../../src/analysis/memory.js';
import type { Graph } from '../../src/ir/graph.js';
import { inferSizes } from '../../src/shape/infer.js';
import { ExampleBuilder, smallUnet } from '../onnx/example-graphs.js';
import { fittedNetwork } from '../random/fitted.js';
import { propagate } from '../shape/propagate.js';
import { specNetwork } from '../specs/spec-files.js';
import { simulateInference, simulateTraining } from './live-buffers.js';

/** Bytes of a value in float32, its size by propagation of plain integers. */
function bytesOf(graph: Graph): (id: number) => number {
  const axes = graph.inputSize.map((size, axis) => propagate(graph, axis, size) ?? []);
  return (id) =>
    4 *
    (graph.nodes[id]?.channels ?? Number.NaN) *
    axes.reduce((product, sizes) => product * (sizes[id] ?? Number.NaN), 1);
}

/** Compares the peaks with those of buffers that are allocated and freed step by step. */
function expectSimulated(graph: Graph, note = graph.name): void {
  const bytes = bytesOf(graph);
  const memory = peakMemory(graph, inferSizes(graph, graph.inputSize));
  const inference = simulateInference(graph, bytes);
  const training = simulateTraining(graph, bytes);
  expect(inference.left, note).toHaveLength(new Set(graph.outputs.map(({ value }) => value)).size);
  expect(training.left, note).toEqual([]);
  expect(memory, note).toEqual({ inference: inference.peak, training: training.peak });
}

test('the peaks of random networks are those of a simulation with buffers', () => {
  let networks = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted) continue;
    expectSimulated(fitted.network.graph, fitted.note);
    networks += 1;
  }
  expect(networks).toBeGreaterThan(80);
});

test('so are those of the published networks and of a network with two outputs', () => {
  expectSimulated(specNetwork('unet2d.unet', 'UNet2D').graph);
  expectSimulated(specNetwork('unet3d.unet', 'UNet3D').graph);
  expectSimulated(specNetwork('unet2d-padded.unet', 'UNet2DPaddedBilinear').graph);
  expectSimulated(smallUnet(2));
  expectSimulated(smallUnet(3));
});

describe('worked by hand: 6 channels of 8 x 8 positions, 1,536 bytes a map', () => {
  const map = 6 * 8 * 8 * 4;
  const memoryOf = (graph: Graph) => peakMemory(graph, inferSizes(graph, graph.inputSize));

  test('a chain holds two maps at a time in inference', () => {
    const b = new ExampleBuilder('chain', 2);
    let value = b.input();
    for (let i = 0; i < 4; i += 1) value = b.add('gelu', [value], {});
    // Training: gelu needs its input, so all 4 inputs stay, with the output; backward has two gradients at a time.
    expect(memoryOf(b.finish([8, 8], ['output', value]))).toEqual({ inference: 2 * map, training: 6 * map });
  });

  test('dropout costs nothing in inference, and a map in training', () => {
    const b = new ExampleBuilder('dropout', 2);
    const dropped = b.add('dropout', [b.add('relu', [b.input()], {})], { rate: 0.5 });
    const graph = b.finish([8, 8], ['output', dropped]);
    // Training: the relu's and the dropout's output are both kept; then both gradients stand beside them.
    expect(memoryOf(graph)).toEqual({ inference: 2 * map, training: 4 * map });
  });

  test('a skip stays until it is joined', () => {
    const b = new ExampleBuilder('skip', 2);
    const skip = b.add('relu', [b.input()], {});
    let value = skip;
    for (let i = 0; i < 3; i += 1) value = b.add('silu', [value], {});
    const graph = b.finish([8, 8], ['output', b.add('add', [skip, value], {})]);
    expect(memoryOf(graph).inference).toBe(3 * map);
  });
});
