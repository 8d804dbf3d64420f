/**
 * Repeats: a 2D network with 164,106 trainable parameters.
 *
 * Input (N, 48, 64, 3), output (N, 48, 64, 2).
 */
import * as tf from '@tensorflow/tfjs';

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels in the encoder, the upsampling and the decoder. */
  filters: number;
  /** Number of consecutive convolutions in the encoder and the decoder. */
  repeat: number;
}

const levels1To2: Level[] = [
  { level: 1, filters: 4, repeat: 1 }, // 48 x 64
  { level: 2, filters: 8, repeat: 2 }, // 24 x 32
];
const levels3To4: Level[] = [
  { level: 3, filters: 16, repeat: 3 }, // 12 x 16
  { level: 4, filters: 32, repeat: 4 }, // 6 x 8
];

/** Builds the model. Its weights start from their initializers. */
export function buildRepeats(): tf.LayersModel {
  const input = tf.input({ shape: [48, 64, 3], name: 'input' });
  let x = input;

  // Encoder path, levels 1 to 2: 48 x 64 to 12 x 16
  const skips1To2: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, repeat } of levels1To2) {
    const skip = double(x, filters, repeat, `encoder_${level}`);
    skips1To2.unshift({ level, filters, repeat, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Encoder path, levels 3 to 4: 12 x 16 to 3 x 4
  const skips3To4: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, repeat } of levels3To4) {
    const skip = apply(
      double(x, filters, repeat, `encoder_${level}`),
      tf.layers.dropout({ rate: 0.3, name: `encoder_${level}.dropout_1` }),
    );
    skips3To4.unshift({ level, filters, repeat, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 3 x 4
  x = apply(double(x, 64, 2, 'bottleneck'), tf.layers.dropout({ rate: 0.5, name: 'bottleneck.dropout_1' }));

  // Decoder path, levels 3 to 4: 3 x 4 to 12 x 16
  for (const { level, filters, repeat, skip } of skips3To4) {
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
    const joined = apply([skip, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = apply(
      double(joined, filters, repeat, `decoder_${level}`),
      tf.layers.dropout({ rate: 0.3, name: `decoder_${level}.dropout_1` }),
    );
  }

  // Decoder path, levels 1 to 2: 12 x 16 to 48 x 64
  for (const { level, filters, repeat, skip } of skips1To2) {
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
    const joined = apply([skip, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = double(joined, filters, repeat, `decoder_${level}`);
  }

  // Head: 48 x 64
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'Repeats' });
}

/** `repeat` times: 3x3 convolution, batch normalization, ReLU. */
function double(input: tf.SymbolicTensor, filters: number, repeat: number, name: string): tf.SymbolicTensor {
  let x = input;
  for (let i = 1; i <= repeat; i += 1) {
    x = apply(
      x,
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        padding: 'same',
        kernelInitializer: 'heNormal',
        name: `${name}.conv_${i}`,
      }),
      tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, name: `${name}.batchNorm_${i}` }),
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
