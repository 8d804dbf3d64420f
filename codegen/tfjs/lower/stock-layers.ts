import type { Ends, KernelInitializer } from '../layers/config.js';
import type { Tf } from '../tf.js';

interface Conv {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly useBias: boolean;
  readonly kernelInitializer: KernelInitializer;
}

interface DepthwiseConv {
  readonly kernelSize: readonly number[];
  readonly strides: number;
  readonly padding: 'valid' | 'same';
  readonly depthMultiplier: number;
  readonly useBias: boolean;
  readonly depthwiseInitializer: KernelInitializer;
}

interface Pooling {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid';
}

interface Norm {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/** The arguments of tfjs's own layers that lowerings use; lists have one entry per spatial axis. */
export interface StockLayerConfigs {
  readonly activation: { readonly activation: 'sigmoid' | 'swish' | 'gelu' };
  readonly add: Record<never, never>;
  readonly averagePooling2d: Pooling;
  readonly averagePooling3d: Pooling;
  readonly batchNormalization: Norm & { readonly momentum: number };
  readonly concatenate: { readonly axis: number };
  readonly conv2d: Conv;
  readonly conv2dTranspose: Conv;
  readonly conv3d: Conv;
  readonly cropping2D: { readonly cropping: readonly Ends[] };
  readonly depthwiseConv2d: DepthwiseConv;
  readonly dropout: { readonly rate: number };
  readonly elu: Record<never, never>;
  readonly layerNormalization: Norm & { readonly axis: number };
  readonly leakyReLU: { readonly alpha: number };
  readonly maxPooling2d: Pooling;
  readonly maxPooling3d: Pooling;
  readonly multiply: Record<never, never>;
  readonly prelu: {
    readonly sharedAxes: readonly number[];
    readonly alphaInitializer: {
      readonly className: 'Constant';
      readonly config: { readonly value: number };
    };
  };
  readonly reLU: Record<never, never>;
  readonly softmax: { readonly axis: number };
  readonly upSampling2d: { readonly size: readonly number[]; readonly interpolation: 'nearest' };
  readonly zeroPadding2d: { readonly padding: readonly Ends[] };
}

/** The layers of tfjs that lowerings use, by the names of their factories in `tf.layers`. */
export type StockLayerName = keyof StockLayerConfigs & keyof Tf['layers'];

/** The class names of the layers in a model file. */
export const stockClassNames: { readonly [K in StockLayerName]: string } = {
  activation: 'Activation',
  add: 'Add',
  averagePooling2d: 'AveragePooling2D',
  averagePooling3d: 'AveragePooling3D',
  batchNormalization: 'BatchNormalization',
  concatenate: 'Concatenate',
  conv2d: 'Conv2D',
  conv2dTranspose: 'Conv2DTranspose',
  conv3d: 'Conv3D',
  cropping2D: 'Cropping2D',
  depthwiseConv2d: 'DepthwiseConv2D',
  dropout: 'Dropout',
  elu: 'ELU',
  layerNormalization: 'LayerNormalization',
  leakyReLU: 'LeakyReLU',
  maxPooling2d: 'MaxPooling2D',
  maxPooling3d: 'MaxPooling3D',
  multiply: 'Multiply',
  prelu: 'PReLU',
  reLU: 'ReLU',
  softmax: 'Softmax',
  upSampling2d: 'UpSampling2D',
  zeroPadding2d: 'ZeroPadding2D',
};
