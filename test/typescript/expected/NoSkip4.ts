/**
 * NoSkip4: a 2D network with 112,442 trainable parameters.
 *
 * Input (N, 188, 204, 1), output (N, 4, 20, 2).
 */
import * as tf from '@tensorflow/tfjs';

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels in the encoder, the upsampling and the decoder. */
  filters: number;
  /** Positions cropped from each side of the skip connection. */
  cropping: number;
}

const levels: Level[] = [
  { level: 1, filters: 4, cropping: 88 }, // encoder 184 x 200, decoder 4 x 20
  { level: 2, filters: 8, cropping: 40 }, // encoder 88 x 96, decoder 4 x 12
  { level: 3, filters: 16, cropping: 16 }, // encoder 40 x 44, decoder 4 x 8
];

/** Builds the model. Its weights start from their initializers. */
export function buildNoSkip4(): tf.LayersModel {
  const input = tf.input({ shape: [188, 204, 1], name: 'input' });
  let x = input;

  // Encoder path: 188 x 204 to 20 x 22
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, cropping } of levels) {
    const skip = double(x, filters, `encoder_${level}`);
    skips.unshift({ level, filters, cropping, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Encoder path, level 4: 20 x 22 to 8 x 9
  const encoder4 = double(x, 32, 'encoder_4');
  const pool4 = apply(encoder4, tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_4.maxPool_1' }));

  // Bottleneck: 8 x 9 to 4 x 5
  const bottleneck = double(pool4, 64, 'bottleneck');

  // Decoder path, level 4: 4 x 5 to 4 x 6
  const up4 = apply(
    bottleneck,
    tf.layers.conv2dTranspose({
      filters: 32,
      kernelSize: 2,
      strides: 2,
      kernelInitializer: 'heNormal',
      name: 'up_4.convTranspose_1',
    }),
  );
  x = double(up4, 32, 'decoder_4');

  // Decoder path: 4 x 6 to 4 x 20
  for (const { level, filters, cropping, skip } of skips) {
    const up = apply(
      x,
      tf.layers.conv2dTranspose({
        filters,
        kernelSize: 2,
        strides: 2,
        kernelInitializer: 'heNormal',
        name: `up_${level}.convTranspose_1`,
      }),
    );
    const cropped = apply(skip, tf.layers.cropping2D({ cropping, name: `skip_${level}.crop_1` }));
    const joined = apply([cropped, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = double(joined, filters, `decoder_${level}`);
  }

  // Head: 4 x 20
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'NoSkip4' });
}

/** Twice: 3x3 convolution, ReLU. */
function double(input: tf.SymbolicTensor, filters: number, name: string): tf.SymbolicTensor {
  let x = input;
  for (const i of [1, 2]) {
    x = apply(
      x,
      tf.layers.conv2d({ filters, kernelSize: 3, kernelInitializer: 'heNormal', name: `${name}.conv_${i}` }),
      tf.layers.reLU({ name: `${name}.relu_${i}` }),
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
