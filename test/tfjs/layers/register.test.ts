import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CustomLayerConfigs, customClassNames } from '../../../codegen/tfjs/layers/config.js';
import { registerLayers } from '../../../codegen/tfjs/layers/register.js';
import { layers } from './run-layer.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A full configuration of each layer, with no value that is a default. */
const configs: { readonly [K in keyof CustomLayerConfigs]: CustomLayerConfigs[K] } = {
  cropping: {
    name: 'a',
    cropping: [
      [1, 2],
      [0, 3],
    ],
  },
  padding: {
    name: 'b',
    mode: 'replicate',
    padding: [
      [1, 2],
      [0, 3],
      [4, 5],
    ],
  },
  upSampling: { name: 'c', size: [2, 3], interpolation: 'linear', alignCorners: true },
  batchNormalization: { name: 'd', momentum: 0.8, epsilon: 0.1, center: false, scale: true },
  groupNormalization: { name: 'e', groups: 2, epsilon: 0.1, center: true, scale: false },
  layerNormalization: { name: 'f', epsilon: 0.1, center: false, scale: true },
  groupedConv: {
    name: 'g',
    filters: 4,
    kernelSize: [1, 2, 3],
    strides: [3, 2, 1],
    dilationRate: [1, 1, 2],
    groups: 2,
    useBias: false,
    kernelInitializer: 'glorotUniform',
  },
  convTranspose: {
    name: 'h',
    filters: 4,
    kernelSize: [2, 3],
    strides: [3, 2],
    cropping: [
      [-1, 2],
      [0, -3],
    ],
    useBias: false,
    kernelInitializer: 'heUniform',
  },
  elu: { name: 'i', alpha: 0.3 },
  attention: { name: 'j', heads: 2 },
  positions: { name: 'k' },
  interpolation: { name: 'l', change: [-2, 3] },
  globalAverage: { name: 'm' },
  sinusoid: { name: 'n', channels: 6, period: 100 },
};

describe('registering', () => {
  test('twice gives the same factories, also by way of another namespace object', () => {
    expect(registerLayers(tf)).toBe(layers);
    expect(registerLayers({ ...tf })).toBe(layers);
  });

  test('each factory makes the class of its name, which tfjs finds', () => {
    const made: { readonly [K in keyof CustomLayerConfigs]: tf.layers.Layer } = {
      cropping: layers.cropping(configs.cropping),
      padding: layers.padding(configs.padding),
      upSampling: layers.upSampling(configs.upSampling),
      batchNormalization: layers.batchNormalization(configs.batchNormalization),
      groupNormalization: layers.groupNormalization(configs.groupNormalization),
      layerNormalization: layers.layerNormalization(configs.layerNormalization),
      groupedConv: layers.groupedConv(configs.groupedConv),
      convTranspose: layers.convTranspose(configs.convTranspose),
      elu: layers.elu(configs.elu),
      attention: layers.attention(configs.attention),
      positions: layers.positions(configs.positions),
      interpolation: layers.interpolation(configs.interpolation),
      globalAverage: layers.globalAverage(configs.globalAverage),
      sinusoid: layers.sinusoid(configs.sinusoid),
    };
    const map = tf.serialization.SerializationMap.getMap().classNameMap;
    for (const [name, layer] of Object.entries(made)) {
      // The entries of these objects have the keys of `made`.
      const key = name as keyof CustomLayerConfigs;
      expect(layer).toBeInstanceOf(tf.layers.Layer);
      expect(layer.getClassName()).toBe(customClassNames[key]);
      expect(map[customClassNames[key]]?.[0]).toBe(layer.constructor);
      expect(layer.getConfig()).toEqual({ ...configs[key], trainable: true });
    }
    expect(Object.keys(layers).sort()).toEqual(Object.keys(customClassNames).sort());
  });
});

