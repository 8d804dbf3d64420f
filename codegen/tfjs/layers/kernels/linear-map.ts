import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';

/**
 * A linear map with its transpose as its gradient. It saves nothing for the backward pass, and uses no gradient of
 * tfjs.
 */
export function linearMap(
  tf: Tf,
  x: Tensor,
  map: (x: Tensor) => Tensor,
  transpose: (dy: Tensor) => Tensor,
): Tensor {
  const apply = tf.customGrad(() => ({
    value: map(x),
    gradFunc: (dy: Tensor) => tf.tidy(() => transpose(dy)),
  }));
  return apply(x);
}
