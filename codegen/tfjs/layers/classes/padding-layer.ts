import type { Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type PaddingConfig } from '../config.js';
import { endsOf, entry, rankOf } from '../kernels/axis-lists.js';
import { padWithBorder } from '../kernels/border.js';
import { zeroEnds } from '../kernels/zero-ends.js';
import { type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of layers that add positions: `PaddingConfig`. */
export function paddingLayer(tf: Tf): LayerClass<PaddingConfig> {
  return class Padding extends tf.layers.Layer {
    static className = customClassNames.padding;
    readonly #padding: [number, number][];
    readonly #mode: PaddingConfig['mode'];

    constructor(config: PaddingConfig) {
      super(config);
      this.#padding = endsOf('padding', config.padding, 0);
      this.#mode = config.mode;
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ padding: this.#padding }) + 2 })];
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return mapSpatial(onlyShape(inputShape), (size, axis) => {
        const [before, after] = entry(this.#padding, axis);
        return before + size + after;
      });
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        switch (this.#mode) {
          case 'zero':
            return zeroEnds(tf, x, this.#padding);
          case 'reflect':
          case 'replicate':
            return padWithBorder(tf, x, this.#padding, this.#mode);
          default: {
            const unknown: never = this.#mode;
            throw new Error(`the padding mode ${unknown} is not known`);
          }
        }
      });
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), padding: this.#padding, mode: this.#mode };
    }
  };
}
