import type { NodeEmitter } from '../emitter.js';
import type { Dimension, OnnxTensor } from '../tensor.js';
import { BATCH } from '../tensor.js';
import { channelShape, inputAt, type OnnxLowering } from './lowering.js';

const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

/** With the running statistics, as in inference. */
export const batchNorm: OnnxLowering<'batchNorm'> = (node, inputs, to) => {
  const { channels, attributes } = node;
  const scale = to.optionalParameter('scale') ?? to.floats('ones', ones(channels), [channels]);
  const shift = to.optionalParameter('shift') ?? to.floats('zeros', zeros(channels), [channels]);
  const mean = to.parameter('mean');
  const variance = to.parameter('variance');
  return to.result('BatchNormalization', [inputAt(inputs, 0).name, scale, shift, mean, variance], {
    epsilon: { float: attributes.eps },
  });
};

export const instanceNorm: OnnxLowering<'instanceNorm'> = (node, inputs, to) => {
  const { channels, attributes } = node;
  const scale = to.optionalParameter('scale') ?? to.floats('ones', ones(channels), [channels]);
  const shift = to.optionalParameter('shift') ?? to.floats('zeros', zeros(channels), [channels]);
  return to.result('InstanceNormalization', [inputAt(inputs, 0).name, scale, shift], {
    epsilon: { float: attributes.eps },
  });
};

/**
 * A group of channels is reshaped to one sample of one channel, which InstanceNormalization normalises as a whole: (N,
 * C, ...spatial) -> (N G, C/G, ...spatial) -> (N G, 1, C/G, ...spatial), and back. Free sizes keep their index, so that
 * a 0 in the new shape copies them.
 */
export const groupNorm: OnnxLowering<'groupNorm'> = (node, inputs, to) => {
  const { groups, eps } = node.attributes;
  const { channels } = node;
  const rank = node.spatial.length;
  const spatial = to.shape.slice(2);
  const split: readonly Dimension[] = [`${groups}*${BATCH}`, channels / groups, ...spatial];
  const whole: readonly Dimension[] = [`${groups}*${BATCH}`, 1, channels / groups, ...spatial];
  const splitShape = to.ints('grouped_shape', [-1, channels / groups, ...zeros(rank)]);
  const grouped = to.inner('grouped', 'Reshape', [inputAt(inputs, 0).name, splitShape], {}, split);
  const axis = to.ints('axis', [1]);
  const single = to.inner('single', 'Unsqueeze', [grouped.name, axis], {}, whole);
  const one = to.floats('one', [1], [1]);
  const zero = to.floats('zero', [0], [1]);
  const epsilon = { epsilon: { float: eps } };
  const norm = to.inner('norm', 'InstanceNormalization', [single.name, one, zero], epsilon, whole);
  const back = to.inner('squeezed', 'Squeeze', [norm.name, axis], {}, split);
  const shape = to.ints('shape', [-1, channels, ...zeros(rank)]);
  const scale = to.optionalParameter('scale', channelShape(channels, rank));
  if (scale === undefined) return to.result('Reshape', [back.name, shape]);
  const joined = to.inner('joined', 'Reshape', [back.name, shape], {}, to.shape);
  return scaleAndShift(joined, scale, channelShape(channels, rank), to);
};

/** LayerNormalization exists from opset 17 on; before, it is composed of other ops. */
export const layerNorm: OnnxLowering<'layerNorm'> = (node, inputs, to) =>
  to.opset < 17 ? composedLayerNorm(node, inputs, to) : directLayerNorm(node, inputs, to);

/**
 * LayerNormalization works on the last axes, so the channels are moved there and back. This takes half the time of the
 * composition.
 */
const directLayerNorm: OnnxLowering<'layerNorm'> = (node, inputs, to) => {
  const { channels, attributes } = node;
  const rank = node.spatial.length;
  const [batch = BATCH, , ...spatial] = to.shape;
  const axes = spatial.map((_, axis) => axis);
  const channelsLast = { perm: { ints: [0, ...axes.map((axis) => axis + 2), 1] } };
  const channelsFirst = { perm: { ints: [0, rank + 1, ...axes.map((axis) => axis + 1)] } };
  const shape = [batch, ...spatial, channels];
  const moved = to.inner('channels_last', 'Transpose', [inputAt(inputs, 0).name], channelsLast, shape);
  const scale = to.optionalParameter('scale') ?? to.floats('ones', ones(channels), [channels]);
  const shift = to.optionalParameter('shift');
  const operands = shift === undefined ? [moved.name, scale] : [moved.name, scale, shift];
  const attribute = { axis: { int: -1 }, epsilon: { float: attributes.eps } };
  const norm = to.inner('norm', 'LayerNormalization', operands, attribute, shape);
  return to.result('Transpose', [norm.name], channelsFirst);
};

/** Mean and variance over the channels (axis 1), in ops of every opset. */
const composedLayerNorm: OnnxLowering<'layerNorm'> = (node, inputs, to) => {
  const rank = node.spatial.length;
  const x = inputAt(inputs, 0);
  const mean = meanOverChannels('mean', x, to);
  const centred = to.inner('centred', 'Sub', [x.name, mean.name], {}, to.shape);
  const square = to.inner('square', 'Mul', [centred.name, centred.name], {}, to.shape);
  const variance = meanOverChannels('variance', square, to);
  const eps = to.floats('eps', [node.attributes.eps], []);
  const shifted = to.inner('shifted', 'Add', [variance.name, eps], {}, variance.shape);
  const deviation = to.inner('deviation', 'Sqrt', [shifted.name], {}, variance.shape);
  const scale = to.optionalParameter('scale', channelShape(node.channels, rank));
  if (scale === undefined) return to.result('Div', [centred.name, deviation.name]);
  const norm = to.inner('norm', 'Div', [centred.name, deviation.name], {}, to.shape);
  return scaleAndShift(norm, scale, channelShape(node.channels, rank), to);
};

function scaleAndShift(
  norm: OnnxTensor,
  scale: string,
  dims: readonly number[],
  to: NodeEmitter,
): OnnxTensor {
  const scaled = to.inner('scaled', 'Mul', [norm.name, scale], {}, to.shape);
  return to.result('Add', [scaled.name, to.parameter('shift', dims)]);
}

/** ReduceMean over axis 1, which remains with size 1. The axes are an attribute up to opset 17. */
function meanOverChannels(suffix: string, x: OnnxTensor, to: NodeEmitter): OnnxTensor {
  const shape = x.shape.map((size, axis) => (axis === 1 ? 1 : size));
  return to.inner(suffix, 'ReduceMean', [x.name], { axes: { ints: [1] }, keepdims: { int: 1 } }, shape);
}
