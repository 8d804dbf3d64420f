import type { LayerVariable, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { customClassNames, type GroupedConvConfig, type KernelInitializer } from '../config.js';
import { entry, rankOf, wholeNumbers } from '../kernels/axis-lists.js';
import { convolveGroups } from '../kernels/grouped-convolution.js';
import { kernelInitializer } from '../kernels/kernel-initializer.js';
import { scaleAndCenter } from '../kernels/standardise.js';
import { channelsOf, inputsLike, type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of convolutions with groups, strides and dilations: `GroupedConvConfig`. */
export function groupedConvLayer(tf: Tf): LayerClass<GroupedConvConfig> {
  return class GroupedConv extends tf.layers.Layer {
    static className = customClassNames.groupedConv;
    readonly #filters: number;
    readonly #kernelSize: number[];
    readonly #strides: number[];
    readonly #dilation: number[];
    readonly #groups: number;
    readonly #useBias: boolean;
    readonly #initializer: KernelInitializer;
    #kernel: LayerVariable | undefined;
    #bias: LayerVariable | undefined;

    constructor(config: GroupedConvConfig) {
      super(config);
      const { filters, kernelSize, strides, dilationRate, groups } = config;
      wholeNumbers('filters and groups', [filters, groups], 1);
      if (filters % groups !== 0) throw new Error(`${filters} filters do not divide into ${groups} groups`);
      this.#filters = filters;
      this.#kernelSize = wholeNumbers('kernelSize', kernelSize, 1);
      this.#strides = wholeNumbers('strides', strides, 1);
      this.#dilation = wholeNumbers('dilationRate', dilationRate, 1);
      this.#groups = groups;
      this.#useBias = config.useBias;
      this.#initializer = config.kernelInitializer ?? 'heNormal';
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ kernelSize, strides, dilationRate }) + 2 })];
    }

    override build(inputShape: Shape | Shape[]): void {
      const input = onlyShape(inputShape);
      const channels = channelsOf(input);
      if (channels % this.#groups !== 0) {
        throw new Error(`${channels} channels do not divide into ${this.#groups} groups`);
      }
      const taps = this.#kernelSize.reduce((product, size) => product * size, 1);
      const [fanIn, fanOut] = [channels, this.#filters].map((count) => (count / this.#groups) * taps);
      const initializer = kernelInitializer(tf, this.#initializer, fanIn ?? 0, fanOut ?? 0);
      const shape = [...this.#kernelSize, channels / this.#groups, this.#filters];
      this.#kernel = this.addWeight('kernel', shape, 'float32', initializer);
      if (this.#useBias) {
        this.#bias = this.addWeight('bias', [this.#filters], 'float32', tf.initializers.zeros());
      }
      this.inputSpec = inputsLike(tf, input);
      super.build(inputShape);
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const mapped = mapSpatial(onlyShape(inputShape), (size, axis) => {
        const extent = (entry(this.#kernelSize, axis) - 1) * entry(this.#dilation, axis) + 1;
        return Math.floor((size - extent) / entry(this.#strides, axis)) + 1;
      });
      return [...mapped.slice(0, -1), this.#filters];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        if (!this.#kernel) throw new Error('the layer is not built');
        const steps = { strides: this.#strides, dilation: this.#dilation };
        const y = convolveGroups(tf, onlyTensor(inputs), this.#kernel.read(), this.#groups, steps);
        return scaleAndCenter(tf, y, undefined, this.#bias);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        filters: this.#filters,
        kernelSize: this.#kernelSize,
        strides: this.#strides,
        dilationRate: this.#dilation,
        groups: this.#groups,
        useBias: this.#useBias,
        kernelInitializer: this.#initializer,
      };
    }
  };
}
