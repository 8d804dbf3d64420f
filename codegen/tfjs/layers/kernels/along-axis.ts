import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';

/*
 * Operations on one axis of a tensor of any rank. They view it as (outer, size * inner) or (outer, size, inner),
 * because engines differ and make errors at rank 5, and move long rows fastest. Reshaping moves no data.
 */

interface Axis {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

function axisOf(shape: readonly number[], axis: number): Axis {
  const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
  const size = shape[axis];
  if (size === undefined) throw new Error(`a shape of ${shape.length} sizes has no axis ${axis}`);
  return { outer: product(shape.slice(0, axis)), size, inner: product(shape.slice(axis + 1)) };
}

/** The shape with another size of one axis. */
function withSize(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((old, i) => (i === axis ? size : old));
}

/** `count` positions from `start` on. */
export function narrow(tf: Tf, x: Tensor, axis: number, start: number, count: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  if (start === 0 && count === size) return x;
  const rows = tf.slice(tf.reshape(x, [outer, size * inner]), [0, start * inner], [outer, count * inner]);
  return tf.reshape(rows, withSize(x.shape, axis, count));
}

/** Zeros at both ends. */
export function extend(tf: Tf, x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  const { outer, size, inner } = axisOf(x.shape, axis);
  const rows = tf.pad(tf.reshape(x, [outer, size * inner]), [
    [0, 0],
    [before * inner, after * inner],
  ]);
  return tf.reshape(rows, withSize(x.shape, axis, before + size + after));
}

/** Mirror images at both ends, without the border positions. Its gradient in tfjs is wrong. */
export function mirror(tf: Tf, x: Tensor, axis: number, before: number, after: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  const ends: [number, number][] = [
    [0, 0],
    [before, after],
    [0, 0],
  ];
  const mirrored = tf.mirrorPad(tf.reshape(x, [outer, size, inner]), ends, 'reflect');
  return tf.reshape(mirrored, withSize(x.shape, axis, before + size + after));
}

/** Concatenates parts, whose other sizes are equal. */
export function join(tf: Tf, parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (!first) throw new Error('nothing to join');
  let total = 0;
  const rows = parts.map((part) => {
    const { outer, size, inner } = axisOf(part.shape, axis);
    total += size;
    return tf.reshape(part, [outer, size * inner]);
  });
  return tf.reshape(tf.concat(rows, 1), withSize(first.shape, axis, total));
}

/** The positions in reverse order. */
export function reverse(tf: Tf, x: Tensor, axis: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  return size === 1 ? x : tf.reshape(tf.reverse(tf.reshape(x, [outer, size, inner]), 1), x.shape);
}

/** The sums of blocks of `length` neighbours. */
export function sumOfBlocks(tf: Tf, x: Tensor, axis: number, length: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  const sums = tf.sum(tf.reshape(x, [(outer * size) / length, length, inner]), 1);
  return tf.reshape(sums, withSize(x.shape, axis, size / length));
}

/** The mean, as one position. */
export function meanAlong(tf: Tf, x: Tensor, axis: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  return tf.reshape(tf.mean(tf.reshape(x, [outer, size, inner]), 1), withSize(x.shape, axis, 1));
}

/** Each position `factor` times. */
export function repeat(tf: Tf, x: Tensor, axis: number, factor: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  const row = tf.reshape(x, [outer * size, inner]);
  return tf.reshape(tf.concat(Array(factor).fill(row), 1), withSize(x.shape, axis, size * factor));
}

/** `step` - 1 zeros between neighbours: n positions become (n - 1) step + 1. */
export function spread(tf: Tf, x: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return x;
  const { outer, size, inner } = axisOf(x.shape, axis);
  const spaced = tf.reshape(x, [outer * size, 1, inner]);
  const all = tf.reshape(extend(tf, spaced, 1, 0, step - 1), withSize(x.shape, axis, size * step));
  return narrow(tf, all, axis, 0, (size - 1) * step + 1);
}

/** `count` positions, `step` apart, from the first on. */
export function everyNth(tf: Tf, x: Tensor, axis: number, step: number, count: number): Tensor {
  const used = narrow(tf, x, axis, 0, (count - 1) * step + 1);
  if (step === 1) return used;
  const whole = extend(tf, used, axis, 0, step - 1);
  const { outer, inner } = axisOf(whole.shape, axis);
  const first = narrow(tf, tf.reshape(whole, [outer * count, step, inner]), 1, 0, 1);
  return tf.reshape(first, withSize(x.shape, axis, count));
}

/** The product of a matrix (m, n) with an axis of n positions. */
export function multiplyAlong(tf: Tf, matrix: Tensor, x: Tensor, axis: number): Tensor {
  const { outer, size, inner } = axisOf(x.shape, axis);
  const count = axisOf(matrix.shape, 0).size;
  const first = outer === 1 ? x : tf.transpose(tf.reshape(x, [outer, size, inner]), [1, 0, 2]);
  const product = tf.matMul(matrix, tf.reshape(first, [size, outer * inner]));
  const back = outer === 1 ? product : tf.transpose(tf.reshape(product, [count, outer, inner]), [1, 0, 2]);
  return tf.reshape(back, withSize(x.shape, axis, count));
}

/** Exchanges the two middle axes of a tensor viewed as (a, b, c, d); the result has the order (a, c, b, d). */
export function exchange(tf: Tf, x: Tensor, shape: [number, number, number, number]): Tensor {
  const seen = tf.reshape(x, shape);
  return shape[1] === 1 || shape[2] === 1 ? seen : tf.transpose(seen, [0, 2, 1, 3]);
}

/** (N, ...spatial, C) as (N and all but the last spatial axis, width, C): wasm reduces matrices much more slowly. */
export function asRows(tf: Tf, x: Tensor): Tensor {
  const { outer, size, inner } = axisOf(x.shape, x.rank - 2);
  return tf.reshape(x, [outer, size, inner]);
}

/** The tensor as a matrix of its last axis: (everything else, C). */
export function asMatrix(tf: Tf, x: Tensor): Tensor {
  const { outer, size } = axisOf(x.shape, x.rank - 1);
  return tf.reshape(x, [outer, size]);
}
