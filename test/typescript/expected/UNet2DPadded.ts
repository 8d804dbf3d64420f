/**
 * UNet2DPadded: a 2D network with 31,037,698 trainable parameters.
 *
 * Input (N, 512, 512, 3), output (N, 512, 512, 2).
 */
import * as tf from '@tensorflow/tfjs';

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels in the encoder, the upsampling and the decoder. */
  filters: number;
}

const levels: Level[] = [
  { level: 1, filters: 64 }, // 512 x 512
  { level: 2, filters: 128 }, // 256 x 256
  { level: 3, filters: 256 }, // 128 x 128
  { level: 4, filters: 512 }, // 64 x 64
];

/** Builds the model. Its weights start from their initializers. */
export function buildUNet2DPadded(): tf.LayersModel {
  const input = tf.input({ shape: [512, 512, 3], name: 'input' });
  let x = input;

  // Encoder path: 512 x 512 to 32 x 32
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters } of levels) {
    const skip = double(x, filters, `encoder_${level}`);
    skips.unshift({ level, filters, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 32 x 32
  x = double(x, 1024, 'bottleneck');

  // Decoder path: 32 x 32 to 512 x 512
  for (const { level, filters, skip } of skips) {
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
    x = double(joined, filters, `decoder_${level}`);
  }

  // Head: 512 x 512
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'UNet2DPadded' });
}

/** Twice: 3x3 convolution, batch normalization, ReLU. */
function double(input: tf.SymbolicTensor, filters: number, name: string): tf.SymbolicTensor {
  let x = input;
  for (const i of [1, 2]) {
    x = apply(
      x,
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
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
