import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';

type Layer = InstanceType<typeof tf.layers.Layer>;

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed });

/** The layers of tfjs that networks on images use. */
const imageLayers: Readonly<Record<string, () => Layer>> = {
  'conv2d with elu': () =>
    tf.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      padding: 'same',
      activation: 'elu',
      kernelInitializer: glorot(1),
    }),
  'conv2d with a stride': () =>
    tf.layers.conv2d({
      filters: 3,
      kernelSize: [1, 3],
      strides: 2,
      padding: 'same',
      kernelInitializer: glorot(1),
    }),
  'conv2d with a dilation': () =>
    tf.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      dilationRate: 2,
      activation: 'relu',
      kernelInitializer: glorot(1),
    }),
  conv2dTranspose: () =>
    tf.layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2, kernelInitializer: glorot(1) }),
  separableConv2d: () =>
    tf.layers.separableConv2d({
      filters: 3,
      kernelSize: 3,
      depthwiseInitializer: glorot(1),
      pointwiseInitializer: glorot(2),
    }),
  depthwiseConv2d: () =>
    tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, depthwiseInitializer: glorot(1) }),
  maxPooling2d: () => tf.layers.maxPooling2d({ poolSize: 2 }),
  averagePooling2d: () => tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  'upSampling2d, nearest': () => tf.layers.upSampling2d({ size: [2, 3] }),
  'upSampling2d, bilinear': () => tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
  zeroPadding2d: () => tf.layers.zeroPadding2d({ padding: [1, 2] }),
  cropping2D: () =>
    tf.layers.cropping2D({
      cropping: [
        [1, 0],
        [0, 2],
      ],
    }),
  batchNormalization: () => tf.layers.batchNormalization(),
  layerNormalization: () => tf.layers.layerNormalization(),
  prelu: () => tf.layers.prelu({ sharedAxes: [1, 2], alphaInitializer: 'ones' }),
  'prelu over channels': () => tf.layers.prelu({ sharedAxes: [3], alphaInitializer: 'ones' }),
  reLU: () => tf.layers.reLU({ maxValue: 0.5 }),
  leakyReLU: () => tf.layers.leakyReLU(),
  thresholdedReLU: () => tf.layers.thresholdedReLU({ theta: 0.2 }),
  elu: () => tf.layers.elu(),
  softmax: () => tf.layers.softmax({ axis: -1 }),
  gelu: () => tf.layers.activation({ activation: 'gelu' }),
  swish: () => tf.layers.activation({ activation: 'swish' }),
};

/** And on volumes. */
const volumeLayers: Readonly<Record<string, () => Layer>> = {
  'conv3d with relu': () =>
    tf.layers.conv3d({
      filters: 3,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: glorot(1),
    }),
  'conv3d with a stride over its kernel': () =>
    tf.layers.conv3d({
      filters: 3,
      kernelSize: 2,
      strides: 3,
      padding: 'same',
      kernelInitializer: glorot(1),
    }),
  conv3dTranspose: () =>
    tf.layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2, kernelInitializer: glorot(1) }),
  maxPooling3d: () => tf.layers.maxPooling3d({ poolSize: 2 }),
  averagePooling3d: () => tf.layers.averagePooling3d({ poolSize: 2, strides: 3, padding: 'same' }),
  prelu: () => tf.layers.prelu({ sharedAxes: [1, 2, 3], alphaInitializer: 'ones' }),
  reLU: () => tf.layers.reLU(),
};

/** Three steps of a convolution and the layer after it: the losses of each, and the output after them. */
async function train(engine: 'cpu' | 'wasm', make: () => Layer, shape: readonly number[]): Promise<number[]> {
  await tf.setBackend(engine);
  patchEngine(tf);
  const size = 2 * shape.reduce((product, length) => product * length, 1);
  const x = tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i)),
    [2, ...shape],
  );
  const input = tf.input({ shape: [...shape] });
  const options = { filters: shape.at(-1) ?? 1, kernelSize: 1, kernelInitializer: glorot(3) };
  const first = shape.length === 3 ? tf.layers.conv2d(options) : tf.layers.conv3d(options);
  // One input gives one output.
  const output = make().apply(first.apply(input)) as ReturnType<typeof tf.input>;
  const model = tf.model({ inputs: input, outputs: output });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  const before = model.predict(x) as tf.Tensor;
  const target = tf.fill(before.shape, 0.1);
  const { history } = await model.fit(x, target, { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 });
  const after = model.predict(x) as tf.Tensor;
  const found = [...(history.loss ?? []).map(Number), ...after.dataSync()];
  for (const tensor of [x, before, target, after]) tensor.dispose();
  model.dispose();
  return found;
}

const layers = [
  ...Object.entries(imageLayers).map(([name, make]) => [name, make, [8, 7, 4]] as const),
  ...Object.entries(volumeLayers).map(([name, make]) => [name, make, [6, 5, 6, 2]] as const),
];

describe('cpu and wasm train alike', () => {
  test.each(layers)('%s', async (_name, make, shape) => {
    const cpu = await train('cpu', make, shape);
    const wasm = await train('wasm', make, shape);
    expect(cpu.every(Number.isFinite)).toBe(true);
    expect(wasm.length).toBe(cpu.length);
    // The loss goes down: the gradient is no accident of both.
    expect(cpu[2]).toBeLessThan(cpu[0] ?? 0);
    const size = Math.max(...cpu.map(Math.abs));
    expect(Math.max(...cpu.map((value, i) => Math.abs(value - (wasm[i] ?? Number.NaN)))) / size).toBeLessThan(
      1e-5,
    );
  });
});
