import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';

/**
 * A linear map whose gradient is its transpose. Nothing is saved for the backward pass, and no gradient of tfjs
 * is used.
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
