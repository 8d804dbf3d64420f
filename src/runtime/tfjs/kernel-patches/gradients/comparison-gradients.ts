import { engineNames, gradientPatch, type KernelPatch, savedTensor } from '../kernel-patch.js';

/**
 * Comparisons, in all engines, tfjs-node too: all but greaterEqual have no gradient, so that the tape throws on
 * `where(greater(x, 0), ...)` and in the layer thresholdedReLU. They are constant almost everywhere: it is zero.
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
      // In float32, also for numbers of other types: the tape takes nothing else.
      a: () => tf.zeros(savedTensor(saved, 0).shape),
      b: () => tf.zeros(savedTensor(saved, 1).shape),
    }),
  }),
);
