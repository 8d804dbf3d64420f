import type { Shape, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type GlobalAverageConfig } from '../config.js';
import { meansOfPositions } from '../kernels/standardise.js';
import { type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The class of means over all positions: `GlobalAverageConfig`. */
export function globalAverageLayer(tf: Tf): LayerClass<GlobalAverageConfig> {
  return class GlobalAverage extends tf.layers.Layer {
    static className = customClassNames.globalAverage;

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return onePosition(onlyShape(inputShape));
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        return tf.reshape(meansOfPositions(tf, x), onePosition(x.shape));
      });
    }
  };
}

/** (N, 1, ...1, C) of (N, ...spatial, C). */
function onePosition<Size extends number | null>(shape: readonly Size[]): (Size | 1)[] {
  return shape.map((size, i) => (i === 0 || i === shape.length - 1 ? size : 1));
}
