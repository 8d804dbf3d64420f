import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { ComputationProblem } from '../../../diagnostics/codes/engines.js';
import { reasonOf } from '../../../diagnostics/failure.js';

/**
 * Runs one convolution whose result is known. Returns why the engine cannot be used, or undefined if it can: a native
 * library or a driver may load, and then fail or compute nonsense at the first operation.
 */
export async function brokenEngine(tf: Tf): Promise<ComputationProblem | undefined> {
  try {
    const result = tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      return tf.conv2d(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]), 1, 'valid');
    });
    const found = Array.from(await result.data());
    result.dispose();
    // 1*1 + 2*2 + 4*3 + 5*4, and so on for the windows to the right, below, and both.
    const expected = [37, 47, 67, 77];
    const isRight = expected.every((value, i) => Math.abs((found[i] ?? Number.NaN) - value) < 1e-3);
    return isRight ? undefined : { case: 'wrong', found, expected };
  } catch (error) {
    return { case: 'thrown', reason: reasonOf(error) };
  }
}
