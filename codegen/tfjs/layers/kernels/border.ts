import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import type { Ends } from '../config.js';
import { extend, join, mirror, narrow, repeat, reverse, sumOfBlocks } from './along-axis.js';
import { entry } from './axis-lists.js';
import { linearMap } from './linear-map.js';

/** A linear map along one axis, and its transpose, which takes the size before the map. */
interface AxisBorder {
  add(x: Tensor, axis: number, ends: Ends): Tensor;
  fold(dy: Tensor, axis: number, ends: Ends, size: number): Tensor;
}

/**
 * Adds positions at the ends of the spatial axes of (N, ...spatial, C): mirrored without the border position, or the
 * border repeated.
 *
 * @throws Error if an axis is too short to be mirrored
 */
export function padWithBorder(
  tf: Tf,
  x: Tensor,
  ends: readonly Ends[],
  mode: 'reflect' | 'replicate',
): Tensor {
  const border = mode === 'reflect' ? reflected(tf) : replicated(tf);
  const axes = ends.flatMap(([before, after], i) => (before > 0 || after > 0 ? [i + 1] : []));
  if (axes.length === 0) return x;
  return linearMap(
    tf,
    x,
    (value) => axes.reduce((y, axis) => border.add(y, axis, entry(ends, axis - 1)), value),
    (dy) => axes.reduce((d, axis) => border.fold(d, axis, entry(ends, axis - 1), entry(x.shape, axis)), dy),
  );
}

function reflected(tf: Tf): AxisBorder {
  return {
    add(x, axis, [before, after]) {
      const size = entry(x.shape, axis);
      const longest = Math.max(before, after);
      if (longest >= size) {
        throw new Error(`reflecting ${longest} positions takes at least ${longest + 1}, not ${size}`);
      }
      return mirror(tf, x, axis, before, after);
    },
    fold(dy, axis, [before, after], size) {
      let dx = narrow(tf, dy, axis, before, size);
      if (before > 0) {
        const left = reverse(tf, narrow(tf, dy, axis, 0, before), axis);
        dx = tf.add(dx, extend(tf, left, axis, 1, size - 1 - before));
      }
      if (after > 0) {
        const right = reverse(tf, narrow(tf, dy, axis, before + size, after), axis);
        dx = tf.add(dx, extend(tf, right, axis, size - 1 - after, 1));
      }
      return dx;
    },
  };
}

function replicated(tf: Tf): AxisBorder {
  return {
    add(x, axis, [before, after]) {
      const size = entry(x.shape, axis);
      const left = before > 0 ? [repeat(tf, narrow(tf, x, axis, 0, 1), axis, before)] : [];
      const right = after > 0 ? [repeat(tf, narrow(tf, x, axis, size - 1, 1), axis, after)] : [];
      return join(tf, [...left, x, ...right], axis);
    },
    fold(dy, axis, [before, after], size) {
      const sum = (start: number, count: number) =>
        sumOfBlocks(tf, narrow(tf, dy, axis, start, count), axis, count);
      if (size === 1) return sum(0, before + 1 + after);
      const inner = size > 2 ? [narrow(tf, dy, axis, before + 1, size - 2)] : [];
      return join(tf, [sum(0, before + 1), ...inner, sum(before + size - 1, after + 1)], axis);
    },
  };
}
