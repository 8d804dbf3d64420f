import type { Tensor } from '@tensorflow/tfjs';
import { product, sizeOf } from '../axis-samples.js';
import { engineNames, gradientPatch, savedTensor } from '../kernel-patch.js';

/**
 * The gradient of tile, in all engines, tfjs-node too. tfjs-core cuts dy into one slice per repetition and adds the slices
 * one by one. A layer normalisation has as many repetitions as positions, so this takes **minutes for one image**.
 * Beyond rank 4 it throws. Here the repetitions along an axis are one sum.
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
