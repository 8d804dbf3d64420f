import { engineNames, gradientPatch, type KernelPatch, savedTensor } from '../kernel-patch.js';

/**
 * Comparisons, in all engines, tfjs-node too. Only greaterEqual has a gradient, so the gradient tape throws on
 * `where(greater(x, 0), ...)` and in the layer thresholdedReLU. A comparison is constant almost everywhere, so its
 * gradient is zero.
 */
export const comparisonGradients: readonly KernelPatch[] = (
  ['Greater', 'Less', 'LessEqual', 'Equal', 'NotEqual'] as const
).map((kernel) =>
  gradientPatch({
    kernel,
    engines: engineNames,
    patches: 'there was none: where(greater(x, 0), ...) and thresholdedReLU could not be trained',
    saves: { inputsToSave: ['a', 'b'] },
    gradient: (tf, { saved }) => ({
      // In float32 for every type of numbers: the tape accepts nothing else.
      a: () => tf.zeros(savedTensor(saved, 0).shape),
      b: () => tf.zeros(savedTensor(saved, 1).shape),
    }),
  }),
);
