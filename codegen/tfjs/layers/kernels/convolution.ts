import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { everyNth, spread } from './along-axis.js';
import { entry } from './axis-lists.js';

type Pair = [number, number];
type Triple = [number, number, number];

/** A convolution without padding as engines provide it: with strides or with dilations, not with both. */
interface EngineConvolution {
  /** The name of the kernel whose gradient tfjs has registered. */
  readonly name: 'Conv2D' | 'Conv3D' | 'DepthwiseConv2dNative';
  /**
   * Whether the engine supports dilations: TensorFlow ignores them in depthwise convolutions and refuses some in 3D.
   */
  readonly dilates: boolean;
  run(x: Tensor, kernel: Tensor, strides: readonly number[], dilation: readonly number[]): Tensor;
}

/**
 * A convolution without padding of x (N, ...spatial, C) by kernel (...size, C, filters), with any strides and
 * dilations.
 */
export function convolve(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  dilation: readonly number[],
): Tensor {
  return withDilation(tf, strides.length === 2 ? planar(tf) : solid(tf), x, kernel, strides, dilation);
}

/** Like `convolve` in 2D, each channel separately: kernel (...size, C, multiplier), result (N, H, W, C multiplier). */
export function convolveDepthwise(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  dilation: readonly number[],
): Tensor {
  return withDilation(tf, depthwise(tf), x, kernel, strides, dilation);
}

// `as Tensor4D`, `as Tensor5D`: the caller picks the convolution by the rank. tfjs has the rank in its types, and a
// plain `Tensor` has not.

function planar(tf: Tf): EngineConvolution {
  return {
    name: 'Conv2D',
    dilates: true,
    run: (x, kernel, strides, dilation) =>
      tf.conv2d(x as Tensor4D, kernel as Tensor4D, pair(strides), 'valid', 'NHWC', pair(dilation)),
  };
}

function solid(tf: Tf): EngineConvolution {
  return {
    name: 'Conv3D',
    dilates: tf.getBackend() !== 'tensorflow',
    // tfjs's types contain the rank, which a generic tensor lacks.
    run: (x, kernel, strides, dilation) =>
      tf.conv3d(x as Tensor5D, kernel as Tensor5D, triple(strides), 'valid', 'NDHWC', triple(dilation)),
  };
}

function depthwise(tf: Tf): EngineConvolution {
  return {
    name: 'DepthwiseConv2dNative',
    dilates: false,
    // tfjs's types contain the rank, which a generic tensor lacks.
    run: (x, kernel, strides, dilation) =>
      tf.depthwiseConv2d(x as Tensor4D, kernel as Tensor4D, pair(strides), 'valid', 'NHWC', pair(dilation)),
  };
}

/**
 * Adds strides together with dilations, and the gradients of dilations, which engines lack. Both treat a dilated kernel
 * as a larger kernel with zeros between its entries.
 */
function withDilation(
  tf: Tf,
  convolution: EngineConvolution,
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  dilation: readonly number[],
): Tensor {
  const ones = strides.map(() => 1);
  if (dilation.every((step) => step === 1)) return convolution.run(x, kernel, strides, ones);
  if (!convolution.dilates || strides.some((step) => step > 1)) {
    return convolution.run(x, dilate(tf, kernel, dilation), strides, ones);
  }
  const apply = tf.customGrad((_x, _kernel, save) => {
    if (typeof save === 'function') save([x, kernel]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tf.tidy(() => {
        const [input, small] = saved;
        const gradient = tf.getGradient(convolution.name);
        if (!input || !small || !gradient) throw new Error(`${convolution.name} has no gradient`);
        const attributes = {
          strides: ones,
          pad: 'valid',
          dataFormat: ones.length === 2 ? 'NHWC' : 'NDHWC',
          dilations: ones,
        };
        const found = gradient.gradFunc(dy, [input, dilate(tf, small, dilation)], attributes);
        const [toInput, toKernel] = [found.x?.(), found.filter?.()];
        if (!toInput || !toKernel) throw new Error(`the gradient of ${convolution.name} lacks an input`);
        return [toInput, undilate(tf, toKernel, dilation)];
      });
    return { value: convolution.run(x, kernel, ones, dilation), gradFunc };
  });
  return apply(x, kernel);
}

function dilate(tf: Tf, kernel: Tensor, dilation: readonly number[]): Tensor {
  return dilation.reduce((result, step, axis) => spread(tf, result, axis, step), kernel);
}

function undilate(tf: Tf, kernel: Tensor, dilation: readonly number[]): Tensor {
  return dilation.reduce((result, step, axis) => {
    return everyNth(tf, result, axis, step, (entry(result.shape, axis) - 1) / step + 1);
  }, kernel);
}

function pair(list: readonly number[]): Pair {
  return [entry(list, 0), entry(list, 1)];
}

function triple(list: readonly number[]): Triple {
  return [entry(list, 0), entry(list, 1), entry(list, 2)];
}
