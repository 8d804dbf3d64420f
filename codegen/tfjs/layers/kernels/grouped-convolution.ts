import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { everyNth, join, narrow } from './along-axis.js';
import { entry } from './axis-lists.js';
import { convolve, convolveDepthwise } from './convolution.js';

export interface Steps {
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/**
 * A convolution without padding of x (N, ...spatial, C), whose channels form groups, by kernel (...size,
 * C / groups, filters). Result: (N, ...spatial, filters), the filters of the first group first.
 */
export function convolveGroups(tf: Tf, x: Tensor, kernel: Tensor, groups: number, steps: Steps): Tensor {
  if (groups === 1) return convolve(tf, x, kernel, steps.strides, steps.dilation);
  const last = x.rank - 1;
  const channels = entry(x.shape, last) / groups;
  // Some engines have depthwise convolutions only for equal strides.
  if (channels === 1 && steps.strides.at(-1) === steps.strides.at(-2)) {
    return convolveEachChannel(tf, x, kernel, steps);
  }
  const filters = entry(kernel.shape, last) / groups;
  const parts = Array.from({ length: groups }, (_, group) => {
    const input = narrow(tf, x, last, group * channels, channels);
    const weight = narrow(tf, kernel, last, group * filters, filters);
    return convolve(tf, input, weight, steps.strides, steps.dilation);
  });
  return join(tf, parts, last);
}

/** Groups of one channel: 2D depthwise convolutions of shifted slices, summed over the kernel's depth. */
function convolveEachChannel(tf: Tf, x: Tensor, kernel: Tensor, { strides, dilation }: Steps): Tensor {
  const [batch = 0, ...inside] = x.shape;
  const [channels = 0, width = 0, height = 0, depth = 1] = inside.reverse();
  const [filters = 0, , kernelWidth = 0, kernelHeight = 0, kernelDepth = 1] = [...kernel.shape].reverse();
  const [depthStride = 1, depthDilation = 1] = strides.length === 2 ? [] : [strides[0], dilation[0]];
  const count = Math.floor((depth - (kernelDepth - 1) * depthDilation - 1) / depthStride) + 1;
  const volumes = tf.reshape(x, [batch, depth, height * width * channels]);
  const weights = tf.reshape(kernel, [kernelDepth, kernelHeight * kernelWidth * filters]);
  let sum: Tensor | undefined;
  for (let k = 0; k < kernelDepth; k++) {
    const start = k * depthDilation;
    const reached = narrow(tf, volumes, 1, start, (count - 1) * depthStride + 1);
    const slices = everyNth(tf, reached, 1, depthStride, count);
    const images = tf.reshape(slices, [batch * count, height, width, channels]);
    const weight = tf.reshape(narrow(tf, weights, 0, k, 1), [
      kernelHeight,
      kernelWidth,
      channels,
      filters / channels,
    ]);
    const part = convolveDepthwise(tf, images, weight, strides.slice(-2), dilation.slice(-2));
    sum = sum ? tf.add(sum, part) : part;
  }
  if (!sum) throw new Error('the kernel is empty');
  const spatial = strides.length === 2 ? [] : [count];
  return tf.reshape(sum, [batch, ...spatial, ...sum.shape.slice(1)]);
}
