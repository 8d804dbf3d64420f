import type { Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { type CroppingConfig, customClassNames, type Ends } from '../config.js';
import { endsOf, entry, rankOf } from '../kernels/axis-lists.js';
import { opposites, zeroEnds } from '../kernels/zero-ends.js';
import { type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of layers that remove positions: `CroppingConfig`. */
export function croppingLayer(tf: Tf): LayerClass<CroppingConfig> {
  return class Cropping extends tf.layers.Layer {
    static className = customClassNames.cropping;
    readonly #cropping: [number, number][];
    readonly #ends: Ends[];

    constructor(config: CroppingConfig) {
      super(config);
      this.#cropping = endsOf('cropping', config.cropping, 0);
      this.#ends = opposites(this.#cropping);
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ cropping: this.#cropping }) + 2 })];
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return mapSpatial(onlyShape(inputShape), (size, axis) => {
        const [before, after] = entry(this.#cropping, axis);
        return size - before - after;
      });
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => zeroEnds(tf, onlyTensor(inputs), this.#ends));
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), cropping: this.#cropping };
    }
  };
}