describe('what can not be', () => {
  const conv = { ...configs.groupedConv, kernelSize: [3, 3], strides: [1, 1], dilationRate: [1, 1] };
  test.each<[string, () => unknown, RegExp]>([
    [
      'one axis',
      () => layers.upSampling({ size: [2], interpolation: 'nearest' }),
      /two or three spatial axes/,
    ],
    ['unequal lists', () => layers.groupedConv({ ...conv, strides: [1, 1, 1] }), /kernelSize, strides/],
    [
      'a negative padding',
      () =>
        layers.padding({
          mode: 'zero',
          padding: [
            [1, 1],
            [-1, 0],
          ],
        }),
      /padding must/,
    ],
    [
      'a half position',
      () =>
        layers.cropping({
          cropping: [
            [1, 0.5],
            [1, 0],
          ],
        }),
      /\[1,0\.5\]/,
    ],
    [
      'filters that do not divide',
      () => layers.groupedConv({ ...conv, filters: 5 }),
      /5 filters .* 2 groups/,
    ],
    ['channels that do not divide', () => layers.groupedConv(conv).build([null, 8, 8, 3]), /3 channels .* 2/],
    [
      'channels of a norm',
      () => layers.groupNormalization(configs.groupNormalization).build([null, 8, 8, 3]),
      /3 channels .* 2/,
    ],
    [
      'heads that do not divide',
      () => layers.attention({ heads: 2 }).apply([1, 2, 3].map(() => tf.input({ shape: [4, 4, 3] }))),
      /3 channels .* 2 heads/,
    ],
    [
      'an attention of one map',
      () => layers.attention({ heads: 1 }).apply(tf.input({ shape: [4, 4, 3] })),
      /a query/,
    ],
    [
      'positions of free sizes',
      () => layers.positions({}).apply(tf.input({ shape: [null, 4, 3] })),
      /sizes that are known/,
    ],
    [
      'another size for the same table',
      () => {
        const positions = layers.positions({});
        positions.apply(tf.input({ shape: [4, 4, 3] }));
        return positions.apply(tf.input({ shape: [4, 5, 3] }));
      },
      /expected axis 2 .* to have value 4/,
    ],
    ['a negative slope', () => layers.elu({ alpha: -1 }), /alpha must be at least 0/],
    [
      'more cropped than there is',
      () => layers.cropping(configs.cropping).computeOutputShape([null, 3, 8, 2]),
      /3 positions of spatial axis 0 are too few/,
    ],
    [
      'another rank',
      () => layers.cropping(configs.cropping).apply(tf.input({ shape: [4, 8, 8, 2] })),
      /expected ndim=4, found ndim=5/,
    ],
    [
      'other channels for the same weights',
      () => {
        const norm = layers.layerNormalization(configs.layerNormalization);
        norm.apply(tf.input({ shape: [4, 8, 2] }));
        return norm.apply(tf.input({ shape: [4, 8, 3] }));
      },
      /expected axis 3 .* to have value 2/,
    ],
    [
      'a short axis to mirror',
      () =>
        layers
          .padding({
            mode: 'reflect',
            padding: [
              [2, 0],
              [0, 3],
            ],
          })
          .apply(tf.ones([1, 3, 3, 1])),
      /reflecting 3 positions takes at least 4, not 3/,
    ],
  ])('%s', (_, make, message) => expect(make).toThrow(message));
});

describe('kernels start', () => {
  // Per axis ceil(3 / 2) = 2 inputs are heard; a kernel speaks to 9 positions.
  const [heard, spoken] = [4 * 60, 9 * 40];
  const limits = {
    heNormal: 2 * Math.sqrt(2 / heard),
    heUniform: Math.sqrt(6 / heard),
    glorotUniform: Math.sqrt(6 / (heard + spoken)),
    zeros: 0,
  } as const;
  test.each(['heNormal', 'heUniform', 'glorotUniform', 'zeros'] as const)('%s', (kernelInitializer) => {
    const layer = layers.convTranspose({
      filters: 40,
      kernelSize: [3, 3],
      strides: [2, 2],
      cropping: [
        [0, 0],
        [0, 0],
      ],
      useBias: true,
      kernelInitializer,
    });
    layer.build([null, null, null, 60]);
    const [kernel, bias] = layer.getWeights();
    const largest = (values: ArrayLike<number> = []) =>
      Array.from(values).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(kernel?.shape).toEqual([3, 3, 40, 60]);
    // 21,600 draws that all miss the outer tenth are out of the question.
    expect(largest(kernel?.dataSync())).toBeLessThanOrEqual(limits[kernelInitializer] * (1 + 1e-6));
    expect(largest(kernel?.dataSync())).toBeGreaterThanOrEqual(limits[kernelInitializer] * 0.9);
    expect(largest(bias?.dataSync())).toBe(0);
  });
});
