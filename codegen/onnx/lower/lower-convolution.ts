import type { NodeOf } from '../../../src/ir/graph.js';
import type { NodeEmitter } from '../emitter.js';
import type { OnnxTensor } from '../tensor.js';
import { channelShape, inputAt, type OnnxLowering } from './lowering.js';

export const conv: OnnxLowering<'conv'> = (node, inputs, to) => {
  const { kernel, stride, dilation, before, after, groups } = node.attributes;
  const bias = to.optionalParameter('bias');
  const weight = to.parameter('weight');
  const operands = [inputAt(inputs, 0).name, weight];
  return to.result('Conv', bias === undefined ? operands : [...operands, bias], {
    dilations: { ints: dilation },
    group: { int: groups },
    kernel_shape: { ints: kernel },
    pads: { ints: [...before, ...after] },
    strides: { ints: stride },
  });
};

/**
 * ONNX: output = (n - 1) stride + kernel - pads_begin - pads_end + output_padding, with output_padding below the stride
 * and pads of at least 0. A negative `after` is output padding if that suffices. Otherwise zeros are added to the
 * result, and the bias after that, because the added positions have a bias too.
 */
export const convTranspose: OnnxLowering<'convTranspose'> = (node, inputs, to) => {
  const { stride, before, after } = node.attributes;
  const expressible =
    before.every((size) => size >= 0) && after.every((size, axis) => -size < (stride[axis] ?? 0));
  return expressible ? direct(node, inputs, to) : enlarged(node, inputs, to);
};

function direct(node: NodeOf<'convTranspose'>, inputs: readonly OnnxTensor[], to: NodeEmitter): OnnxTensor {
  const { kernel, stride, before, after } = node.attributes;
  const weight = to.parameter('weight');
  const bias = to.optionalParameter('bias');
  const operands = [inputAt(inputs, 0).name, weight];
  return to.result('ConvTranspose', bias === undefined ? operands : [...operands, bias], {
    kernel_shape: { ints: kernel },
    output_padding: { ints: after.map(added) },
    pads: { ints: [...before.map(removed), ...after.map(removed)] },
    strides: { ints: stride },
  });
}

function enlarged(node: NodeOf<'convTranspose'>, inputs: readonly OnnxTensor[], to: NodeEmitter): OnnxTensor {
  const { kernel, stride, before, after } = node.attributes;
  const extra = before.map((size, axis) => added(size) + added(after[axis] ?? 0));
  const innerShape = to.shape.map((size, index) => {
    const grown = index < 2 ? 0 : (extra[index - 2] ?? 0);
    if (grown === 0) return size;
    return typeof size === 'number' ? size - grown : `${size} - ${grown}`;
  });
  const plain = to.inner(
    'plain',
    'ConvTranspose',
    [inputAt(inputs, 0).name, to.parameter('weight')],
    {
      kernel_shape: { ints: kernel },
      pads: { ints: [...before.map(removed), ...after.map(removed)] },
      strides: { ints: stride },
    },
    innerShape,
  );
  const bias = to.optionalParameter('bias', channelShape(node.channels, stride.length));
  const pads = to.ints('pads', [0, 0, ...before.map(added), 0, 0, ...after.map(added)]);
  const mode = { mode: { text: 'constant' } };
  if (bias === undefined) return to.result('Pad', [plain.name, pads], mode);
  const padded = to.inner('padded', 'Pad', [plain.name, pads], mode, to.shape);
  return to.result('Add', [padded.name, bias]);
}

const removed = (size: number): number => Math.max(size, 0);
const added = (size: number): number => Math.max(-size, 0);
