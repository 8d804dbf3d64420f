import { engineNames, gradientPatch, savedTensor } from '../kernel-patch.js';

/**
 * The gradients of batchNorm with statistics per channel, in all engines, tfjs-node too. The gradients of tfjs-core throw
 * beyond rank 4, and keep two or three tensors of the size of the input per normalisation until the whole backward pass
 * ends. Here everything but dx comes from two sums per channel, computed at once:
 *
 * with r = 1 / sqrt(variance + eps), s = scale, A = sum of dy, B = sum of dy (x - mean): dx = dy r s, d mean = -r s A,
 * d variance = -r^3 s B / 2, d scale = r B, d offset = A.
 */
export const batchNormGradient = gradientPatch({
  kernel: 'FusedBatchNorm',
  engines: engineNames,
  patches: 'threw beyond rank 4; held several copies of each input until the end of the backward pass',
  gradient: (tf, { dy, saved, attrs, stock }) => {
    const [x, mean, variance] = [savedTensor(saved, 0), savedTensor(saved, 1), savedTensor(saved, 2)];
    // Statistics of another shape are as large as the input (layer normalisation); the op refuses all others.
    if (mean.rank !== 1) return stock();
    const scale = saved[3];
    const rows = [-1, mean.size];
    const small = tf.tidy(() => {
      const upstream = tf.reshape(dy, rows);
      const root = tf.rsqrt(tf.add(variance, attrs.varianceEpsilon));
      const scaled = scale ? tf.mul(root, scale) : tf.clone(root);
      const offset = tf.sum(upstream, 0);
      const centred = tf.sum(tf.mul(upstream, tf.sub(tf.reshape(x, rows), mean)), 0);
      return { root, scaled, offset, centred };
    });
    const { root, scaled, offset, centred } = small;
    return {
      x: () => tf.tidy(() => tf.reshape(tf.mul(tf.reshape(dy, rows), scaled), x.shape)),
      mean: () => tf.tidy(() => tf.neg(tf.mul(scaled, offset))),
      variance: () => tf.tidy(() => tf.mul(tf.mul(tf.mul(tf.square(root), scaled), centred), -0.5)),
      scale: () => tf.mul(root, centred),
      offset: () => tf.clone(offset),
    };
  },
});
