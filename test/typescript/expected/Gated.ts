/**
 * Gated: a 2D network with 24,178 trainable parameters.
 *
 * Input (N, 24, 40, 3), output (N, 24, 40, 2).
 */
import * as tf from '@tensorflow/tfjs';
import { registerLayers } from 'unet-lang/tfjs-layers';

/** The layers that TensorFlow.js lacks. */
const layers = registerLayers(tf);

/** Builds the model. Its weights start from their initializers. */
export function buildGated(): tf.LayersModel {
  const input = tf.input({ shape: [24, 40, 3], name: 'input' });

  // Encoder path, level 1: 24 x 40 to 12 x 20
  const encoder1 = gateBlock(input, 4, 'encoder_1');
  const pool1 = apply(encoder1, tf.layers.averagePooling2d({ poolSize: 2, name: 'pool_1.avgPool_1' }));

  // Encoder path, level 2: 12 x 20 to 6 x 10
  const encoder2 = stack(pool1, 'encoder_2');
  const pool2 = apply(encoder2, tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_2.maxPool_1' }));

  // Encoder path, level 3: 6 x 10 to 3 x 5
  const encoder3 = gateBlockWithLayerNorm(pool2, 'encoder_3');
  const pool3 = apply(encoder3, tf.layers.maxPooling2d({ poolSize: 2, name: 'pool_3.maxPool_1' }));

  // Bottleneck: 3 x 5
  const bottleneck = gateBlock(pool3, 32, 'bottleneck');

  // Decoder path, level 3: 3 x 5 to 6 x 10
  const up3 = apply(
    bottleneck,
    tf.layers.upSampling2d({ size: [2, 2], name: 'up_3.resize_1' }),
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: 'up_3.pad_1',
    }),
    tf.layers.conv2d({ filters: 16, kernelSize: 3, kernelInitializer: 'heNormal', name: 'up_3.conv_1' }),
  );
  const joined3 = apply([encoder3, up3], tf.layers.concatenate({ name: 'decoder_3.concat_1' }));
  const decoder3 = gateBlockWithLayerNorm(joined3, 'decoder_3');

  // Decoder path, level 2: 6 x 10 to 12 x 20
  const up2 = apply(
    decoder3,
    tf.layers.upSampling2d({ size: [2, 2], name: 'up_2.resize_1' }),
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: 'up_2.pad_1',
    }),
    tf.layers.conv2d({ filters: 8, kernelSize: 3, kernelInitializer: 'heNormal', name: 'up_2.conv_1' }),
  );
  const joined2 = apply([encoder2, up2], tf.layers.concatenate({ name: 'decoder_2.concat_1' }));
  const decoder2 = stack(joined2, 'decoder_2');

  // Decoder path, level 1: 12 x 20 to 24 x 40
  const up1 = apply(
    decoder2,
    tf.layers.upSampling2d({ size: [2, 2], name: 'up_1.resize_1' }),
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: 'up_1.pad_1',
    }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3, kernelInitializer: 'heNormal', name: 'up_1.conv_1' }),
  );
  const joined1 = apply([encoder1, up1], tf.layers.concatenate({ name: 'decoder_1.concat_1' }));
  const decoder1 = gateBlock(joined1, 4, 'decoder_1');

  // Head: 24 x 40
  const output = apply(
    decoder1,
    tf.layers.conv2d({ filters: 2, kernelSize: 1, kernelInitializer: 'heNormal', name: 'head.conv_1' }),
    tf.layers.softmax({ axis: -1, name: 'head.softmax_1' }),
  );
  return tf.model({ inputs: input, outputs: output, name: 'Gated' });
}

/** `double`, 3 times: `gateBlock`, 1x1 convolution. */
function stack(input: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  let x = double(input, `${name}.double_1`);
  for (const i of [1, 2, 3]) {
    x = gateBlock(x, 8, `${name}.Gate_${i}`);
  }
  return apply(
    x,
    tf.layers.conv2d({ filters: 8, kernelSize: 1, kernelInitializer: 'heNormal', name: `${name}.conv_1` }),
  );
}

/** Reflect padding, 3x3 convolution, PReLU. */
function double(input: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  return apply(
    input,
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: `${name}.pad_1`,
    }),
    tf.layers.conv2d({ filters: 8, kernelSize: 3, kernelInitializer: 'heNormal', name: `${name}.conv_1` }),
    tf.layers.prelu({
      sharedAxes: [1, 2],
      alphaInitializer: tf.initializers.constant({ value: 0.25 }),
      name: `${name}.prelu_1`,
    }),
  );
}

/** Reflect padding, 3x3 convolution, layer normalization, times (1x1 convolution, sigmoid). */
function gateBlockWithLayerNorm(input: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  const features = apply(
    input,
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: `${name}.pad_1`,
    }),
    tf.layers.conv2d({ filters: 16, kernelSize: 3, kernelInitializer: 'heNormal', name: `${name}.conv_1` }),
    tf.layers.layerNormalization({ epsilon: 1e-5, name: `${name}.layerNorm_1` }),
  );
  const gate = apply(
    features,
    tf.layers.conv2d({ filters: 16, kernelSize: 1, kernelInitializer: 'heNormal', name: `${name}.conv_2` }),
    tf.layers.activation({ activation: 'sigmoid', name: `${name}.sigmoid_1` }),
  );
  return apply([features, gate], tf.layers.multiply({ name: `${name}.mul_1` }));
}

/** Reflect padding, 3x3 convolution, times (1x1 convolution, sigmoid). */
function gateBlock(input: tf.SymbolicTensor, filters: number, name: string): tf.SymbolicTensor {
  const features = apply(
    input,
    layers.padding({
      padding: [
        [1, 1],
        [1, 1],
      ],
      mode: 'reflect',
      name: `${name}.pad_1`,
    }),
    tf.layers.conv2d({ filters, kernelSize: 3, kernelInitializer: 'heNormal', name: `${name}.conv_1` }),
  );
  const gate = apply(
    features,
    tf.layers.conv2d({ filters, kernelSize: 1, kernelInitializer: 'heNormal', name: `${name}.conv_2` }),
    tf.layers.activation({ activation: 'sigmoid', name: `${name}.sigmoid_1` }),
  );
  return apply([features, gate], tf.layers.multiply({ name: `${name}.mul_1` }));
}

/** Applies layers in sequence. Each returns one tensor. */
function apply(
  input: tf.SymbolicTensor | tf.SymbolicTensor[],
  ...chain: tf.layers.Layer[]
): tf.SymbolicTensor {
  return chain.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input) as tf.SymbolicTensor;
}
