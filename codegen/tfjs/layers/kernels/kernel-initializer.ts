import type { Tf } from '../../tf.js';
import type { KernelInitializer } from '../config.js';

type Initializer = ReturnType<Tf['initializers']['zeros']>;

/**
 * The initializer of a kernel, from its fans. tfjs would compute the fans from the kernel's shape, which is wrong for a
 * transposed or a grouped convolution. The normal distribution is truncated at two standard deviations, as in tfjs.
 */
export function kernelInitializer(
  tf: Tf,
  name: KernelInitializer,
  fanIn: number,
  fanOut: number,
): Initializer {
  const uniform = (limit: number) => tf.initializers.randomUniform({ minval: -limit, maxval: limit });
  switch (name) {
    case 'heNormal':
      return tf.initializers.truncatedNormal({ mean: 0, stddev: Math.sqrt(2 / fanIn) });
    case 'heUniform':
      return uniform(Math.sqrt(6 / fanIn));
    case 'glorotUniform':
      return uniform(Math.sqrt(6 / (fanIn + fanOut)));
    case 'zeros':
      return tf.initializers.zeros();
    default: {
      const unknown: never = name;
      throw new Error(`the initialiser ${unknown} is not known`);
    }
  }
}
