import type { Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type InterpolationConfig } from '../config.js';
import { entry, rankOf } from '../kernels/axis-lists.js';
import { interpolateTo } from '../kernels/resample.js';
import { type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of layers that change sizes by a few positions: `InterpolationConfig`. */
export function interpolationLayer(tf: Tf): LayerClass<InterpolationConfig> {
  return class Interpolation extends tf.layers.Layer {
    static className = customClassNames.interpolation;
    readonly #change: number[];

    constructor(config: InterpolationConfig) {
      super(config);
      if (!config.change.every(Number.isInteger)) {
        throw new Error(`change must be whole numbers, not ${JSON.stringify(config.change)}`);
      }
      this.#change = [...config.change];
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ change: this.#change }) + 2 })];
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return mapSpatial(onlyShape(inputShape), (size, axis) => size + entry(this.#change, axis));
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        return interpolateTo(
          tf,
          x,
          this.#change.map((change, axis) => entry(x.shape, axis + 1) + change),
        );
      });
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), change: this.#change };
    }
  };
}
