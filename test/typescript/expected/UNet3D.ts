/**
 * UNet3D: a 3D network with 19,069,955 trainable parameters.
 *
 * Input (N, 132, 132, 116, 3), output (N, 44, 44, 28, 3).
 */
import * as tf from '@tensorflow/tfjs';
import { registerLayers } from 'unet-lang/tfjs-layers';

/** The layers that TensorFlow.js lacks. */
const layers = registerLayers(tf);

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels in the encoder and the decoder. */
  filters: number;
  /** Positions cropped from each side of the skip connection. */
  cropping: number;
}

const levels: Level[] = [
  { level: 1, filters: 64, cropping: 40 }, // encoder 128 x 128 x 112, decoder 44 x 44 x 28
  { level: 2, filters: 128, cropping: 16 }, // encoder 60 x 60 x 52, decoder 24 x 24 x 16
  { level: 3, filters: 256, cropping: 4 }, // encoder 26 x 26 x 22, decoder 14 x 14 x 10
];

/** Builds the model. Its weights start from their initializers. */
export function buildUNet3D(): tf.LayersModel {
  const input = tf.input({ shape: [132, 132, 116, 3], name: 'input' });
  let x = input;

  // Encoder path: 132 x 132 x 116 to 13 x 13 x 11
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, cropping } of levels) {
    const skip = double(x, [filters / 2, filters], `encoder_${level}`);
    skips.unshift({ level, filters, cropping, skip });
    x = apply(skip, tf.layers.maxPooling3d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 13 x 13 x 11 to 9 x 9 x 7
  x = double(x, [256, 512], 'bottleneck');

  // Decoder path: 9 x 9 x 7 to 44 x 44 x 28
  for (const { level, filters, cropping, skip } of skips) {
    const up = apply(
      x,
      layers.convTranspose({
        filters: 2 * filters,
        kernelSize: [2, 2, 2],
        strides: [2, 2, 2],
        cropping: [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        useBias: false,
        kernelInitializer: 'heNormal',
        name: `up_${level}.convTranspose_1`,
      }),
    );
    const cropped = apply(
      skip,
      layers.cropping({
        cropping: [
          [cropping, cropping],
          [cropping, cropping],
          [cropping, cropping],
        ],
        name: `skip_${level}.crop_1`,
      }),
    );
    const joined = apply([cropped, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = double(joined, [filters, filters], `decoder_${level}`);
  }

  // Head: 44 x 44 x 28
  const output = apply(
    x,
    tf.layers.conv3d({ filters: 3, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'UNet3D' });
}

/** For each of `filters`: 3x3x3 convolution, batch normalization, ReLU. */
function double(input: tf.SymbolicTensor, filters: number[], name: string): tf.SymbolicTensor {
  let x = input;
  for (const [i, channels] of filters.entries()) {
    x = apply(
      x,
      tf.layers.conv3d({
        filters: channels,
        kernelSize: 3,
        kernelInitializer: 'heNormal',
        name: `${name}.conv_${i + 1}`,
      }),
      layers.batchNormalization({
        momentum: 0.9,
        epsilon: 1e-5,
        center: false,
        scale: false,
        name: `${name}.batchNorm_${i + 1}`,
      }),
      tf.layers.reLU({ name: `${name}.relu_${i + 1}` }),
    );
  }
  return x;
}

/** Applies layers in sequence. Each returns one tensor. */
function apply(
  input: tf.SymbolicTensor | tf.SymbolicTensor[],
  ...chain: tf.layers.Layer[]
): tf.SymbolicTensor {
  return chain.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input) as tf.SymbolicTensor;
}
