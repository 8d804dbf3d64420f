import type { Tensor } from '@tensorflow/tfjs';
import { product, sizeOf } from '../axis-samples.js';
import { engineNames, gradientPatch, savedTensor } from '../kernel-patch.js';

/**
 * The gradient of tile, in all engines, tfjs-node too. tfjs-core cuts dy into one slice for each repetition and adds
 * them one after the other, over as many as a layer normalisation has positions: **minutes for one image**; beyond rank
 * 4 it throws. The sum of the repetitions along an axis is one sum.
 */
export const tileGradient = gradientPatch({
  kernel: 'Tile',
  engines: engineNames,
  patches:
    'one slice and one addition for each repetition (layer normalisation took minutes); threw beyond rank 4',
  gradient: (tf, { dy, saved, attrs }) => ({
    x: () =>
      tf.tidy(() => {
        const x = savedTensor(saved, 0);
        return attrs.reps.reduce((gradient: Tensor, times, axis) => {
          if (times === 1) return gradient;
          const shape = [...gradient.shape];
          shape[axis] = sizeOf(x, axis);
          const [outer, inner] = [product(shape.slice(0, axis)), product(shape.slice(axis))];
          return tf.reshape(tf.sum(tf.reshape(gradient, [outer, times, inner]), 1), shape);
        }, tf.clone(dy));
      }),
  }),
});
