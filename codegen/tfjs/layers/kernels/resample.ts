import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { multiplyAlong, sumOfBlocks } from './along-axis.js';
import { entry } from './axis-lists.js';
import { linearMap } from './linear-map.js';

/** Repeats each position of (N, ...spatial, C) `size` times per axis; the transpose sums over the blocks. */
export function enlargeNearest(tf: Tf, x: Tensor, size: readonly number[]): Tensor {
  const axes = enlarged(size);
  if (axes.length === 0) return x;
  return linearMap(
    tf,
    x,
    // Pixel centres, (i + 0.5) / factor, are never rounded across an integer.
    (value) =>
      resize(tf, value, timesFactors(x, size), (images, to) =>
        tf.image.resizeNearestNeighbor(images, to, false, true),
      ),
    (dy) => axes.reduce((d, axis) => sumOfBlocks(tf, d, axis, entry(size, axis - 1)), dy),
  );
}

/** Linear interpolation of (N, ...spatial, C) to `size` times as many positions per axis. */
export function enlargeLinear(tf: Tf, x: Tensor, size: readonly number[], alignCorners: boolean): Tensor {
  return interpolateTo(tf, x, timesFactors(x, size), alignCorners);
}

/**
 * Linear interpolation of (N, ...spatial, C) to these spatial sizes. The transpose multiplies each axis by its
 * transposed matrix, because tfjs's own gradients ignore pixel centres.
 */
export function interpolateTo(tf: Tf, x: Tensor, sizes: readonly number[], alignCorners = false): Tensor {
  const axes = sizes.flatMap((size, i) => (size === x.shape[i + 1] ? [] : [i + 1]));
  if (axes.length === 0) return x;
  return linearMap(
    tf,
    x,
    (value) =>
      resize(tf, value, sizes, (images, to) =>
        tf.image.resizeBilinear(images, to, alignCorners, !alignCorners),
      ),
    (dy) =>
      axes.reduce((d, axis) => {
        const matrix = transposedInterpolation(entry(x.shape, axis), entry(sizes, axis - 1), alignCorners);
        return multiplyAlong(tf, tf.tensor2d(matrix), d, axis);
      }, dy),
  );
}

/** The axes of the tensor (1 is the first spatial one) that change. */
function enlarged(size: readonly number[]): number[] {
  return size.flatMap((factor, i) => (factor > 1 ? [i + 1] : []));
}

/** Resizes images (N, H, W, C) to a height and a width. */
type Resize = (images: Tensor4D, to: [number, number]) => Tensor;

/** The spatial sizes of a tensor, multiplied by their factors. */
function timesFactors(x: Tensor, factors: readonly number[]): number[] {
  return factors.map((factor, i) => entry(x.shape, i + 1) * factor);
}

/** Resizes two axes at a time, as engines do: the last two, then the depth with all other axes in one row. */
function resize(tf: Tf, x: Tensor, sizes: readonly number[], resizeImages: Resize): Tensor {
  const [toWidth = 1, toHeight = 1, toDepth = 1] = [...sizes].reverse();
  const [batch = 0, ...inside] = x.shape;
  const [channels = 0, width = 0, height = 0, depth = 1] = inside.reverse();
  const flat = toHeight === height && toWidth === width;
  const planes: Tensor4D = tf.reshape(x, [batch * depth, height, width, channels]);
  const enlarged = flat ? planes : resizeImages(planes, [toHeight, toWidth]);
  const volumes: Tensor4D = tf.reshape(enlarged, [batch, depth, toHeight * toWidth, channels]);
  const y = toDepth === depth ? volumes : resizeImages(volumes, [toDepth, toHeight * toWidth]);
  return tf.reshape(
    y,
    x.shape.map((old, i) => sizes[i - 1] ?? old),
  );
}

/**
 * Row j has the weights of input j in each output, (n, count). Output i lies at (i + 0.5) n / count - 0.5, clamped to
 * the input, or with aligned corners at i (n - 1) / (count - 1).
 */
function transposedInterpolation(n: number, count: number, alignCorners: boolean): number[][] {
  const matrix = Array.from({ length: n }, () => new Array<number>(count).fill(0));
  const add = (j: number, i: number, weight: number) => {
    const row = entry(matrix, Math.min(j, n - 1));
    row[i] = (row[i] ?? 0) + weight;
  };
  for (let i = 0; i < count; i++) {
    const centre = Math.min(Math.max(((i + 0.5) * n) / count - 0.5, 0), n - 1);
    const position = alignCorners ? (i * (n - 1)) / (count - 1) : centre;
    const left = Math.floor(position);
    add(left, i, 1 - (position - left));
    add(left + 1, i, position - left);
  }
  return matrix;
}
