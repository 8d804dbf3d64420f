import { Failure, failure } from '../../diagnostics/failure.js';
import type { WindowModel } from '../windows/window-model.js';

/** The least probability, so that its logarithm is finite: float32 has none below that is not 0. */
const LEAST = 2 ** -126;
/** How far beyond 0 and 1 a probability may be rounded, such as by a model in float16. */
const ROUNDING = 1e-2;
/** The nearest that float32 comes to 1. */
const NEAREST = 2 ** -24;

/**
 * The outputs of a model as logits, which is what windows are averaged in. Of a softmax they are log p, which the true
 * logits differ from by one number for all classes; a sum of them has the same softmax. Of a sigmoid they are
 * log(p / (1 - p)). Fails at a number that is not a probability.
 */
export function asLogits(model: WindowModel, head: string | undefined): WindowModel {
  if (head !== 'softmax' && head !== 'sigmoid') return model;
  return {
    ...model,
    async run(input) {
      const output = await model.run(input);
      if (output instanceof Failure) return output;
      const { shape, data } = output;
      const result = new Float32Array(data.length);
      const isOdds = head === 'sigmoid' || shape[1] === 1;
      for (let i = 0; i < data.length; i++) {
        const value = data[i] as number; // within the length
        if (value < -ROUNDING || value > 1 + ROUNDING)
          return failure('output-not-probability', { head, value });
        const own = Math.log(value > LEAST ? value : Number.isNaN(value) ? value : LEAST);
        result[i] = isOdds ? own - Math.log(Math.max(1 - value, NEAREST)) : own;
      }
      return { shape, data: result };
    },
  };
}

/** Probabilities, (K, ...spatial), from logits, in place: a softmax over K, or a sigmoid of each. */
export function toProbabilities(data: Float32Array, channels: number, head: 'softmax' | 'sigmoid'): void {
  if (head === 'sigmoid') {
    for (const [i, value] of data.entries()) data[i] = 1 / (1 + Math.exp(-value));
    return;
  }
  const count = data.length / channels;
  const planes = Array.from({ length: channels }, (_, k) => data.subarray(k * count, (k + 1) * count));
  const most = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  // `as number`: `i` is below the length of all planes.
  for (const plane of planes) {
    for (let i = 0; i < count; i++) {
      const value = plane[i] as number; // see above
      if (value > (most[i] as number)) most[i] = value; // see above
    }
  }
  const sums = new Float64Array(count);
  for (const plane of planes) {
    for (let i = 0; i < count; i++) {
      const value = Math.exp((plane[i] as number) - (most[i] as number)); // see above
      plane[i] = value;
      sums[i] = (sums[i] as number) + value; // see above
    }
  }
  for (const plane of planes) {
    for (let i = 0; i < count; i++) plane[i] = (plane[i] as number) / (sums[i] as number); // see above
  }
}
