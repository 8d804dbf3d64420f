import { describe, expect, test } from 'vitest';
import { opsets } from '../../codegen/onnx/opset.js';
import type { Graph } from '../../src/ir/graph.js';
import { opKinds } from '../../src/ir/op-table.js';
import { evaluate } from '../reference/evaluate.js';
import {
  bodies,
  exampleGraph,
  exampleInput,
  exampleWeights,
  freeBodies,
  ranks,
  smallUnet,
} from './example-graphs.js';
import { modelBytes, type Result, relativeError, runOnnx } from './run-onnx.js';

/** Compares every output with the reference. */
function expectReference(
  graph: Graph,
  results: ReadonlyMap<string, Result>,
  input: ReturnType<typeof exampleInput>,
  tolerance: number,
): void {
  const reference = evaluate(graph, exampleWeights, input);
  expect([...results.keys()]).toEqual(graph.outputs.map((output) => output.name));
  for (const { name, value } of graph.outputs) {
    const [found, expected] = [results.get(name), reference.get(value)];
    expect(found?.shape).toEqual(expected?.shape);
    expect(relativeError(found?.data ?? [], expected?.data ?? [])).toBeLessThan(tolerance);
  }
}

test('the examples hold every op kind', () => {
  const kinds = Object.keys(bodies).flatMap((name) => exampleGraph(name, 2).nodes.map((node) => node.kind));
  expect(new Set(kinds)).toEqual(new Set(opKinds));
});

describe.each(ranks)('%iD ops on onnxruntime equal the reference', (rank) => {
  test.each(Object.keys(bodies))('%s', async (name) => {
    const graph = exampleGraph(name, rank);
    const input = exampleInput(graph, 2);
    expectReference(graph, await runOnnx(modelBytes(graph), input), input, 1e-5);
  });

  test.each(freeBodies)('%s, sizes free', async (name) => {
    const graph = exampleGraph(name, rank);
    const model = modelBytes(graph, { dynamic: true });
    for (const spatial of [graph.inputSize, graph.inputSize.map((size) => size + 4)]) {
      const input = exampleInput(graph, 3, spatial);
      expectReference(graph, await runOnnx(model, input), input, 1e-5);
    }
  });

  test.each(Object.keys(bodies))('%s in float16', async (name) => {
    const graph = exampleGraph(name, rank);
    const input = exampleInput(graph, 2);
    expectReference(graph, await runOnnx(modelBytes(graph, { dtype: 'float16' }), input), input, 5e-3);
  });
});

describe.each(opsets)('opset %i', (opset) => {
  test.each(['float32', 'float16'] as const)('every op runs in %s', async (dtype) => {
    for (const name of Object.keys(bodies)) {
      const graph = exampleGraph(name, 2);
      const input = exampleInput(graph, 2);
      const results = await runOnnx(modelBytes(graph, { opset, dtype }), input);
      expectReference(graph, results, input, dtype === 'float32' ? 1e-5 : 5e-3);
    }
  });
});

describe.each(ranks)('a %iD U-Net', (rank) => {
  const graph = smallUnet(rank);
  const input = exampleInput(graph, 2);

  test.each([
    ['as it is', {}, 1e-5],
    ['with sizes free', { dynamic: true }, 1e-5],
    ['with norms folded', { fold: true }, 1e-5],
    ['with norms folded and sizes free', { fold: true, dynamic: true }, 1e-5],
    ['in float16', { dtype: 'float16' }, 1e-2],
    ['in float16, with norms folded', { dtype: 'float16', fold: true }, 1e-2],
  ] as const)('%s equals the reference', async (_name, options, tolerance) => {
    expectReference(graph, await runOnnx(modelBytes(graph, options), input), input, tolerance);
  });
});
