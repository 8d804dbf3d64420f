import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { reasonOf } from '../../../diagnostics/failure.js';

/**
 * Runs one convolution whose result is known. Why the engine can't be used, or undefined where it can: a native
 * library or a driver may load well and fail, or compute nonsense, at the first operation.
 */
export async function brokenEngine(tf: Tf): Promise<string | undefined> {
  try {
    const result = tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      return tf.conv2d(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]), 1, 'valid');
    });
    const values = await result.data();
    result.dispose();
    // 1*1 + 2*2 + 4*3 + 5*4, and so on for the windows to the right, below, and both.
    const expected = [37, 47, 67, 77];
    return expected.every((value, i) => Math.abs((values[i] ?? Number.NaN) - value) < 1e-3)
      ? undefined
      : `its convolution gives ${Array.from(values).join(', ')} instead of ${expected.join(', ')}`;
  } catch (error) {
    return reasonOf(error);
  }
}
