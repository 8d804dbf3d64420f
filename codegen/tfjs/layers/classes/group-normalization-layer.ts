import type { LayerVariable, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type GroupNormalizationConfig } from '../config.js';
import { wholeNumbers } from '../kernels/axis-lists.js';
import { meansOfPositions, scaleAndCenter, standardise } from '../kernels/standardise.js';
import { channelsOf, inputsLike, type LayerClass, onlyShape, onlyTensor } from './layer-class.js';

/** The class of group normalisations: `GroupNormalizationConfig`. */
export function groupNormalizationLayer(tf: Tf): LayerClass<GroupNormalizationConfig> {
  return class GroupNormalization extends tf.layers.Layer {
    static className = customClassNames.groupNormalization;
    readonly #groups: number;
    readonly #epsilon: number;
    readonly #center: boolean;
    readonly #scale: boolean;
    #gamma: LayerVariable | undefined;
    #beta: LayerVariable | undefined;

    constructor(config: GroupNormalizationConfig) {
      super(config);
      wholeNumbers('groups', [config.groups], 1);
      this.#groups = config.groups;
      this.#epsilon = config.epsilon;
      this.#center = config.center;
      this.#scale = config.scale;
    }

    override build(inputShape: Shape | Shape[]): void {
      const input = onlyShape(inputShape);
      const channels = channelsOf(input);
      if (channels % this.#groups !== 0) {
        throw new Error(`${channels} channels do not divide into ${this.#groups} groups`);
      }
      const { ones, zeros } = tf.initializers;
      if (this.#scale) this.#gamma = this.addWeight('gamma', [channels], 'float32', ones());
      if (this.#center) this.#beta = this.addWeight('beta', [channels], 'float32', zeros());
      this.inputSpec = inputsLike(tf, input);
      super.build(inputShape);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const x = onlyTensor(inputs);
        const normal = tf.reshape(standardiseGroups(tf, x, this.#groups, this.#epsilon), x.shape);
        return scaleAndCenter(tf, normal, this.#gamma, this.#beta);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        groups: this.#groups,
        epsilon: this.#epsilon,
        center: this.#center,
        scale: this.#scale,
      };
    }
  };
}

function standardiseGroups(tf: Tf, x: Tensor, groups: number, epsilon: number): Tensor {
  const batch = x.shape[0] ?? 0;
  const channels = channelsOf(x.shape);
  const perGroup = channels / groups;
  const means = (value: Tensor) => {
    const ofChannels = meansOfPositions(tf, tf.reshape(value, x.shape));
    const ofGroups = tf.mean(tf.reshape(ofChannels, [batch * groups, perGroup]), 1, true);
    // Each channel gets the mean of its group.
    return tf.reshape(tf.mul(ofGroups, tf.ones([1, perGroup])), [batch, 1, channels]);
  };
  const positions = x.size / (batch * channels);
  return standardise(tf, tf.reshape(x, [batch, positions, channels]), means, epsilon);
}
