import { kernelPatch, required } from './kernel-patch.js';

/**
 * prelu on wasm: it takes the slopes in turns as they lie in memory, so that **slopes that do not repeat along the
 * leading axes alone, (N, 1, 1, C) or (H, W, 1), meet the wrong elements**. Those are composed from relu.
 */
export const preluForward = kernelPatch({
  kernel: 'Prelu',
  engines: ['wasm'],
  patches: 'wrong unless the slopes repeat along the leading axes only',
  run: (tf, { inputs, stock }) => {
    const [x, alpha] = [required(inputs, 'x'), required(inputs, 'alpha')];
    const varying = alpha.shape.slice(alpha.shape.findIndex((size) => size > 1));
    const last = x.shape.slice(x.rank - varying.length);
    if (alpha.size === 1 || varying.every((size, axis) => size === last[axis])) return stock();
    return tf.sub(tf.relu(x), tf.mul(alpha, tf.relu(tf.neg(x))));
  },
});
