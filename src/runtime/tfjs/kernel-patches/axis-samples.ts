import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';

/**
 * `count` positions along one axis: start, start + step, ...; zeros outside the tensor. It takes slices of rank 3 at
 * most, which every engine computes correctly.
 */
export function samples(tf: Tf, x: Tensor, axis: number, start: number, count: number, step = 1): Tensor {
  const size = sizeOf(x, axis);
  if (start === 0 && count === size && step === 1) return x;
  return tf.tidy(() => {
    const outer = product(x.shape.slice(0, axis));
    const inner = product(x.shape.slice(axis + 1));
    const span = count * step;
    const [low, high] = [Math.max(start, 0), Math.min(start + span, size)];
    const shape = [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)];
    if (low >= high) return tf.zeros(shape);
    const rows = tf.reshape(x, [outer, size, inner]);
    const inside =
      low === 0 && high === size ? rows : tf.slice(rows, [0, low, 0], [outer, high - low, inner]);
    const zeros: [number, number][] = [
      [0, 0],
      [low - start, start + span - high],
      [0, 0],
    ];
    const range = high - low === span ? inside : tf.pad(inside, zeros);
    if (step === 1) return tf.reshape(range, shape);
    // Each row is a sample and the positions up to the next one; only its first position is kept.
    const groups = tf.reshape(range, [outer * count, step, inner]);
    return tf.reshape(tf.slice(groups, [0, 0, 0], [outer * count, 1, inner]), shape);
  });
}

/** Interleaves n parts: position q of part r along the axis becomes position q n + r. */
export function interleave(tf: Tf, parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (!first) throw new Error('nothing to interleave');
  if (parts.length === 1) return first;
  return tf.tidy(() => {
    const outer = product(first.shape.slice(0, axis + 1));
    const inner = product(first.shape.slice(axis + 1));
    const rows = parts.map((part) => tf.reshape(part, [outer, inner]));
    const shape = [...first.shape];
    shape[axis] = sizeOf(first, axis) * parts.length;
    return tf.reshape(tf.concat(rows, 1), shape);
  });
}

/** a + b; disposes of both. */
export function addInto(tf: Tf, total: Tensor | undefined, term: Tensor): Tensor {
  if (!total) return term;
  const sum = tf.add(total, term);
  total.dispose();
  term.dispose();
  return sum;
}

export function sizeOf({ shape }: { readonly shape: readonly number[] }, axis: number): number {
  const size = shape[axis];
  if (size === undefined) throw new Error(`rank ${shape.length} has no axis ${axis}`);
  return size;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
