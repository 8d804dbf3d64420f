import type { ConvTransposeConfig, Ends, GroupedConvConfig } from '../../../codegen/tfjs/layers/config.js';
import type { LayerCase } from './layer-case.js';

type Ranked = (axes: (d: number, h: number, w: number) => number[]) => Omit<LayerCase, 'name'>;

const pairs = (before: readonly number[], after: readonly number[]): Ends[] =>
  before.map((value, axis) => [value, after[axis] ?? 0]);

const padding =
  (mode: 'zero' | 'reflect' | 'replicate', sizes: Triple, starts: Triple, ends: Triple): Ranked =>
  (axes) => {
    const [before, after] = [axes(...starts), axes(...ends)];
    return {
      channels: 3,
      spatial: axes(...sizes),
      op: (b, x) => b.add('pad', [x], { mode, before, after }),
      layer: (layers) => layers.padding({ mode, padding: pairs(before, after) }),
    };
  };

const upSampling =
  (interpolation: 'nearest' | 'linear', sizes: Triple, factors: Triple, alignCorners = false): Ranked =>
  (axes) => {
    const size = axes(...factors);
    return {
      channels: 3,
      spatial: axes(...sizes),
      op: (b, x) => b.add('resize', [x], { mode: interpolation, factor: size, alignCorners }),
      layer: (layers) => layers.upSampling({ size, interpolation, alignCorners }),
    };
  };

type Triple = readonly [number, number, number];

interface Conv {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly sizes: Triple;
  readonly kernel: Triple;
  readonly strides?: Triple;
  readonly dilation?: Triple;
  readonly useBias?: boolean;
}

const groupedConv =
  ({ channels, filters, groups, sizes, useBias = true, ...conv }: Conv): Ranked =>
  (axes) => {
    const [kernelSize, strides] = [axes(...conv.kernel), axes(...(conv.strides ?? [1, 1, 1]))];
    const dilationRate = axes(...(conv.dilation ?? [1, 1, 1]));
    const config: GroupedConvConfig = { filters, kernelSize, strides, dilationRate, groups, useBias };
    const spatial = axes(...sizes);
    return {
      channels,
      spatial,
      convolves: true,
      op: (b, x) =>
        b.conv(x, filters, {
          kernel: kernelSize,
          stride: strides,
          dilation: dilationRate,
          residue: spatial.map((size, axis) => size % (strides[axis] ?? 1)),
          groups,
          bias: useBias,
        }),
      layer: (layers) => layers.groupedConv(config),
    };
  };

interface Transpose {
  readonly kernel: Triple;
  readonly strides: Triple;
  readonly before?: Triple;
  readonly after?: Triple;
  readonly useBias?: boolean;
}

const convTranspose =
  ({ kernel, strides, before = [0, 0, 0], after = [0, 0, 0], useBias = true }: Transpose): Ranked =>
  (axes) => {
    const [kernelSize, stride] = [axes(...kernel), axes(...strides)];
    const [first, last] = [axes(...before), axes(...after)];
    const cropping = pairs(first, last);
    const config: ConvTransposeConfig = { filters: 4, kernelSize, strides: stride, cropping, useBias };
    return {
      channels: 3,
      spatial: axes(2, 3, 4),
      // Kernels as large as the strides are products of matrices.
      convolves: kernelSize.some((size, axis) => size > (stride[axis] ?? 0)),
      op: (b, x) =>
        b.add('convTranspose', [x], {
          kernel: kernelSize,
          stride,
          before: first,
          after: last,
          channels: 4,
          bias: useBias,
          init: 'he_normal',
        }),
      layer: (layers) => layers.convTranspose(config),
    };
  };

const groupNorm =
  (groups: number, affine: boolean, eps: number): Ranked =>
  (axes) => ({
    channels: 6,
    spatial: axes(2, 3, 5),
    op: (b, x) => b.add('groupNorm', [x], { groups, affine, eps }),
    layer: (layers) => layers.groupNormalization({ groups, epsilon: eps, center: affine, scale: affine }),
  });

const batchNorm =
  (affine: boolean): Ranked =>
  (axes) => ({
    channels: 3,
    spatial: axes(2, 3, 5),
    op: (b, x) => b.add('batchNorm', [x], { affine, momentum: 0.1, eps: 0.01 }),
    layer: (layers) =>
      layers.batchNormalization({ momentum: 0.9, epsilon: 0.01, center: affine, scale: affine }),
  });

const layerNorm =
  (affine: boolean): Ranked =>
  (axes) => ({
    channels: 5,
    spatial: axes(2, 3, 4),
    op: (b, x) => b.add('layerNorm', [x], { affine, eps: 0.01 }),
    layer: (layers) => layers.layerNormalization({ epsilon: 0.01, center: affine, scale: affine }),
  });

const elu =
  (alpha: number): Ranked =>
  (axes) => ({
    channels: 3,
    spatial: axes(2, 3, 5),
    op: (b, x) => b.add('elu', [x], { alpha }),
    layer: (layers) => layers.elu({ alpha }),
  });

const attention =
  (heads: number): Ranked =>
  (axes) => ({
    channels: 6,
    spatial: axes(2, 3, 4),
    inputs: 3,
    op: (b, x) => b.add('attention', [x, x, x], { heads }),
    layer: (layers) => layers.attention({ heads }),
  });

const positions: Ranked = (axes) => ({
  channels: 3,
  spatial: axes(2, 3, 4),
  pinned: true,
  op: (b, x) => b.add('positions', [x], { size: axes(2, 3, 4) }),
  layer: (layers) => layers.positions({}),
});

