import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import type { Ends } from '../config.js';
import { extend, narrow } from './along-axis.js';
import { linearMap } from './linear-map.js';

/**
 * Adds zeros at the ends of the spatial axes of (N, ...spatial, C), or removes positions if a number is negative. The
 * transpose of adding is removing.
 */
export function zeroEnds(tf: Tf, x: Tensor, ends: readonly Ends[]): Tensor {
  if (ends.every(([before, after]) => before === 0 && after === 0)) return x;
  const opposite = opposites(ends);
  return linearMap(
    tf,
    x,
    (value) => move(tf, value, ends),
    (dy) => move(tf, dy, opposite),
  );
}

/** The ends with opposite signs, which remove what was added. */
export function opposites(ends: readonly Ends[]): Ends[] {
  return ends.map(([before, after]) => [0 - before, 0 - after]);
}

function move(tf: Tf, x: Tensor, ends: readonly Ends[]): Tensor {
  return ends.reduce((value, [before, after], axis) => {
    const start = Math.max(0, -before);
    const count = (value.shape[axis + 1] ?? 0) - start - Math.max(0, -after);
    const inside = narrow(tf, value, axis + 1, start, count);
    return extend(tf, inside, axis + 1, Math.max(0, before), Math.max(0, after));
  }, x);
}
