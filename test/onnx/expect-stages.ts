import { expect } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { hostOf } from '../language/compiled.js';
import { runStages } from '../random/check-onnx.js';
import { evaluate } from '../reference/evaluate.js';
import { exampleInput } from './example-graphs.js';
import { relativeError } from './run-onnx.js';

/**
 * Compares every stage of a network with seed 0 on onnxruntime with the reference in float64. The measure is the
 * largest difference over a stage, divided by the largest magnitude of the stage.
 */
export async function expectStages(
  text: string,
  name: string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { networks, diagnostics } = compile('net.unet', text, { host: hostOf(files), network: name });
  expect(diagnostics).toEqual([]);
  const [network] = networks;
  if (!network) throw new Error(`no ${name}`);
  const { graph, facts } = network;
  const input = exampleInput(graph, 1);
  const weights = seededWeights(0);
  const found = await runStages(graph, input, weights);
  const reference = evaluate(graph, weights, input);
  const stages = graph.stages.filter((stage) => stage.path.text !== 'input');
  expect([...found.keys()].sort()).toEqual(stages.map((stage) => stage.path.text).sort());
  for (const stage of stages) {
    const result = found.get(stage.path.text);
    const expected = reference.get(stage.value);
    expect(result?.shape, stage.path.text).toEqual([
      1,
      graph.nodes[stage.value]?.channels,
      ...facts.spatial(stage.value),
    ]);
    expect(result?.shape, stage.path.text).toEqual(expected?.shape);
    expect(relativeError(result?.data ?? [], expected?.data ?? []), stage.path.text).toBeLessThan(1e-5);
  }
}
