import type { serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type EluConfig } from '../config.js';
import { asRows } from '../kernels/along-axis.js';
import { type LayerClass, onlyTensor } from './layer-class.js';

/** The class of exponential linear units: `EluConfig`. */
export function eluLayer(tf: Tf): LayerClass<EluConfig> {
  return class Elu extends tf.layers.Layer {
    static className = customClassNames.elu;
    readonly #alpha: number;

    constructor(config: EluConfig) {
      super(config);
      if (!(config.alpha >= 0)) throw new Error(`alpha must be at least 0, not ${config.alpha}`);
      this.#alpha = config.alpha;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        return tf.reshape(elu(tf, asRows(tf, x), this.#alpha), x.shape);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), alpha: this.#alpha };
    }
  };
}

/** The slope depends only on the result y, which the next layer keeps anyway: 1 for y > 0, else y + alpha. */
function elu(tf: Tf, x: Tensor, alpha: number): Tensor {
  const apply = tf.customGrad((_, save) => {
    const value = tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha));
    if (typeof save === 'function') save([value]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tf.tidy(() => {
        const [y] = saved;
        if (!y) throw new Error('the saved result is missing');
        const positive = tf.mul(tf.step(y), 1 - alpha);
        return tf.mul(dy, tf.add(tf.minimum(y, 0), tf.add(positive, alpha)));
      });
    return { value, gradFunc };
  });
  return apply(x);
}
