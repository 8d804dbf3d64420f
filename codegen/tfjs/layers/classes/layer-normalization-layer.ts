import type { LayerVariable, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type LayerNormalizationConfig } from '../config.js';
import { asRows } from '../kernels/along-axis.js';
import { scaleAndCenter, standardise } from '../kernels/standardise.js';
import { channelsOf, inputsLike, type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The class of layer normalisations: `LayerNormalizationConfig`. */
export function layerNormalizationLayer(tf: Tf): LayerClass<LayerNormalizationConfig> {
  return class LayerNormalization extends tf.layers.Layer {
    static className = customClassNames.layerNormalization;
    readonly #epsilon: number;
    readonly #center: boolean;
    readonly #scale: boolean;
    #gamma: LayerVariable | undefined;
    #beta: LayerVariable | undefined;

    constructor(config: LayerNormalizationConfig) {
      super(config);
      this.#epsilon = config.epsilon;
      this.#center = config.center;
      this.#scale = config.scale;
    }

    override build(inputShape: Shape | Shape[]): void {
      const input = onlyShape(inputShape);
      const shape = [channelsOf(input)];
      const { ones, zeros } = tf.initializers;
      if (this.#scale) this.#gamma = this.addWeight('gamma', shape, 'float32', ones());
      if (this.#center) this.#beta = this.addWeight('beta', shape, 'float32', zeros());
      this.inputSpec = inputsLike(tf, input);
      super.build(inputShape);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        const normal = standardise(tf, asRows(tf, x), (rows) => tf.mean(rows, 2, true), this.#epsilon);
        return scaleAndCenter(tf, tf.reshape(normal, x.shape), this.#gamma, this.#beta);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        epsilon: this.#epsilon,
        center: this.#center,
        scale: this.#scale,
      };
    }
  };
}
