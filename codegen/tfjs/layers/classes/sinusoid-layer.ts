import type { Shape, serialization, Tensor } from '@tensorflow/tfjs';
import { sinusoidFrequencies } from '../../../../src/ir/sinusoid.js';
import type { Tf } from '../../tf.js';
import { customClassNames, type SinusoidConfig } from '../config.js';
import { wholeNumbers } from '../kernels/axis-lists.js';
import { type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The class of sinusoidal embeddings: `SinusoidConfig`. */
export function sinusoidLayer(tf: Tf): LayerClass<SinusoidConfig> {
  return class Sinusoid extends tf.layers.Layer {
    static className = customClassNames.sinusoid;
    readonly #channels: number;
    readonly #period: number;

    constructor(config: SinusoidConfig) {
      super(config);
      wholeNumbers('channels', [config.channels], 4);
      if (config.channels % 2 !== 0) throw new Error(`channels must be even, not ${config.channels}`);
      if (!(config.period > 0)) throw new Error(`period must be above 0, not ${config.period}`);
      this.#channels = config.channels;
      this.#period = config.period;
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return [...onlyShape(inputShape).slice(0, -1), this.#channels];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        const frequencies = sinusoidFrequencies({ channels: this.#channels, period: this.#period });
        const angles = tf.mul(tf.reshape(x, [-1, 1]), tf.tensor2d([...frequencies], [1, frequencies.length]));
        return tf.reshape(tf.concat([tf.sin(angles), tf.cos(angles)], 1), [
          ...x.shape.slice(0, -1),
          this.#channels,
        ]);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), channels: this.#channels, period: this.#period };
    }
  };
}
