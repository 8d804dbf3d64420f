/**
 * Plain: a 2D network with 1,969 trainable parameters.
 *
 * Input (N, 32, 40, 1), output (N, 32, 40, 1).
 */
import * as tf from '@tensorflow/tfjs';

/** Builds the model. Its weights start from their initializers. */
export function buildPlain(): tf.LayersModel {
  const input = tf.input({ shape: [32, 40, 1], name: 'input' });
  let x = input;

  // Encoder path: 32 x 40 to 4 x 5
  for (const level of [1, 2, 3]) {
    x = apply(
      double(x, `encoder_${level}`),
      tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }),
    );
  }

  // Bottleneck: 4 x 5
  x = double(x, 'bottleneck');

  // Decoder path: 4 x 5 to 32 x 40
  for (const level of [3, 2, 1]) {
    const up = apply(x, tf.layers.upSampling2d({ size: [2, 2], name: `up_${level}.resize_1` }));
    x = double(up, `decoder_${level}`);
  }

  // Head: 32 x 40
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.activation({ activation: 'sigmoid', name: 'head.sigmoid_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'Plain' });
}

/** Twice: 3x3 convolution, ReLU. */
function double(input: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  let x = input;
  for (const i of [1, 2]) {
    x = apply(
      x,
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        kernelInitializer: 'heNormal',
        name: `${name}.conv_${i}`,
      }),
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