/** Sizes, kernels and factors are for depth, height and width; 2D has the last two. */
const ranked: Readonly<Record<string, Ranked>> = {
  cropping: (axes) => {
    const [before, after] = [axes(1, 2, 0), axes(0, 1, 3)];
    return {
      channels: 3,
      spatial: axes(3, 5, 6),
      op: (b, x) => b.add('crop', [x], { before, after }),
      layer: (layers) => layers.cropping({ cropping: pairs(before, after) }),
    };
  },
  'padding zero': padding('zero', [2, 3, 4], [1, 2, 0], [0, 1, 3]),
  'padding reflect': padding('reflect', [3, 4, 5], [1, 2, 0], [0, 1, 3]),
  'padding reflect, all that there is': padding('reflect', [2, 3, 4], [1, 2, 3], [1, 2, 3]),
  'padding replicate': padding('replicate', [3, 4, 5], [1, 2, 0], [0, 1, 3]),
  'padding replicate, short axes': padding('replicate', [1, 2, 1], [2, 3, 1], [1, 4, 2]),
  'nearest upsampling': upSampling('nearest', [2, 3, 4], [4, 3, 2]),
  // Where i times a rounded 1 / factor falls short of a whole number.
  'nearest upsampling by large factors': upSampling('nearest', [1, 4, 5], [2, 49, 41]),
  'nearest upsampling of one axis': upSampling('nearest', [2, 3, 4], [1, 1, 3]),
  'linear upsampling': upSampling('linear', [2, 3, 4], [4, 3, 2]),
  'linear upsampling of one axis': upSampling('linear', [4, 3, 2], [2, 1, 1]),
  'linear upsampling of one position': upSampling('linear', [2, 1, 4], [3, 2, 5]),
  'linear upsampling on corners': upSampling('linear', [2, 3, 5], [3, 4, 2], true),
  'linear upsampling on corners, one position': upSampling('linear', [3, 1, 4], [1, 2, 3], true),
  'batch norm': batchNorm(true),
  'batch norm without scale': batchNorm(false),
  'group norm': groupNorm(3, true, 1e-3),
  'group norm without scale': groupNorm(2, false, 0.1),
  'instance norm': groupNorm(6, true, 1e-3),
  'layer norm': layerNorm(true),
  'layer norm without scale': layerNorm(false),
  elu: elu(0.7),
  'elu of a large slope': elu(2.5),
  'attention of one head': attention(1),
  'attention of three heads': attention(3),
  positions,
  'grouped conv': groupedConv({ channels: 4, filters: 6, groups: 2, sizes: [3, 5, 6], kernel: [2, 3, 1] }),
  'grouped conv with strides': groupedConv({
    channels: 6,
    filters: 3,
    groups: 3,
    sizes: [5, 8, 7],
    kernel: [2, 3, 3],
    strides: [2, 3, 1],
    useBias: false,
  }),
  'grouped conv with dilations': groupedConv({
    channels: 4,
    filters: 4,
    groups: 2,
    sizes: [4, 6, 8],
    kernel: [2, 3, 2],
    dilation: [2, 1, 3],
  }),
  'conv with strides and dilations': groupedConv({
    channels: 2,
    filters: 3,
    groups: 1,
    sizes: [5, 8, 9],
    kernel: [2, 3, 2],
    strides: [1, 2, 3],
    dilation: [2, 3, 2],
  }),
  'depthwise conv': groupedConv({ channels: 3, filters: 6, groups: 3, sizes: [4, 5, 6], kernel: [3, 2, 3] }),
  'depthwise conv with strides': groupedConv({
    channels: 3,
    filters: 3,
    groups: 3,
    sizes: [6, 5, 8],
    kernel: [3, 2, 3],
    strides: [3, 2, 2],
  }),
  'depthwise conv with unequal strides': groupedConv({
    channels: 2,
    filters: 4,
    groups: 2,
    sizes: [4, 5, 8],
    kernel: [2, 2, 3],
    strides: [2, 1, 2],
  }),
  'depthwise conv with dilations': groupedConv({
    channels: 3,
    filters: 6,
    groups: 3,
    sizes: [5, 6, 7],
    kernel: [2, 3, 2],
    dilation: [2, 2, 3],
  }),
  'depthwise conv with both': groupedConv({
    channels: 2,
    filters: 2,
    groups: 2,
    sizes: [6, 8, 9],
    kernel: [2, 2, 3],
    strides: [2, 3, 3],
    dilation: [3, 2, 2],
  }),
  'conv transpose, kernel as stride': convTranspose({ kernel: [2, 3, 2], strides: [2, 3, 2] }),
  'conv transpose without bias': convTranspose({ kernel: [2, 2, 2], strides: [2, 2, 2], useBias: false }),
  'conv transpose, kernel below stride': convTranspose({
    kernel: [1, 2, 3],
    strides: [2, 3, 5],
    after: [0, -1, -2],
  }),
  'conv transpose, kernel above stride': convTranspose({
    kernel: [3, 4, 5],
    strides: [2, 2, 2],
    before: [1, 1, 0],
    after: [0, 1, 2],
  }),
  'conv transpose of stride 1': convTranspose({
    kernel: [2, 3, 4],
    strides: [1, 1, 1],
    before: [0, 1, 2],
    after: [1, 1, 1],
  }),
  'conv transpose, larger than its blocks': convTranspose({
    kernel: [2, 3, 1],
    strides: [2, 2, 3],
    before: [-1, 1, -4],
    after: [2, -3, 1],
  }),
};

/** Every case at both ranks. */
export const cases: readonly LayerCase[] = Object.entries(ranked).flatMap(([name, make]) =>
  ([2, 3] as const).map((rank) => ({
    ...make((d, h, w) => [d, h, w].slice(3 - rank)),
    name: `${name}, ${rank}D`,
  })),
);
