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
 * tfjs pads `valid` (nothing) or `same` (where the stride is 1: the first half of kernel - 1, rounded down, before);
 * any other padding is a layer of its own. Groups are there as depthwise layers only, with equal strides; dilations
 * not at all, as far as training goes.
 */
export const conv: TfjsLowering<'conv'> = (node, place) => {
  const { kernel, stride, dilation, before, after, groups, channels, bias, init } = node.attributes;
  const unpadded = [...before, ...after].every((size) => size === 0);
  const same = kernel.every((size, axis) => {
    const total = (size - 1) * (dilation[axis] ?? 1);
    const first = before[axis] ?? 0;
    return stride[axis] === 1 && first === Math.floor(total / 2) && first + (after[axis] ?? 0) === total;
  });
  const equalStrides = stride.every((size) => size === stride[0]);
  const depthwise = groups > 1 && groups === place.inputChannels && kernel.length === 2 && equalStrides;
  // tfjs's layers can't be trained with a dilation. TensorFlow's own library has none in 3D on a CPU, and ignores that
  // of a depthwise convolution.
  const direct = isOnes(dilation) && (depthwise || groups === 1);
  const padding = unpadded || !same || !direct ? 'valid' : 'same';
  const padded = padding === 'same' || unpadded ? [] : [zeroPadding(place, ends(node.attributes), 'pad')];
  const inputs = padded.length > 0 ? padded.map((call) => call.name) : place.inputs;
  const base = { name: place.name, inputs };
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
 * tfjs gives n stride + max(kernel - stride, 0) positions for `valid`, and n stride for `same`, of which (kernel -
 * stride) / 2, rounded down, are taken away before. Whatever else is taken away is a cropping; kernels smaller than
 * their strides, and sizes that grow, have a layer of their own. So have all of them in 3D: tfjs's own one gives wrong
 * numbers on WebAssembly, without a word, wherever nobody mended it.
 */
export const convTranspose: TfjsLowering<'convTranspose'> = (node, place) => {
  const { kernel, stride, before, after, channels, bias, init } = node.attributes;
  const weights = [...kernelWeight(node), ...plainWeight('bias', node, 'bias')];
  const base = { name: place.name, inputs: place.inputs, weights };
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
  const convolved = { ...place, inputs: [place.name] };
  return [call, cropping(convolved, ends(node.attributes), 'crop')];
};

/** (out, in / groups, ...kernel) and (in, out, ...kernel): the kernel's axes come first, the others swap. */
function kernelWeight(node: NodeOf<'conv'> | NodeOf<'convTranspose'>): readonly LayerWeight[] {
  const { kernel } = node.attributes;
  const shape = node.parameters.find(({ role }) => role === 'weight')?.shape ?? [];
  return movedWeight('kernel', node, 'weight', shape, [...kernel.map((_, axis) => axis + 2), 1, 0]);
}

/** (in multiplier, 1, ...kernel) is seen as (in, multiplier, ...kernel) and becomes (...kernel, in, multiplier). */
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
