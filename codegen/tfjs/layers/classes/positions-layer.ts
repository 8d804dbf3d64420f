import type { LayerVariable, Shape, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type PositionsConfig } from '../config.js';
import { type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The initial values of a table, truncated at two standard deviations as in tfjs: see `PositionsConfig`. */
const START = { mean: 0, stddev: 0.02 };

/** The class of learned positions: `PositionsConfig`. */
export function positionsLayer(tf: Tf): LayerClass<PositionsConfig> {
  return class Positions extends tf.layers.Layer {
    static className = customClassNames.positions;
    #table: LayerVariable | undefined;

    override build(inputShape: Shape | Shape[]): void {
      const input = onlyShape(inputShape);
      const shape = input.slice(1).map((size) => {
        if (size === null) throw new Error('a table of positions needs sizes that are known');
        return size;
      });
      this.#table = this.addWeight('table', shape, 'float32', tf.initializers.truncatedNormal(START));
      const axes = Object.fromEntries(shape.map((size, i) => [i + 1, size]));
      this.inputSpec = [new tf.InputSpec({ ndim: input.length, axes })];
      super.build(inputShape);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        if (!this.#table) throw new Error('the layer is not built');
        const x = onlyTensor(inputs);
        const table = this.#table.read();
        // Add them as matrices: engines broadcast wrongly at rank 5.
        const sum = tf.add(tf.reshape(x, [-1, table.size]), tf.reshape(table, [1, table.size]));
        return tf.reshape(sum, x.shape);
      });
    }
  };
}
