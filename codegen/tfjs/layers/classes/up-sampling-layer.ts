import type { Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type UpSamplingConfig } from '../config.js';
import { entry, rankOf, wholeNumbers } from '../kernels/axis-lists.js';
import { enlargeLinear, enlargeNearest } from '../kernels/resample.js';
import { type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of layers that enlarge by whole factors: `UpSamplingConfig`. */
export function upSamplingLayer(tf: Tf): LayerClass<UpSamplingConfig> {
  return class UpSampling extends tf.layers.Layer {
    static className = customClassNames.upSampling;
    readonly #size: number[];
    readonly #interpolation: UpSamplingConfig['interpolation'];
    readonly #alignCorners: boolean;

    constructor(config: UpSamplingConfig) {
      super(config);
      this.#size = wholeNumbers('size', config.size, 1);
      this.#interpolation = config.interpolation;
      this.#alignCorners = config.alignCorners ?? false;
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ size: this.#size }) + 2 })];
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return mapSpatial(onlyShape(inputShape), (size, axis) => size * entry(this.#size, axis));
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        switch (this.#interpolation) {
          case 'nearest':
            return enlargeNearest(tf, x, this.#size);
          case 'linear':
            return enlargeLinear(tf, x, this.#size, this.#alignCorners);
          default: {
            const unknown: never = this.#interpolation;
            throw new Error(`the interpolation ${unknown} is not known`);
          }
        }
      });
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        size: this.#size,
        interpolation: this.#interpolation,
        alignCorners: this.#alignCorners,
      };
    }
  };
}
