import type { LayerVariable, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { type BatchNormalizationConfig, customClassNames } from '../config.js';
import { asRows } from '../kernels/along-axis.js';
import { meansOfPositions, scaleAndCenter, standardise } from '../kernels/standardise.js';
import { channelsOf, inputsLike, type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The class of batch normalisations: `BatchNormalizationConfig`. */
export function batchNormalizationLayer(tf: Tf): LayerClass<BatchNormalizationConfig> {
  return class BatchNormalization extends tf.layers.Layer {
    static className = customClassNames.batchNormalization;
    readonly #momentum: number;
    readonly #epsilon: number;
    readonly #center: boolean;
    readonly #scale: boolean;
    #gamma: LayerVariable | undefined;
    #beta: LayerVariable | undefined;
    #moving: { readonly mean: LayerVariable; readonly variance: LayerVariable } | undefined;

    constructor(config: BatchNormalizationConfig) {
      super(config);
      this.#momentum = config.momentum;
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
      this.#moving = {
        mean: this.addWeight('moving_mean', shape, 'float32', zeros(), undefined, false),
        variance: this.addWeight('moving_variance', shape, 'float32', ones(), undefined, false),
      };
      this.inputSpec = inputsLike(tf, input);
      super.build(inputShape);
    }

    override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
      return tf.tidy(() => {
        const moving = this.#moving;
        if (!moving) throw new Error('the layer is not built');
        const x = onlyTensor(inputs);
        const rows = asRows(tf, x);
        if (!kwargs.training) {
          const [mean, variance] = [moving.mean.read(), moving.variance.read()];
          // If one of them is missing, tfjs fails to record the op for a gradient.
          const offset = this.#beta?.read() ?? tf.zerosLike(mean);
          const scale = this.#gamma?.read() ?? tf.onesLike(mean);
          return tf.reshape(tf.batchNorm(rows, mean, variance, offset, scale, this.#epsilon), x.shape);
        }
        const means = (value: Tensor) => tf.mean(meansOfPositions(tf, tf.reshape(value, x.shape)), 0);
        const normal = standardise(tf, rows, means, this.#epsilon, (mean, variance) => {
          this.#follow(moving.mean, mean);
          this.#follow(moving.variance, variance);
        });
        return scaleAndCenter(tf, tf.reshape(normal, x.shape), this.#gamma, this.#beta);
      });
    }

    /** running = momentum running + (1 - momentum) batch. */
    #follow(running: LayerVariable, batch: Tensor): void {
      const old = running.read();
      const step = tf.mul(tf.sub(batch, old), 1 - this.#momentum);
      running.write(tf.add(old, step));
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        momentum: this.#momentum,
        epsilon: this.#epsilon,
        center: this.#center,
        scale: this.#scale,
      };
    }
  };
}
