import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
  patchEngine(tf);
});

test('a sum on wasm keeps its digits: a million times 0.1', () => {
  const [total = 0] = tf.tidy(() => tf.sum(tf.fill([1_000_000], 0.1)).dataSync());
  // 0.1 in float32, a million times.
  expect(Math.abs(total / (1e6 * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
});

test('a fused depthwise convolution on wasm with a kernel below its stride, same padding', () => {
  const [height, width] = [6, 7];
  const x = Array.from({ length: height * width }, (_, i) => Math.sin(i + 1));
  const filter = [0.5, -2, 3];
  const found = tf.tidy(() =>
    tf.fused
      .depthwiseConv2d({
        x: tf.tensor4d(x, [1, height, width, 1]),
        filter: tf.tensor4d(filter, [1, 3, 1, 1]),
        strides: [2, 2],
        pad: 'same',
        bias: tf.tensor1d([0.25]),
        activation: 'relu',
      })
      .dataSync(),
  );
  // Rows 0, 2, 4 as they are; 7 columns by 2 with 3 taps: (4 - 1) 2 + 3 - 7 = 2 zeros, one at each side.
  const expected = [0, 2, 4].flatMap((row) =>
    [0, 2, 4, 6].map((column) => {
      const taps = filter.map((weight, k) => {
        const at = column + k - 1;
        return at < 0 || at >= width ? 0 : weight * (x[row * width + at] ?? 0);
      });
      return Math.max(
        0,
        taps.reduce((sum, tap) => sum + tap, 0.25),
      );
    }),
  );
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
});

describe('a comparison lets the gradient through to what it chooses', () => {
  test.each([
    ['lessEqual', tf.lessEqual, [3, 3, 1]],
    ['equal', tf.equal, [1, 3, 1]],
    ['notEqual', tf.notEqual, [3, 1, 3]],
  ] as const)('%s', (_name, compare, expected) => {
    const gradient = tf.tidy(() => {
      const loss = (x: tf.Tensor) => tf.sum(tf.where(compare(x, tf.scalar(0)), tf.mul(x, 3), x)) as tf.Scalar;
      return tf
        .grad(loss)(tf.tensor1d([-1, 0, 2]))
        .dataSync();
    });
    expect([...gradient]).toEqual(expected);
  });
});
