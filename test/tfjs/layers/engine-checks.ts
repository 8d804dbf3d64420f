import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { Tensor } from '../../reference/tensor.js';
import type { Example, LayerCase } from './layer-case.js';
import { difference, fromTensor, RunningLayer, somePlaces, upstreamFor } from './run-layer.js';

/** The layer's result on the current engine is the op's. */
export function checkForward(layerCase: LayerCase): void {
  const running = new RunningLayer(layerCase);
  const before = tf.memory().numTensors;
  const x = running.input();
  const y = running.apply(x);
  const found = fromTensor(y);
  tf.dispose([x, y]);
  expect(tf.memory().numTensors).toBe(before);
  const expected = running.example.reference();
  expect(difference(found, expected)).toBeLessThan(2e-6);
  const [, channels = 0, ...spatial] = expected.shape;
  expect(running.layer.outputShape).toEqual([null, ...spatial, channels]);
  running.model.dispose();
}

/** What a layer computes, in float64, from an input (N, C, ...spatial) and the values of its weights. */
type Reference = (input: Tensor, values: Example['values']) => Tensor;

/** The layer's gradients on the current engine are central differences of a computation in float64. */
export function checkGradients(layerCase: LayerCase, training = false, trained?: Reference): void {
  const running = new RunningLayer(layerCase);
  const { input, values } = running.example;
  const reference: Reference = trained ?? ((x, weights) => running.example.reference(x, weights));
  const upstream = upstreamFor(layerCase.name, reference(input, values).shape);
  const loss = (y: Tensor) => y.data.reduce((sum, value, i) => sum + value * (upstream[i] ?? 0), 0);
  const before = tf.memory().numTensors;
  const gradients = running.gradients(upstream, training);
  expect(tf.memory().numTensors).toBe(before);
  for (const [name, found] of gradients) {
    const data = name === 'input' ? input.data : values.get(name);
    expect(found.length).toBe(data?.length);
    if (!data) continue;
    // Results are linear in the weights, so that a step that float32 holds exactly may be large.
    const step = name === 'input' ? 1e-5 : 1 / 16;
    const lossAt = (place: number, value: number): number => {
      const moved = data.slice();
      moved[place] = value;
      if (moved instanceof Float64Array) return loss(reference({ ...input, data: moved }, values));
      return loss(reference(input, new Map([...values, [name, moved]])));
    };
    const largest = found.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3);
    for (const place of somePlaces(layerCase.name, data.length, 8)) {
      const value = data[place] ?? Number.NaN;
      const expected = (lossAt(place, value + step) - lossAt(place, value - step)) / (2 * step);
      const error = Math.abs((found[place] ?? Number.NaN) - expected) / largest;
      expect(error, `${name}[${place}]: ${found[place]} for ${expected}`).toBeLessThan(2e-5);
    }
  }
  running.model.dispose();
}
