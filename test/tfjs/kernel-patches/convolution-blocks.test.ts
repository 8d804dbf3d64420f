import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, expect, test } from 'vitest';
import { windows3d } from '../../../src/runtime/tfjs/kernel-patches/windows/conv3d.js';
import {
  convolve3d,
  filterGradient3d,
  inputGradient3d,
} from '../../../src/runtime/tfjs/kernel-patches/windows/convolution-3d.js';
import { type ConvolutionSpec, convolutionCase } from './convolution-cases.js';
import { complaint, measure, type OpCase } from './op-case.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

const base: ConvolutionSpec = {
  batch: 2,
  spatial: [7, 4, 5],
  channelsIn: 2,
  channelsOut: 3,
  kernel: [3, 2, 2],
  stride: [1, 1, 1],
  dilation: [1, 1, 1],
  padding: 'same',
};

// From one depth position at a time to all at once.
const blocks = [1, 1000, 2000, 2 ** 20];

test.each([
  base,
  { ...base, stride: [2, 1, 2], padding: 'valid' },
  { ...base, dilation: [2, 1, 1], batch: 1 },
  { ...base, kernel: [1, 2, 2], stride: [2, 2, 2] },
] satisfies ConvolutionSpec[])('3D convolutions in blocks of the depth, $kernel $stride $dilation', (spec) => {
  const { stride, dilation, padding } = spec;
  const forward = convolutionCase(spec, 1);
  for (const bytes of blocks) {
    const inBlocks: OpCase = {
      ...forward,
      // The gradients are those in blocks, too.
      run: (_tf, [x, filter]) => {
        if (!x || !filter) throw new Error('no input');
        const run = tf.customGrad((...inputs) => {
          const [volume, weights] = inputs as [tf.Tensor, tf.Tensor];
          const windows = windows3d(volume.shape, weights.shape, stride, dilation, padding);
          return {
            value: convolve3d(tf, volume, weights, windows, bytes),
            gradFunc: (dy: tf.Tensor) => [
              inputGradient3d(tf, dy, weights, windows, bytes),
              filterGradient3d(tf, volume, dy, windows, bytes),
            ],
          };
        });
        return run(x, filter);
      },
    };
    expect(complaint(measure(tf, inBlocks))).toBe(undefined);
  }
});
