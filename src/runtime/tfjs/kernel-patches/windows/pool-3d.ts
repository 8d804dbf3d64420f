import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { sizeOf } from '../axis-samples.js';
import { type EngineName, type KernelPatch, kernelPatch, required } from '../kernel-patch.js';
import { type KernelPadding, positionsAfter, type WindowAxis, windowAxes } from '../window-axis.js';

/**
 * Pooling of volumes as two poolings of images: over the rows and columns of each slice, then over the depth. The maximum
 * and the mean of a box both separate in this way, also if `same` padding leaves only a part of the window inside.
 *
 * - all engines but tfjs-node: in 3D, the `same` padding of tfjs-core is negative if the window is smaller than the
 *   stride, which shifts the windows.
 * - wasm: the maximum starts at the smallest POSITIVE float, so **windows of negative values give about 1e-38**.
 * - cpu, webgpu: the gradient of the maximum goes to a wrong position unless the window is as high as it is wide.
 * - cpu, wasm, webgl, webgpu: the gradient of the mean divides by the whole window at the border too.
 */
const engines: readonly EngineName[] = ['cpu', 'wasm', 'webgl', 'webgpu'];
const shifted = "windows were shifted with 'same' padding and a window smaller than the stride";

const maxPool = kernelPatch({
  kernel: 'MaxPool3D',
  engines,
  patches: `${shifted}; on wasm wrong for windows without a positive value`,
  run: (tf, { inputs, attrs }) => {
    const x = required(inputs, 'x');
    return pool(tf, 'max', x, windowsOf(x, attrs));
  },
});

const avgPool = kernelPatch({
  kernel: 'AvgPool3D',
  engines,
  patches: shifted,
  run: (tf, { inputs, attrs }) => {
    const x = required(inputs, 'x');
    return pool(tf, 'avg', x, windowsOf(x, attrs));
  },
});

const maxPoolGradient = kernelPatch({
  kernel: 'MaxPool3DGrad',
  engines,
  patches: `${shifted}; on wasm wrong for windows without a positive value; on cpu and webgpu wrong for windows that are not square`,
  run: (tf, { inputs, attrs }) => {
    const [dy, x, y] = [required(inputs, 'dy'), required(inputs, 'input'), required(inputs, 'output')];
    const windows = windowsOf(x, attrs);
    const { slices, columns } = views(x, windows);
    const image = tf.reshape(x, slices);
    const pooled = poolSlices(tf, 'max', image, windows);
    const onDepth = tf.engine().runKernel<Tensor>(
      'MaxPoolGrad',
      {
        dy: tf.reshape(dy, columns(windows[0].out)),
        input: tf.reshape(pooled, columns(windows[0].size)),
        output: tf.reshape(y, columns(windows[0].out)),
      },
      depthAttributes(windows),
    );
    const onSlices = tf
      .engine()
      .runKernel<Tensor>(
        'MaxPoolGrad',
        { dy: tf.reshape(onDepth, pooled.shape), input: image, output: pooled },
        sliceAttributes(windows),
      );
    return tf.reshape(onSlices, x.shape);
  },
});

const avgPoolGradient = kernelPatch({
  kernel: 'AvgPool3DGrad',
  engines,
  patches: `${shifted}; wrong at the border with 'same' padding, where the forward divides by less`,
  run: (tf, { inputs, attrs }) => {
    const [dy, x] = [required(inputs, 'dy'), required(inputs, 'input')];
    const windows = windowsOf(x, attrs);
    const { slices, pooled, columns } = views(x, windows);
    const onDepth = tf
      .engine()
      .runKernel<Tensor>(
        'AvgPoolGrad',
        { dy: tf.reshape(dy, columns(windows[0].out)), input: tf.zeros(columns(windows[0].size)) },
        depthAttributes(windows),
      );
    const onSlices = tf
      .engine()
      .runKernel<Tensor>(
        'AvgPoolGrad',
        { dy: tf.reshape(onDepth, pooled), input: tf.reshape(x, slices) },
        sliceAttributes(windows),
      );
    return tf.reshape(onSlices, x.shape);
  },
});

export const pool3d: readonly KernelPatch[] = [maxPool, avgPool, maxPoolGradient, avgPoolGradient];

type Windows = readonly [depth: WindowAxis, rows: WindowAxis, columns: WindowAxis];

interface PoolAttributes {
  readonly filterSize: number | readonly number[];
  readonly strides: number | readonly number[];
  readonly pad: KernelPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function windowsOf(x: TensorInfo, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Windows {
  const size = typeof filterSize === 'number' ? [filterSize, filterSize, filterSize] : filterSize;
  const [depth, rows, columns] = windowAxes(x.shape.slice(1, 4), size, strides, 1, pad, dimRoundingMode);
  if (!depth || !rows || !columns) throw new Error('a pooling of volumes has three axes');
  return [depth, rows, columns];
}

/** A volume (N, D, H, W, C) as images: its slices, the pooled slices, and depth over positions. */
function views(x: TensorInfo, [depth, rows, columns]: Windows) {
  const [batch, channels] = [sizeOf(x, 0), sizeOf(x, 4)];
  return {
    slices: [batch * depth.size, rows.size, columns.size, channels],
    pooled: [batch * depth.size, rows.out, columns.out, channels],
    columns: (size: number) => [batch, size, rows.out * columns.out, channels],
  };
}

function pool(tf: Tf, kind: 'max' | 'avg', x: Tensor, windows: Windows): Tensor {
  const { slices, columns } = views(x, windows);
  const [depth, rows, across] = windows;
  const pooled = poolSlices(tf, kind, tf.reshape(x, slices), windows);
  const image = tf.reshape(pooled, columns(depth.size));
  const y = tf.engine().runKernel<Tensor>(kernelOf(kind), { x: image }, depthAttributes(windows));
  return tf.reshape(y, [sizeOf(x, 0), depth.out, rows.out, across.out, sizeOf(x, 4)]);
}

function poolSlices(tf: Tf, kind: 'max' | 'avg', slices: Tensor, windows: Windows): Tensor {
  return tf.engine().runKernel<Tensor>(kernelOf(kind), { x: slices }, sliceAttributes(windows));
}

const kernelOf = (kind: 'max' | 'avg') => (kind === 'max' ? 'MaxPool' : 'AvgPool');

function sliceAttributes([, rows, columns]: Windows) {
  return attributes(rows, columns);
}

function depthAttributes([depth]: Windows) {
  return attributes(depth, { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, out: 1 });
}

function attributes(...axes: readonly WindowAxis[]) {
  const pads = axes.map((axis) => [axis.before, Math.max(positionsAfter(axis), 0)]);
  return {
    filterSize: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    pad: pads.flat().every((pad) => pad === 0) ? 'valid' : [[0, 0], ...pads, [0, 0]],
  };
}
