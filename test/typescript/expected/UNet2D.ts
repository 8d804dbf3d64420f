/**
 * UNet2D: a 2D network with 31,030,658 trainable parameters.
 *
 * Input (N, 572, 572, 1), output (N, 388, 388, 2).
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
  { level: 1, filters: 64, cropping: 88 }, // encoder 568 x 568, decoder 388 x 388
  { level: 2, filters: 128, cropping: 40 }, // encoder 280 x 280, decoder 196 x 196
  { level: 3, filters: 256, cropping: 16 }, // encoder 136 x 136, decoder 100 x 100
  { level: 4, filters: 512, cropping: 4 }, // encoder 64 x 64, decoder 52 x 52
];

/** Builds the model. Its weights start from their initializers. */
export function buildUNet2D(): tf.LayersModel {
  const input = tf.input({ shape: [572, 572, 1], name: 'input' });
  let x = input;

  // Encoder path: 572 x 572 to 32 x 32
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, cropping } of levels) {
    const skip = double(x, filters, `encoder_${level}`);
    skips.unshift({ level, filters, cropping, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 32 x 32 to 28 x 28
  x = double(x, 1024, 'bottleneck');

  // Decoder path: 28 x 28 to 388 x 388
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

  // Head: 388 x 388
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'UNet2D' });
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
