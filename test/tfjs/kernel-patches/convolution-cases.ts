import type { Tensor4D, Tensor5D, Tensor as TfTensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { convolution, transposedConvolution } from '../../reference/convolution.js';
import { channelsFirst, channelsLast, filterFirst } from './image-layout.js';
import { type OpCase, type Random, randomFrom, randomValues, type Values } from './op-case.js';

type Sizes = readonly number[];
export type Padding = 'valid' | 'same';

export interface ConvolutionSpec {
  readonly batch: number;
  readonly spatial: Sizes;
  readonly channelsIn: number;
  /** Out of each input channel for a depthwise convolution, of all together for the others. */
  readonly channelsOut: number;
  readonly kernel: Sizes;
  readonly stride: Sizes;
  readonly dilation: Sizes;
  readonly padding: Padding;
}

/** tf.conv2d or tf.conv3d by the rank. */
export function convolutionCase(spec: ConvolutionSpec, seed: number): OpCase {
  const random = randomFrom(seed);
  const { kernel, stride, dilation, padding } = spec;
  return {
    name: nameOf('conv', spec),
    inputs: [
      image(random, spec.spatial, spec),
      randomValues(random, [...kernel, spec.channelsIn, spec.channelsOut]),
    ],
    run: (tf, [x, filter]) => runConvolution(tf, x, filter, stride, padding, dilation),
    define: ([x, filter]) => defineConvolution(x, filter, spec, spec.channelsOut, 1),
  };
}

/** tf.depthwiseConv2d. */
export function depthwiseCase(spec: ConvolutionSpec, seed: number): OpCase {
  const random = randomFrom(seed);
  const { channelsIn, channelsOut, kernel, stride, dilation, padding } = spec;
  return {
    name: nameOf('depthwise', spec),
    inputs: [image(random, spec.spatial, spec), randomValues(random, [...kernel, channelsIn, channelsOut])],
    run: (tf, [x, filter]) =>
      tf.depthwiseConv2d(as4d(x), as4d(filter), pair(stride), padding, 'NHWC', pair(dilation)),
    // (kh, kw, C, M) has the bytes of (kh, kw, 1, C M): output channel c M + m comes from channel c.
    define: ([x, filter]) =>
      defineConvolution(
        x,
        filter && { shape: [...kernel, 1, channelsIn * channelsOut], data: filter.data },
        spec,
        channelsIn * channelsOut,
        channelsIn,
      ),
  };
}

/** tf.fused.conv2d with a bias and relu, which layers use outside of training. */
export function fusedConvolutionCase(spec: ConvolutionSpec, seed: number): OpCase {
  const { inputs, name, define } = convolutionCase(spec, seed);
  const { stride, dilation, padding, channelsOut } = spec;
  return {
    name: `fused ${name}`,
    inputs: [...inputs, randomValues(randomFrom(seed + 1), [channelsOut])],
    run: (tf, [x, filter, bias]) =>
      tf.fused.conv2d({
        x: as4d(x),
        filter: as4d(filter),
        bias: need(bias),
        strides: pair(stride),
        pad: padding,
        dilations: pair(dilation),
        activation: 'relu',
      }),
    define: (values) => {
      const { shape, data } = define(values);
      const bias = need(values[2]).data;
      return { shape, data: data.map((value, i) => Math.max(value + (bias[i % channelsOut] ?? 0), 0)) };
    },
  };
}

/** tf.conv2dTranspose or tf.conv3dTranspose by the rank. `spatial` is the size of the (smaller) input. */
export function transposedCase(spec: ConvolutionSpec, seed: number): OpCase {
  const random = randomFrom(seed);
  const { batch, spatial, channelsIn, channelsOut, kernel, stride, padding } = spec;
  const outSpatial = spatial.map((n, axis) => {
    const [k, s] = [at(kernel, axis), at(stride, axis)];
    return padding === 'same' ? n * s : (n - 1) * s + Math.max(k, s);
  });
  const before = spatial.map((n, axis) => {
    const total = (n - 1) * at(stride, axis) + at(kernel, axis) - at(outSpatial, axis);
    return padding === 'same' ? Math.floor(Math.max(total, 0) / 2) : 0;
  });
  return {
    name: nameOf('transposed', spec),
    inputs: [image(random, spatial, spec), randomValues(random, [...kernel, channelsOut, channelsIn])],
    run: (tf, [x, filter]) => {
      const shape = [batch, ...outSpatial, channelsOut];
      return spatial.length === 2
        ? tf.conv2dTranspose(as4d(x), as4d(filter), quad(shape), pair(stride), padding)
        : tf.conv3dTranspose(as5d(x), as5d(filter), quint(shape), triple(stride), padding);
    },
    define: ([x, filter]) => {
      const attributes = { kernel, stride, before, after: before, channels: channelsOut, bias: false };
      return channelsLast(
        transposedConvolution(
          channelsFirst(need(x)),
          filterFirst(need(filter)).data,
          undefined,
          { ...attributes, init: 'he_normal' },
          outSpatial,
        ),
      );
    },
  };
}

/** Random but seeded: all of the features at once, of either rank. */
export function randomSpec(
  random: Random,
  rank: number,
  limits: { readonly dilation: boolean },
): ConvolutionSpec {
  const pick = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const axes = Array.from({ length: rank });
  const dilation = limits.dilation && random() < 0.4 ? axes.map(() => pick(1, 3)) : axes.map(() => 1);
  const dilated = dilation.some((d) => d > 1);
  const kernel = axes.map(() => pick(1, rank === 2 ? 5 : 3));
  const spatial = axes.map((_, axis) => {
    return (at(kernel, axis) - 1) * at(dilation, axis) + pick(1, rank === 2 ? 8 : 5);
  });
  return {
    batch: pick(1, 3),
    spatial,
    channelsIn: pick(1, 5),
    channelsOut: pick(1, 5),
    kernel,
    // tfjs has either one or the other.
    stride: dilated ? axes.map(() => 1) : axes.map(() => pick(1, 3)),
    dilation,
    padding: random() < 0.5 ? 'valid' : 'same',
  };
}

function runConvolution(
  tf: Tf,
  x: TfTensor | undefined,
  filter: TfTensor | undefined,
  stride: Sizes,
  padding: Padding,
  dilation: Sizes,
): TfTensor {
  return stride.length === 2
    ? tf.conv2d(as4d(x), as4d(filter), pair(stride), padding, 'NHWC', pair(dilation))
    : tf.conv3d(as5d(x), as5d(filter), triple(stride), padding, 'NDHWC', triple(dilation));
}

function defineConvolution(
  x: Values | undefined,
  filter: Values | undefined,
  { kernel, stride, dilation, padding, spatial }: ConvolutionSpec,
  channels: number,
  groups: number,
): Values {
  const reach = kernel.map((k, axis) => (k - 1) * at(dilation, axis) + 1);
  const outSpatial = spatial.map((n, axis) => {
    const usable = padding === 'same' ? n : n - at(reach, axis) + 1;
    return Math.ceil(usable / at(stride, axis));
  });
  const before = spatial.map((n, axis) => {
    const total = (at(outSpatial, axis) - 1) * at(stride, axis) + at(reach, axis) - n;
    return padding === 'same' ? Math.floor(Math.max(total, 0) / 2) : 0;
  });
  const attributes = { kernel, stride, dilation, before, after: before, channels, groups, bias: false };
  return channelsLast(
    convolution(
      channelsFirst(need(x)),
      filterFirst(need(filter)).data,
      undefined,
      { ...attributes, residue: kernel.map(() => 0), init: 'he_normal' },
      outSpatial,
    ),
  );
}

function image(random: Random, spatial: Sizes, { batch, channelsIn }: ConvolutionSpec): Values {
  return randomValues(random, [batch, ...spatial, channelsIn]);
}

function nameOf(kind: string, spec: ConvolutionSpec): string {
  const { batch, spatial, channelsIn, channelsOut, kernel, stride, dilation, padding } = spec;
  return (
    `${kind} ${batch} x ${spatial.join(' x ')} x ${channelsIn} -> ${channelsOut}, kernel ${kernel.join('x')}, ` +
    `stride ${stride.join('x')}, dilation ${dilation.join('x')}, ${padding}`
  );
}

// tfjs's types have a tensor type and a tuple type for each rank; the rank here is known from the case.
const as4d = (x: TfTensor | undefined) => need(x) as Tensor4D;
const as5d = (x: TfTensor | undefined) => need(x) as Tensor5D;
const pair = (sizes: Sizes) => sizes as [number, number];
const triple = (sizes: Sizes) => sizes as [number, number, number];
const quad = (sizes: Sizes) => sizes as [number, number, number, number];
const quint = (sizes: Sizes) => sizes as [number, number, number, number, number];

function at(list: Sizes, index: number): number {
  return need(list[index]);
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}
