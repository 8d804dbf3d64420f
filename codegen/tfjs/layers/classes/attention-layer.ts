import type { Shape, serialization, Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { type AttentionConfig, customClassNames } from '../config.js';
import { exchange } from '../kernels/along-axis.js';
import { wholeNumbers } from '../kernels/axis-lists.js';
import { channelsOf, type LayerClass } from './layer-class.js';

/** The class of attention over all positions: `AttentionConfig`. */
export function attentionLayer(tf: Tf): LayerClass<AttentionConfig> {
  return class Attention extends tf.layers.Layer {
    static className = customClassNames.attention;
    readonly #heads: number;

    constructor(config: AttentionConfig) {
      super(config);
      wholeNumbers('heads', [config.heads], 1);
      this.#heads = config.heads;
    }

    override build(inputShape: Shape | Shape[]): void {
      const channels = channelsOf(shapeOfQuery(inputShape));
      if (channels % this.#heads !== 0) {
        throw new Error(`${channels} channels do not divide into ${this.#heads} heads`);
      }
      super.build(inputShape);
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return shapeOfQuery(inputShape);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const [query, key, value] = Array.isArray(inputs) ? inputs : [];
        if (!query || !key || !value) throw new Error('attention takes a query, a key and a value');
        return attend(tf, query, key, value, this.#heads);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), heads: this.#heads };
    }
  };
}

/** The three inputs have one shape. */
function shapeOfQuery(inputShape: Shape | Shape[]): Shape {
  const [first] = inputShape;
  if (!Array.isArray(first)) throw new Error('attention takes a query, a key and a value');
  return first;
}

/**
 * Treats each head as an entry of the batch, (N heads, P, d), because engines have no gradient for broadcast products.
 */
function attend(tf: Tf, query: Tensor, key: Tensor, value: Tensor, heads: number): Tensor {
  const [batch = 0] = query.shape;
  const channels = channelsOf(query.shape);
  const depth = channels / heads;
  const positions = query.size / Math.max(1, batch * channels);
  const perHead = (x: Tensor): Tensor3D =>
    tf.reshape(exchange(tf, x, [batch, positions, heads, depth]), [batch * heads, positions, depth]);
  const scores = tf.matMul(tf.mul<Tensor3D>(perHead(query), 1 / Math.sqrt(depth)), perHead(key), false, true);
  const attended = tf.matMul(tf.softmax(scores), perHead(value));
  return tf.reshape(exchange(tf, attended, [batch, heads, positions, depth]), query.shape);
}
