import type { LayerVariable, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';
import { type ConvTransposeConfig, customClassNames, type KernelInitializer } from '../config.js';
import { endsOf, entry, rankOf, wholeNumbers } from '../kernels/axis-lists.js';
import { kernelInitializer } from '../kernels/kernel-initializer.js';
import { scaleAndCenter } from '../kernels/standardise.js';
import { convolveTransposed } from '../kernels/transposed-convolution.js';
import { channelsOf, inputsLike, type LayerClass, mapSpatial, onlyShape, onlyTensor } from './layer-class.js';

/** The class of transposed convolutions: `ConvTransposeConfig`. */
export function convTransposeLayer(tf: Tf): LayerClass<ConvTransposeConfig> {
  return class ConvTranspose extends tf.layers.Layer {
    static className = customClassNames.convTranspose;
    readonly #filters: number;
    readonly #kernelSize: number[];
    readonly #strides: number[];
    readonly #cropping: [number, number][];
    readonly #useBias: boolean;
    readonly #initializer: KernelInitializer;
    #kernel: LayerVariable | undefined;
    #bias: LayerVariable | undefined;

    constructor(config: ConvTransposeConfig) {
      super(config);
      const { filters, kernelSize, strides, cropping } = config;
      wholeNumbers('filters', [filters], 1);
      this.#filters = filters;
      this.#kernelSize = wholeNumbers('kernelSize', kernelSize, 1);
      this.#strides = wholeNumbers('strides', strides, 1);
      this.#cropping = endsOf('cropping', cropping, Number.NEGATIVE_INFINITY);
      this.#useBias = config.useBias;
      this.#initializer = config.kernelInitializer ?? 'heNormal';
      this.inputSpec = [new tf.InputSpec({ ndim: rankOf({ kernelSize, strides, cropping }) + 2 })];
    }

    override build(inputShape: Shape | Shape[]): void {
      const input = onlyShape(inputShape);
      const channels = channelsOf(input);
      // An output depends on kernel / stride inputs per axis, rounded up; an input affects a whole kernel of outputs.
      const [heard, taps] = this.#kernelSize.reduce(
        ([near, all], size, axis) => [near * Math.ceil(size / entry(this.#strides, axis)), all * size],
        [1, 1],
      );
      const initializer = kernelInitializer(tf, this.#initializer, channels * heard, this.#filters * taps);
      const shape = [...this.#kernelSize, this.#filters, channels];
      this.#kernel = this.addWeight('kernel', shape, 'float32', initializer);
      if (this.#useBias) {
        this.#bias = this.addWeight('bias', [this.#filters], 'float32', tf.initializers.zeros());
      }
      this.inputSpec = inputsLike(tf, input);
      super.build(inputShape);
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const mapped = mapSpatial(onlyShape(inputShape), (size, axis) => {
        const [before, after] = entry(this.#cropping, axis);
        return (size - 1) * entry(this.#strides, axis) + entry(this.#kernelSize, axis) - before - after;
      });
      return [...mapped.slice(0, -1), this.#filters];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        if (!this.#kernel) throw new Error('the layer is not built');
        const y = convolveTransposed(
          tf,
          onlyTensor(inputs),
          this.#kernel.read(),
          this.#strides,
          this.#cropping,
        );
        return scaleAndCenter(tf, y, undefined, this.#bias);
      });
    }

    override getConfig(): serialization.ConfigDict {
      return {
        ...super.getConfig(),
        filters: this.#filters,
        kernelSize: this.#kernelSize,
        strides: this.#strides,
        cropping: this.#cropping,
        useBias: this.#useBias,
        kernelInitializer: this.#initializer,
      };
    }
  };
}
