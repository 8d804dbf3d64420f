/**
 * SeparableInstance: a 2D network with 19,429 trainable parameters.
 *
 * Input (N, 64, 80, 3), output (N, 64, 80, 4).
 */
import * as tf from '@tensorflow/tfjs';
import { registerLayers } from 'unet-lang/tfjs-layers';

/** The layers that TensorFlow.js lacks. */
const layers = registerLayers(tf);

/** A level of the network, counted from the top. */
interface Level {
  level: number;
  /** Channels of the input of the encoder. */
  inputChannels: number;
  /** Channels in the encoder, the upsampling and the decoder. */
  filters: number;
}

const levels: Level[] = [
  { level: 1, inputChannels: 3, filters: 8 }, // 64 x 80
  { level: 2, inputChannels: 8, filters: 16 }, // 32 x 40
  { level: 3, inputChannels: 16, filters: 32 }, // 16 x 20
];

/** Builds the model. Its weights start from their initializers. */
export function buildSeparableInstance(): tf.LayersModel {
  const input = tf.input({ shape: [64, 80, 3], name: 'input' });
  let x = input;

  // Encoder path: 64 x 80 to 8 x 10
  const skips: (Level & { skip: tf.SymbolicTensor })[] = [];
  for (const { level, inputChannels, filters } of levels) {
    const skip = separable(x, [inputChannels, filters], filters, `encoder_${level}`);
    skips.unshift({ level, inputChannels, filters, skip });
    x = apply(skip, tf.layers.maxPooling2d({ poolSize: 2, name: `pool_${level}.maxPool_1` }));
  }

  // Bottleneck: 8 x 10
  x = apply(
    separable(x, [32, 64], 64, 'bottleneck'),
    tf.layers.dropout({ rate: 0.5, name: 'bottleneck.dropout_1' }),
  );

  // Decoder path: 8 x 10 to 64 x 80
  for (const { level, filters, skip } of skips) {
    const up = apply(
      x,
      layers.upSampling({ size: [2, 2], interpolation: 'linear', name: `up_${level}.resize_1` }),
      tf.layers.conv2d({
        filters,
        kernelSize: 1,
        useBias: false,
        kernelInitializer: 'heNormal',
        name: `up_${level}.conv_1`,
      }),
    );
    const joined = apply([skip, up], tf.layers.concatenate({ name: `decoder_${level}.concat_1` }));
    x = separable(joined, [2 * filters, filters], filters, `decoder_${level}`);
  }

  // Head: 64 x 80
  const output = apply(
    x,
    tf.layers.conv2d({ filters: 4, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'SeparableInstance' });
}

/**
 * For each of `groups`: 3x3 depthwise convolution, instance normalization, leaky ReLU, 1x1 convolution,
 * instance normalization, leaky ReLU.
 */
function separable(
  input: tf.SymbolicTensor,
  groups: number[],
  filters: number,
  name: string,
): tf.SymbolicTensor {
  let x = input;
  for (const [i, channels] of groups.entries()) {
    x = apply(
      x,
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        padding: 'same',
        useBias: false,
        depthwiseInitializer: 'heNormal',
        name: `${name}.conv_${2 * i + 1}`,
      }),
      layers.groupNormalization({
        groups: channels,
        epsilon: 1e-5,
        center: true,
        scale: true,
        name: `${name}.instanceNorm_${2 * i + 1}`,
      }),
      tf.layers.leakyReLU({ alpha: 0.01, name: `${name}.leakyRelu_${2 * i + 1}` }),
      tf.layers.conv2d({
        filters,
        kernelSize: 1,
        useBias: false,
        kernelInitializer: 'heNormal',
        name: `${name}.conv_${2 * i + 2}`,
      }),
      layers.groupNormalization({
        groups: filters,
        epsilon: 1e-5,
        center: true,
        scale: true,
        name: `${name}.instanceNorm_${2 * i + 2}`,
      }),
      tf.layers.leakyReLU({ alpha: 0.01, name: `${name}.leakyRelu_${2 * i + 2}` }),
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
