import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { product, samples, sizeOf } from '../axis-samples.js';
import { gradientPatch, type KernelGradients, savedTensor } from '../kernel-patch.js';
import { isDilated, positionsAfter, type WindowAxis, windowAxes } from '../window-axis.js';
import { type ExplicitPadding, type InputPhases, inputPhases, reverseGroups } from './convolution-2d.js';

/**
 * Both gradients of a dilated depthwiseConv2d, which tfjs-core refuses on every engine. On cpu and wasm, the kernels of
 * `depthwise-gradients.ts` compute them; on webgl and webgpu, they are composed of ops. (TensorFlow's own kernels accept
 * no dilation here, so tfjs-node still refuses.) A dilation has stride 1 only.
 */
export const dilatedDepthwiseGradients = gradientPatch({
  kernel: 'DepthwiseConv2dNative',
  engines: ['cpu', 'wasm', 'webgl', 'webgpu'],
  patches: 'with a dilation over 1 it threw: dilated depthwise convolutions could not be trained',
  gradient: (tf, { dy, saved, attrs, engine, stock }) => {
    const { strides, pad, dilations, dimRoundingMode } = attrs;
    if (!isDilated(dilations) || attrs.dataFormat === 'NCHW' || engine === 'tensorflow') return stock();
    const [x, filter] = [savedTensor(saved, 0), savedTensor(saved, 1)];
    if (engine === 'cpu' || engine === 'wasm') {
      const shared = { strides, pad, dilations, ...(dimRoundingMode && { dimRoundingMode }) };
      return byKernels(tf, dy, x, filter, shared);
    }
    const [image, kernel] = [x.shape.slice(1, 3), filter.shape.slice(0, 2)];
    const [rows, columns] = windowAxes(image, kernel, strides, dilations, pad, dimRoundingMode);
    if (!rows || !columns) throw new Error('a 2D convolution has rows and columns');
    return {
      x: () => tf.tidy(() => inputGradient(tf, dy, filter, rows, columns)),
      filter: () => tf.tidy(() => filterGradient(tf, x, dy, filter, rows, columns)),
    };
  },
});

function byKernels(tf: Tf, dy: Tensor, x: Tensor, filter: Tensor, shared: object): KernelGradients {
  const run = (kernel: string, inputs: Record<string, Tensor>, shape: object) => () =>
    tf.engine().runKernel<Tensor>(kernel, inputs, { ...shared, ...shape });
  return {
    x: run('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { inputShape: x.shape }),
    filter: run('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { filterShape: filter.shape }),
  };
}

/** The depthwise convolution of dy, each channel by itself, with the reversed filter; then the sum over each M. */
function inputGradient(tf: Tf, dy: Tensor, filter: Tensor, rows: WindowAxis, columns: WindowAxis): Tensor {
  const [height, width, channels, multiplier] = [0, 1, 2, 3].map((axis) => sizeOf(filter, axis));
  const [down, across] = [inputPhases(rows), inputPhases(columns)];
  const reversed = reverseGroups(tf, reverseGroups(tf, filter, 0, down), 1, across);
  const pads = [down, across].map(({ windows }) => [windows.before, positionsAfter(windows)] as const);
  const inside = cropped(tf, cropped(tf, dy, 1, down), 2, across);
  const found = tf.depthwiseConv2d(
    // (N, oh, ow, C M), as dy.
    inside as Tensor4D,
    tf.reshape<Rank.R4>(reversed, [height ?? 0, width ?? 0, (channels ?? 0) * (multiplier ?? 0), 1]),
    1,
    // The op passes explicit padding on to the kernel, although its type omits it.
    [[0, 0], ...pads.map((pair) => pair.map((pad) => Math.max(pad, 0))), [0, 0]] as ExplicitPadding as never,
    'NHWC',
    [rows.dilation, columns.dilation],
  );
  const shape = [sizeOf(dy, 0), rows.size, columns.size, channels ?? 0];
  return tf.reshape(tf.sum(tf.reshape(found, [product(shape), multiplier ?? 0]), 1), shape);
}

/** Crops the ends of dy that no position of the input meets. */
function cropped(tf: Tf, dy: Tensor, axis: number, { windows }: InputPhases): Tensor {
  const [before, after] = [Math.max(-windows.before, 0), Math.max(-positionsAfter(windows), 0)];
  return samples(tf, dy, axis, before, windows.size - before - after);
}

/** For each position of the filter: the sum over all windows of what it meets times dy. */
function filterGradient(
  tf: Tf,
  x: Tensor,
  dy: Tensor,
  filter: Tensor,
  rows: WindowAxis,
  columns: WindowAxis,
): Tensor {
  const [channels, multiplier] = [sizeOf(filter, 2), sizeOf(filter, 3)];
  const places = sizeOf(dy, 0) * rows.out * columns.out;
  const upstream = tf.reshape(dy, [places, channels, multiplier]);
  const taps: Tensor[] = [];
  for (let i = 0; i < rows.kernel; i++) {
    const strip = samples(tf, x, 1, i * rows.dilation - rows.before, rows.out);
    for (let j = 0; j < columns.kernel; j++) {
      const met = samples(tf, strip, 2, j * columns.dilation - columns.before, columns.out);
      taps.push(tf.sum(tf.mul(tf.reshape(met, [places, channels, 1]), upstream), 0));
    }
  }
  return tf.reshape(tf.stack(taps), filter.shape);
}
