/**
 * UNet2DPaddedBilinear: a 2D network with 17,263,042 trainable parameters.
 *
 * Input (N, 512, 512, 3), output (N, 512, 512, 2).
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
  /** Channels in the decoder. */
  decoderFilters: number;
}

const levels: Level[] = [
  { level: 1, filters: 64, decoderFilters: 64 }, // 512 x 512
  { level: 2, filters: 128, decoderFilters: 64 }, // 256 x 256
  { level: 3, filters: 256, decoderFilters: 128 }, // 128 x 128
  { level: 4, filters: 512, decoderFilters: 256 }, // 64 x 64
];

/** Builds the model. Its weights start from their initializers. */
export function buildUNet2DPaddedBilinear(): tf.LayersModel {
  const input = tf.input({ shape: [512, 512, 3], name: 'input' });
  let x = input;

  // Encoder path: 512 x 512 to 32 x 32
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, filters, decoderFilters } of levels) {
    const skip = double(x, [filters, filters], `encoder_${level}`);
    skips.unshift({ level, filters, decoderFilters, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 32 x 32
  x = double(x, [512, 512], 'bottleneck');

  // Decoder path: 32 x 32 to 512 x 512
  for (const { level, filters, decoderFilters, skip } of skips) {
    const up = apply(
      x,
      layers.upSampling({
        size: [2, 2],
        interpolation: 'linear',
        alignCorners: true,
        name: `up_${level}.resize_1`,
      }),
    );
    const joined = apply([skip, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = double(joined, [filters, decoderFilters], `decoder_${level}`);
  }

  // Head: 512 x 512
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'UNet2DPaddedBilinear' });
}

/** For each of `filters`: 3x3 convolution, batch normalization, ReLU. */
function double(input: tf.SymbolicTensor, filters: number[], name: string): tf.SymbolicTensor {
  let x = input;
  for (const [i, channels] of filters.entries()) {
    x = apply(
      x,
      tf.layers.conv2d({
        filters: channels,
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        kernelInitializer: 'heNormal',
        name: `${name}.conv_${i + 1}`,
      }),
      tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, name: `${name}.batchNorm_${i + 1}` }),
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
