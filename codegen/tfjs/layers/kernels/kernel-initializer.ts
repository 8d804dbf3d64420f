import type { Tf } from '../../tf.js';
import type { KernelInitializer } from '../config.js';

type Initializer = ReturnType<Tf['initializers']['zeros']>;

/**
 * A kernel's initialiser by the numbers of connections. tfjs would read them off the kernel's shape, which gives
 * those of another layer for a transposed or a grouped convolution. The normal distribution is cut at two
 * standard deviations, as tfjs does.
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
