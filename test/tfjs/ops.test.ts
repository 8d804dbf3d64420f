import { beforeAll, describe, expect, test } from 'vitest';
import type { Tf } from '../../codegen/tfjs/tf.js';
import type { Graph } from '../../src/ir/graph.js';
import {
  bodies,
  type ExampleInput,
  exampleGraph,
  exampleInput,
  exampleWeights,
  freeBodies,
  ranks,
  smallUnet,
} from '../onnx/example-graphs.js';
import { type Result, relativeError } from '../onnx/run-onnx.js';
import { evaluate } from '../reference/evaluate.js';
import { engines, runTfjs, useEngine } from './run-tfjs.js';

const references = new Map<string, ReturnType<typeof evaluate>>();

/** What the examples compute is the same for every engine. */
function referenceOf(graph: Graph, input: ExampleInput): ReturnType<typeof evaluate> {
  const key = `${graph.name} ${input.shape.join(' x ')}`;
  const reference = references.get(key) ?? evaluate(graph, exampleWeights, input);
  references.set(key, reference);
  return reference;
}

/** Compares every output with the reference. */
function expectReference(graph: Graph, results: ReadonlyMap<string, Result>, input: ExampleInput): void {
  const reference = referenceOf(graph, input);
  expect([...results.keys()]).toEqual(graph.outputs.map((output) => output.name));
  for (const { name, value } of graph.outputs) {
    const [found, expected] = [results.get(name), reference.get(value)];
    expect(found?.shape).toEqual(expected?.shape);
    expect(relativeError(found?.data ?? [], expected?.data ?? [])).toBeLessThan(2e-5);
  }
}

describe.each(engines)('on %s', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  describe.each(ranks)('%iD ops equal the reference', (rank) => {
    test.each(Object.keys(bodies))('%s', async (name) => {
      const graph = exampleGraph(name, rank);
      const input = exampleInput(graph, 2);
      expectReference(graph, await runTfjs(tf, graph, input), input);
    });

    test.each(freeBodies)('%s, sizes free', async (name) => {
      const graph = exampleGraph(name, rank);
      for (const spatial of [graph.inputSize, graph.inputSize.map((size) => size + 4)]) {
        const input = exampleInput(graph, 3, spatial);
        expectReference(graph, await runTfjs(tf, graph, input, { dynamic: true }), input);
      }
    });
  });

  test.each(ranks)('a %iD U-Net with two outputs equals the reference', async (rank) => {
    const graph = smallUnet(rank);
    const input = exampleInput(graph, 2);
    expectReference(graph, await runTfjs(tf, graph, input), input);
    expectReference(graph, await runTfjs(tf, graph, input, { dynamic: true }), input);
  });
});
