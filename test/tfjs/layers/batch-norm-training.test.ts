import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../reference/tensor.js';
import { cases } from './cases.js';
import { checkGradients } from './engine-checks.js';
import { numbers } from './layer-case.js';
import { difference, fromTensor, layers, RunningLayer, weightName } from './run-layer.js';

const EPSILON = 0.01;
const MOMENTUM = 0.9;

/** Mean and variance of each channel of (N, C, ...spatial) over samples and positions. */
function statistics({ shape, data }: Tensor): { readonly mean: number[]; readonly variance: number[] } {
  const [batch = 0, channels = 0] = shape;
  const size = data.length / (batch * channels);
  const groups = Array.from({ length: channels }, (_, c) =>
    data.filter((_value, i) => Math.floor(i / size) % channels === c),
  );
  const mean = groups.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const variance = groups.map(
    (values, c) => values.reduce((sum, value) => sum + (value - (mean[c] ?? 0)) ** 2, 0) / values.length,
  );
  return { mean, variance };
}

function trained(x: Tensor, values: ReadonlyMap<string, Float32Array>): Tensor {
  const [batch = 0, channels = 0] = x.shape;
  const size = x.data.length / (batch * channels);
  const { mean, variance } = statistics(x);
  const data = x.data.map((value, i) => {
    const c = Math.floor(i / size) % channels;
    const normal = (value - (mean[c] ?? 0)) / Math.sqrt((variance[c] ?? 0) + EPSILON);
    return normal * (values.get('gamma')?.[c] ?? 1) + (values.get('beta')?.[c] ?? 0);
  });
  return { shape: x.shape, data };
}

const norms = cases.filter(({ name }) => name.startsWith('batch norm'));

describe.each(['cpu', 'wasm'])('batch normalisation in training on %s', (engine) => {
  beforeAll(async () => {
    await tf.setBackend(engine);
  });

  test.each(norms)('uses the batch and follows it: $name', (layerCase) => {
    const running = new RunningLayer(layerCase);
    const { input, values } = running.example;
    const [x, before] = [running.input(), tf.memory().numTensors];
    const y = running.apply(x, true);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(difference(fromTensor(y), trained(input, values))).toBeLessThan(2e-6);
    const { mean, variance } = statistics(input);
    for (const weight of running.layer.weights) {
      const name = weightName(weight);
      const old = [...(values.get(name) ?? [])];
      const batch = { moving_mean: mean, moving_variance: variance }[name];
      const found = [...weight.read().dataSync()];
      const expected = batch
        ? old.map((value, c) => MOMENTUM * value + (1 - MOMENTUM) * (batch[c] ?? 0))
        : old;
      for (const [c, value] of expected.entries()) expect(found[c]).toBeCloseTo(value, 6);
    }
    const trainable = running.layer.trainableWeights.map(weightName);
    expect(trainable).toEqual(layerCase.name.includes('without') ? [] : ['gamma', 'beta']);
    tf.dispose([x, y]);
    running.model.dispose();
  });

  test.each(norms)('gradients: $name', (layerCase) => checkGradients(layerCase, true, trained));
});

test('a model learns as with the norm of tfjs itself', async () => {
  await tf.setBackend('cpu');
  const config = { momentum: 0.7, epsilon: 1e-3, center: true, scale: true };
  const x = tf.tensor(numbers('batch norm fit input', 8 * 5 * 4 * 3), [8, 5, 4, 3]);
  const target = tf.tensor(numbers('batch norm fit target', 8 * 5 * 4 * 2), [8, 5, 4, 2]);
  const learned = [tf.layers.batchNormalization(config), layers.batchNormalization(config)].map(
    async (norm) => {
      const input = tf.input({ shape: [5, 4, 3] });
      const conv = tf.layers.conv2d({ filters: 2, kernelSize: 1 });
      const outputs = [norm, conv].reduce((value: tf.SymbolicTensor, layer) => {
        const next = layer.apply(value);
        if (!(next instanceof tf.SymbolicTensor)) throw new Error('not one output');
        return next;
      }, input);
      const model = tf.model({ inputs: input, outputs });
      conv.setWeights([
        tf.tensor(numbers('batch norm fit kernel', 6), [1, 1, 3, 2]),
        tf.tensor(numbers('batch norm fit bias', 2), [2]),
      ]);
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
      const { history } = await model.fit(x, target, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
      const weights = model.weights.flatMap((weight) => [...weight.read().dataSync()]);
      return { loss: history.loss, weights };
    },
  );
  const [theirs, ours] = await Promise.all(learned);
  expect(ours?.weights.length).toBe(4 * 3 + 6 + 2);
  expect(ours?.loss?.length).toBe(3);
  for (const [i, value] of (theirs?.weights ?? []).entries()) expect(ours?.weights[i]).toBeCloseTo(value, 5);
  for (const [i, value] of (theirs?.loss ?? []).entries())
    expect(ours?.loss?.[i]).toBeCloseTo(Number(value), 5);
});
