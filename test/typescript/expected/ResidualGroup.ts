/**
 * ResidualGroup: a 3D network with 103,071 trainable parameters.
 *
 * Input (N, 16, 32, 32, 1), output (N, 16, 32, 32, 3).
 */
import * as tf from '@tensorflow/tfjs';
import { registerLayers } from 'unet-lang/tfjs-layers';

/** The layers that TensorFlow.js lacks. */
const layers = registerLayers(tf);

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels in the encoder, the pooling, the upsampling and the decoder. */
  filters: number;
  /** Kernel size in the encoder and the decoder. */
  kernelSize: number | [number, number, number];
  /** Padding of the pooling. */
  padding: [[number, number], [number, number], [number, number]];
  /** Strides of the pooling. */
  strides: number | [number, number, number];
  /** Strides of the upsampling. */
  upStrides: [number, number, number];
}

const levels: Level[] = [
  // 16 x 32 x 32
  {
    level: 1,
    filters: 8,
    kernelSize: [1, 3, 3],
    padding: [
      [0, 0],
      [0, 1],
      [0, 1],
    ],
    strides: [1, 2, 2],
    upStrides: [1, 2, 2],
  },
  // 16 x 16 x 16
  {
    level: 2,
    filters: 16,
    kernelSize: 3,
    padding: [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
    strides: 2,
    upStrides: [2, 2, 2],
  },
  // 8 x 8 x 8
  {
    level: 3,
    filters: 20,
    kernelSize: 3,
    padding: [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
    strides: 2,
    upStrides: [2, 2, 2],
  },
];

/** Builds the model. Its weights start from their initializers. */
export function buildResidualGroup(): tf.LayersModel {
  const input = tf.input({ shape: [16, 32, 32, 1], name: 'input' });
  let x = input;

  // Encoder path: 16 x 32 x 32 to 4 x 4 x 4
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, kernelSize, padding, strides, upStrides } of levels) {
    const skip = residual(x, filters, kernelSize, `encoder_${level}`);
    skips.unshift({ level, filters, kernelSize, padding, strides, upStrides, skip });
    x = apply(
      skip,
      layers.padding({ padding, mode: 'zero', name: `pool_${level}.conv_1.pad` }),
      tf.layers.conv3d({
        filters,
        kernelSize: strides,
        strides,
        kernelInitializer: 'heNormal',
        name: `pool_${level}.conv_1`,
      }),
    );
  }

  // Bottleneck: 4 x 4 x 4
  x = residual(x, 20, 3, 'bottleneck');

  // Decoder path: 4 x 4 x 4 to 16 x 32 x 32
  for (const { level, filters, kernelSize, upStrides, skip } of skips) {
    const up = apply(
      x,
      layers.convTranspose({
        filters,
        kernelSize: upStrides,
        strides: upStrides,
        cropping: [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        useBias: true,
        kernelInitializer: 'heNormal',
        name: `up_${level}.convTranspose_1`,
      }),
    );
    const sum = apply([skip, up], tf.layers.add({ name: `decoder_${level}.add_1` }));
    x = residual(sum, filters, kernelSize, `decoder_${level}`, 2);
  }

  // Head: 16 x 32 x 32
  const output = apply(
    x,
    tf.layers.conv3d({ filters: 3, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.activation({ activation: 'sigmoid', name: 'head.sigmoid_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'ResidualGroup' });
}

/**
 * Convolution, group normalization, ReLU, convolution, group normalization, plus a shortcut (1x1x1
 * convolution, group normalization), ReLU. Its `add` layers are numbered from `firstAdd` on.
 */
function residual(
  input: tf.SymbolicTensor,
  filters: number,
  kernelSize: number | [number, number, number],
  name: string,
  firstAdd = 1,
): tf.SymbolicTensor {
  const main = apply(
    input,
    tf.layers.conv3d({
      filters,
      kernelSize,
      padding: 'same',
      kernelInitializer: 'heNormal',
      name: `${name}.conv_1`,
    }),
    layers.groupNormalization({
      groups: 4,
      epsilon: 1e-5,
      center: true,
      scale: true,
      name: `${name}.groupNorm_1`,
    }),
    tf.layers.reLU({ name: `${name}.relu_1` }),
    tf.layers.conv3d({
      filters,
      kernelSize,
      padding: 'same',
      kernelInitializer: 'heNormal',
      name: `${name}.conv_2`,
    }),
    layers.groupNormalization({
      groups: 4,
      epsilon: 1e-5,
      center: true,
      scale: true,
      name: `${name}.groupNorm_2`,
    }),
  );
  const shortcut = apply(
    input,
    tf.layers.conv3d({ filters, kernelSize: 1, kernelInitializer: 'heNormal', name: `${name}.conv_3` }),
    layers.groupNormalization({
      groups: 4,
      epsilon: 1e-5,
      center: true,
      scale: true,
      name: `${name}.groupNorm_3`,
    }),
  );
  return apply(
    [main, shortcut],
    tf.layers.add({ name: `${name}.add_${firstAdd}` }),
    tf.layers.reLU({ name: `${name}.relu_2` }),
  );
}

/** Applies layers in sequence. Each returns one tensor. */
function apply(
  input: tf.SymbolicTensor | tf.SymbolicTensor[],
  ...chain: tf.layers.Layer[]
): tf.SymbolicTensor {
  return chain.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input) as tf.SymbolicTensor;
}
