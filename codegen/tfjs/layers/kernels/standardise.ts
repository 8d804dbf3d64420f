import type { LayerVariable, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { asRows, meanAlong } from './along-axis.js';

/** The means of a tensor's parts, in a shape that broadcasts over it. */
export type Means = (x: Tensor) => Tensor;

/**
 * (x - mean) / sqrt(variance + epsilon) with mean and variance (of the population) of parts of x, and its gradient in
 * closed form (Ioffe & Szegedy 2015, arXiv:1502.03167, section 3): with y the result and s the factor, dx = s (dy -
 * mean(dy) - y mean(dy y)). The gradient keeps only y and s.
 *
 * @param observe receives mean and variance; both are disposed after it returns
 */
export function standardise(
  tf: Tf,
  x: Tensor,
  means: Means,
  epsilon: number,
  observe?: (mean: Tensor, variance: Tensor) => void,
): Tensor {
  const apply = tf.customGrad((_, save) => {
    const mean = means(x);
    const centred = tf.sub(x, mean);
    const variance = means(tf.square(centred));
    observe?.(mean, variance);
    const factor = tf.rsqrt(tf.add(variance, epsilon));
    const value = tf.mul(centred, factor);
    if (typeof save === 'function') save([value, factor]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tf.tidy(() => {
        const [y, s] = saved;
        if (!y || !s) throw new Error('the saved tensors are missing');
        const along = tf.mul(y, means(tf.mul(dy, y)));
        return tf.mul(s, tf.sub(tf.sub(dy, means(dy)), along));
      });
    return { value, gradFunc };
  });
  return apply(x);
}

/**
 * The means over all positions of each sample's channels, (N, ...spatial, C) to (N, C). Computed one axis at a time:
 * wasm adds numbers sequentially in float32, and its error reaches 1e-4 after some hundred thousand numbers.
 */
export function meansOfPositions(tf: Tf, x: Tensor): Tensor {
  const [batch = 0, ...inside] = x.shape;
  let result = x;
  for (let axis = x.rank - 2; axis > 0; axis--) result = meanAlong(tf, result, axis);
  return tf.reshape(result, [batch, inside.at(-1) ?? 0]);
}

/** x (..., C) times gamma (C) plus beta (C); both are optional. */
export function scaleAndCenter(
  tf: Tf,
  x: Tensor,
  gamma: LayerVariable | undefined,
  beta: LayerVariable | undefined,
): Tensor {
  if (!gamma && !beta) return x;
  const rows = asRows(tf, x);
  const scaled = gamma ? tf.mul(rows, gamma.read()) : rows;
  return tf.reshape(beta ? tf.add(scaled, beta.read()) : scaled, x.shape);
}
