import { kernelPatch, required } from './kernel-patch.js';

/**
 * prelu on wasm. It reads the slopes in the order of memory, so **slopes that repeat along other than the leading axes,
 * (N, 1, 1, C) or (H, W, 1), multiply the wrong elements**. The patch composes these cases from relu.
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
