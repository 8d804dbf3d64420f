import type { NodeOf } from '../../../src/ir/graph.js';
import type { InitName } from '../../../src/ir/op-attributes.js';
import type { Ends, KernelInitializer } from '../layers/config.js';
import type { LayerCall, LayerWeight } from './layer-call.js';
import { cropping, zeroPadding } from './lower-borders.js';
import { movedWeight, plainWeight, type TfjsLowering } from './lowering.js';

const initializers: { readonly [K in InitName]: KernelInitializer } = {
  he_normal: 'heNormal',
  he_uniform: 'heUniform',
  glorot_uniform: 'glorotUniform',
  zeros: 'zeros',
};

/**
 * tfjs pads `valid` (nothing) or `same` (for a stride of 1: half of kernel - 1, rounded down, before); any other
 * padding is a separate layer. It has groups only as depthwise layers with equal strides, and no dilations that can be
 * trained.
 */
export const conv: TfjsLowering<'conv'> = (node, position) => {
  const { kernel, stride, dilation, before, after, groups, channels, bias, init } = node.attributes;
  const unpadded = [...before, ...after].every((size) => size === 0);
  const same = kernel.every((size, axis) => {
    const total = (size - 1) * (dilation[axis] ?? 1);
    const first = before[axis] ?? 0;
    return stride[axis] === 1 && first === Math.floor(total / 2) && first + (after[axis] ?? 0) === total;
  });
  const equalStrides = stride.every((size) => size === stride[0]);
  const depthwise = groups > 1 && groups === position.inputChannels && kernel.length === 2 && equalStrides;
  // tfjs's layers cannot be trained with a dilation. TensorFlow's own library has no dilation in 3D on a CPU, and
  // ignores the dilation of a depthwise convolution.
  const direct = isOnes(dilation) && (depthwise || groups === 1);
  const padding = unpadded || !same || !direct ? 'valid' : 'same';
  const padded = padding === 'same' || unpadded ? [] : [zeroPadding(position, ends(node.attributes), 'pad')];
  const inputs = padded.length > 0 ? padded.map((call) => call.name) : position.inputs;
  const base = { name: position.name, inputs };
  const config = {
    kernelSize: kernel,
    strides: stride,
    padding,
    useBias: bias,
  } as const;
  if (depthwise && direct) {
    const multiplier = channels / groups;
    const weights = [...depthwiseKernel(node, multiplier), ...plainWeight('bias', node, 'bias')];
    const depthwiseConfig = {
      ...config,
      kernelSize: kernel,
      strides: stride[0] ?? 1,
      depthMultiplier: multiplier,
      depthwiseInitializer: initializers[init],
    };
    return [
      ...padded,
      { ...base, source: 'tfjs', layer: 'depthwiseConv2d', config: depthwiseConfig, weights },
    ];
  }
  const weights = [...kernelWeight(node), ...plainWeight('bias', node, 'bias')];
  const kernelInitializer = initializers[init];
  if (!direct) {
    const grouped = {
      filters: channels,
      kernelSize: kernel,
      strides: stride,
      dilationRate: dilation,
      groups,
      useBias: bias,
      kernelInitializer,
    };
    return [...padded, { ...base, source: 'unet', layer: 'groupedConv', config: grouped, weights }];
  }
  const plain = { filters: channels, ...config, kernelInitializer };
  const call = { ...base, source: 'tfjs', config: plain, weights } as const;
  return [...padded, kernel.length === 2 ? { ...call, layer: 'conv2d' } : { ...call, layer: 'conv3d' }];
};

/**
 * tfjs makes n stride + max(kernel - stride, 0) positions for `valid`, and n stride positions for `same`, after
 * removing (kernel - stride) / 2, rounded down, before. Other removals are a cropping layer. Kernels smaller than their
 * strides, and sizes that grow, need a layer of this package. So does 3D: without a kernel patch, tfjs's own layer
 * silently computes wrong numbers on WebAssembly.
 */
export const convTranspose: TfjsLowering<'convTranspose'> = (node, position) => {
  const { kernel, stride, before, after, channels, bias, init } = node.attributes;
  const weights = [...kernelWeight(node), ...plainWeight('bias', node, 'bias')];
  const base = { name: position.name, inputs: position.inputs, weights };
  const kernelInitializer = initializers[init];
  const common = {
    filters: channels,
    kernelSize: kernel,
    strides: stride,
    useBias: bias,
    kernelInitializer,
  };
  const covers = kernel.every((size, axis) => size >= (stride[axis] ?? 1));
  const shrinks = [...before, ...after].every((size) => size >= 0);
  if (!covers || !shrinks || kernel.length === 3) {
    const config = { ...common, cropping: ends(node.attributes) };
    return [{ ...base, source: 'unet', layer: 'convTranspose', config }];
  }
  const untouched = [...before, ...after].every((size) => size === 0);
  const same = kernel.every((size, axis) => {
    const total = size - (stride[axis] ?? 1);
    const first = before[axis] ?? 0;
    return first === Math.floor(total / 2) && first + (after[axis] ?? 0) === total;
  });
  const padding: 'same' | 'valid' = same && !untouched ? 'same' : 'valid';
  const call: LayerCall = {
    ...base,
    source: 'tfjs',
    layer: 'conv2dTranspose',
    config: { ...common, padding },
  };
  if (untouched || same) return [call];
  const convolved = { ...position, inputs: [position.name] };
  return [call, cropping(convolved, ends(node.attributes), 'crop')];
};

/**
 * From (out, in / groups, ...kernel) or (in, out, ...kernel): the kernel's axes move to the front, the other two swap.
 */
function kernelWeight(node: NodeOf<'conv'> | NodeOf<'convTranspose'>): readonly LayerWeight[] {
  const { kernel } = node.attributes;
  const shape = node.parameters.find(({ role }) => role === 'weight')?.shape ?? [];
  return movedWeight('kernel', node, 'weight', shape, [...kernel.map((_, axis) => axis + 2), 1, 0]);
}

/** (in multiplier, 1, ...kernel) is viewed as (in, multiplier, ...kernel) and becomes (...kernel, in, multiplier). */
function depthwiseKernel(node: NodeOf<'conv'>, multiplier: number): readonly LayerWeight[] {
  const { kernel, groups } = node.attributes;
  const reshape = [groups, multiplier, ...kernel];
  return movedWeight('depthwise_kernel', node, 'weight', reshape, [
    ...kernel.map((_, axis) => axis + 2),
    0,
    1,
  ]);
}

function ends({
  before,
  after,
}: {
  readonly before: readonly number[];
  readonly after: readonly number[];
}): Ends[] {
  return before.map((size, axis) => [size, after[axis] ?? 0]);
}

function isOnes(sizes: readonly number[]): boolean {
  return sizes.every((size) => size === 1);
}
