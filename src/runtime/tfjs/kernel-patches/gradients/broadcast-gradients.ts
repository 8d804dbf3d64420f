import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import {
  engineNames,
  type GradientCall,
  gradientPatch,
  type KernelGradients,
  type KernelPatch,
  savedTensor,
} from '../kernel-patch.js';

/**
 * Gradients of ops whose inputs broadcast. tfjs-core leaves the gradient in the shape of the result, so the gradient tape
 * throws. These sum it over the axes along which an input was repeated, as the stock gradients of add, sub, mul and
 * div do.
 */
export const broadcastGradients: readonly KernelPatch[] = (
  ['Maximum', 'Minimum', 'SquaredDifference', 'BatchMatMul'] as const
).map((kernel) =>
  gradientPatch({
    kernel,
    engines: engineNames,
    patches: 'threw where one input is broadcast',
    gradient: (tf, { saved, stock }: GradientCall<typeof kernel>): KernelGradients => {
      const { a, b } = stock();
      const of = (gradient: (() => Tensor) | undefined, index: number) => () => {
        if (!gradient) throw new Error(`${kernel} has a gradient in both inputs`);
        return tf.tidy(() => summedTo(tf, gradient(), savedTensor(saved, index).shape));
      };
      return { a: of(a, 0), b: of(b, 1) };
    },
  }),
);

function summedTo(tf: Tf, gradient: Tensor, shape: readonly number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}
