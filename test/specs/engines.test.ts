import { describe, expect, test } from 'vitest';
import { pinsSize } from '../../src/ir/node-record.js';
import { checkModels, skipWithoutChecker } from '../onnx/onnx-checker.js';
import { modelBytes } from '../onnx/run-onnx.js';
import { compareStages } from '../random/check-onnx.js';
import { reducedNetworks, unreduced } from './smallest.js';

const networks = reducedNetworks();

describe('the networks of specs/ with few channels on onnxruntime', () => {
  test('all of them can be run', () => {
    expect(unreduced()).toEqual([]);
    expect(networks.length).toBeGreaterThan(20);
  });

  test.each(
    networks,
  )('$name: every stage has the inferred shape and the numbers of the reference', async (network) => {
    const problems: string[] = [];
    const stages = await compareStages(network, problems);
    expect(problems).toEqual([]);
    // Encoder, pool, up, skip and decoder of each level, the bottleneck and the output, less what has no ops.
    expect(stages).toBeGreaterThan(3 * network.spec.depth.value);
  });

  test('their models, for inference and for training, pass the ONNX checker', (context) => {
    skipWithoutChecker(context);
    const models = networks.flatMap(({ graph, training }) => [
      modelBytes(graph),
      ...(pinsSize(graph) ? [] : [modelBytes(graph, { dynamic: true })]),
      modelBytes(training),
    ]);
    expect(checkModels(models).flatMap(({ error }) => error ?? [])).toEqual([]);
  });
});
