import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import type { Ends } from '../config.js';
import { asMatrix, exchange, extend, reverse } from './along-axis.js';
import { entry } from './axis-lists.js';
import { convolve } from './convolution.js';
import { zeroEnds } from './zero-ends.js';

/**
 * A transposed convolution of x (N, ...spatial, C) by kernel (...size, filters, C), cropped: output size (n - 1) stride
 * + kernel - before - after. Negative croppings add zeros.
 *
 * Output position q stride + r depends on the inputs q, q - 1, ... q - T + 1 only, with T = ceil(kernel / stride). So
 * this is a plain convolution by a kernel of T positions with the filters of all r, followed by a rearrangement (Shi et
 * al. 2016, arXiv:1609.07009). For kernel = stride it makes no superfluous multiplications. It uses no kernel of tfjs
 * for transposed convolutions, and T = 1 is a product of matrices.
 */
export function convolveTransposed(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  cropping: readonly Ends[],
): Tensor {
  const rank = strides.length;
  const filters = entry(kernel.shape, rank);
  const taps = strides.map((stride, axis) => Math.ceil(entry(kernel.shape, axis) / stride));
  const weight = subPixelKernel(tf, kernel, strides, taps);
  const inside = taps.map((count): Ends => [count - 1, count - 1]);
  const blocks = taps.every((count) => count === 1)
    ? asProduct(tf, x, weight)
    : convolve(tf, zeroEnds(tf, x, inside), weight, ones(rank), ones(rank));
  const spatial = blocks.shape.slice(1, -1);
  const full = interleave(tf, blocks, spatial, strides, filters);
  const ends = cropping.map(([before, after], axis): Ends => {
    // The blocks end at multiples of the stride.
    const unused = entry(taps, axis) * entry(strides, axis) - entry(kernel.shape, axis);
    return [-before, -after - unused];
  });
  return zeroEnds(tf, full, ends);
}

/** Kernel (...size, filters, C) as (...taps, C, ...strides and filters), with the taps in reverse order. */
function subPixelKernel(tf: Tf, kernel: Tensor, strides: readonly number[], taps: readonly number[]): Tensor {
  const rank = strides.length;
  const [filters = 0, channels = 0] = kernel.shape.slice(rank);
  const whole = strides.reduce((result, stride, axis) => {
    const missing = entry(taps, axis) * stride - entry(kernel.shape, axis);
    return extend(tf, result, axis, 0, missing);
  }, kernel);
  // The sizes are (tap, stride) for each axis, then filters and channels. Each exchange moves one more tap to the
  // front: (taps so far, strides so far, tap, rest) becomes (taps so far, tap, strides so far, rest).
  let result = whole;
  let [tapsSoFar, stridesSoFar] = [1, 1];
  for (const [axis, count] of taps.entries()) {
    const rest = result.size / (tapsSoFar * stridesSoFar * count);
    const moved = exchange(tf, result, [tapsSoFar, stridesSoFar, count, rest]);
    result = reverse(tf, tf.reshape(moved, [tapsSoFar, count, stridesSoFar * rest]), 1);
    tapsSoFar *= count;
    stridesSoFar *= entry(strides, axis);
  }
  const swapped = exchange(tf, result, [tapsSoFar, stridesSoFar * filters, channels, 1]);
  return tf.reshape(swapped, [...taps, channels, stridesSoFar * filters]);
}

/** A convolution by one position. */
function asProduct(tf: Tf, x: Tensor, weight: Tensor): Tensor {
  const matrix = asMatrix(tf, weight);
  return tf.reshape(tf.matMul(asMatrix(tf, x), matrix), [...x.shape.slice(0, -1), entry(matrix.shape, 1)]);
}

/** (N, ...spatial, ...strides and filters) as (N, ...spatial strides, filters). */
function interleave(
  tf: Tf,
  blocks: Tensor,
  spatial: readonly number[],
  strides: readonly number[],
  filters: number,
): Tensor {
  let result = blocks;
  let outer = entry(blocks.shape, 0);
  let between = spatial.reduce((product, size) => product * size, 1);
  for (const [axis, stride] of strides.entries()) {
    const size = entry(spatial, axis);
    outer *= size;
    between /= size;
    result = exchange(tf, result, [outer, between, stride, result.size / (outer * between * stride)]);
    outer *= stride;
  }
  const sizes = spatial.map((size, axis) => size * entry(strides, axis));
  return tf.reshape(result, [entry(blocks.shape, 0), ...sizes, filters]);
}

function ones(rank: number): number[] {
  return Array(rank).fill(1);
}
