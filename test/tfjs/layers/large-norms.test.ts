import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { numbers } from './layer-case.js';
import { layers } from './run-layer.js';

// As many positions as the paper's U-Net has at its first level: sums in float32, one number after the other, would
// be off by far more than the norms may be.
const SHAPE = [1, 384, 400, 2] as const;
const EPSILON = 1e-3;

const values = numbers('large norm', 384 * 400 * 2).map((value) => 5 + 2 * value);

/** The standardised values of the parts that have the same remainder modulo `parts`. */
function standardised(parts: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let part = 0; part < parts; part++) {
    const [count, own] = [values.length / parts, (i: number) => values[i * parts + part] ?? 0];
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) sum += own(i);
    for (let i = 0; i < count; i++) squares += (own(i) - sum / count) ** 2;
    const factor = 1 / Math.sqrt(squares / count + EPSILON);
    for (let i = 0; i < count; i++) out[i * parts + part] = (own(i) - sum / count) * factor;
  }
  return out;
}

describe.each(['cpu', 'wasm'])('norms of many positions on %s', (engine) => {
  beforeAll(async () => {
    await tf.setBackend(engine);
  });

  const options = { epsilon: EPSILON, center: true, scale: true };
  test.each([
    ['batch', 2, () => layers.batchNormalization({ ...options, momentum: 0.9 })],
    ['instance', 2, () => layers.groupNormalization({ ...options, groups: 2 })],
    ['group', 1, () => layers.groupNormalization({ ...options, groups: 1 })],
  ] as const)('%s norm', (_, parts, make) => {
    const expected = standardised(parts);
    const worst = tf.tidy(() => {
      const y = make().apply(tf.tensor(values, [...SHAPE]), { training: true });
      if (!(y instanceof tf.Tensor)) throw new Error('not one tensor');
      const found = y.dataSync();
      return expected.reduce((max, value, i) => Math.max(max, Math.abs((found[i] ?? Number.NaN) - value)), 0);
    });
    expect(worst).toBeLessThan(1e-5);
  });
});
