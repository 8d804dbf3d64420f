import type { Node, NodeOf } from '../../../src/ir/graph.js';
import type { OpKind } from '../../../src/ir/op-attributes.js';
import type { NodeEmitter } from '../emitter.js';
import type { OnnxTensor } from '../tensor.js';
import { attention, positions } from './lower-attention.js';
import { conv, convTranspose } from './lower-convolution.js';
import {
  add,
  concat,
  elu,
  gelu,
  leakyRelu,
  mul,
  prelu,
  relu,
  sigmoid,
  silu,
  sinusoid,
  softmax,
} from './lower-elementwise.js';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from './lower-norm.js';
import { avgPool, crop, globalAverage, interpolate, maxPool, pad, resize } from './lower-resampling.js';
import { inputAt, type OnnxLowering } from './lowering.js';

/** The lowering of each op kind to ONNX. */
const lowerings: { readonly [K in OpKind]: OnnxLowering<K> } = {
  input: (node) => {
    throw new Error(`${node.path} is lowered as the input of the ONNX graph`);
  },
  time: (node) => {
    throw new Error(`${node.path} is lowered as the second input of the ONNX graph`);
  },
  conv,
  convTranspose,
  maxPool,
  avgPool,
  resize,
  interpolate,
  pad,
  crop,
  concat,
  add,
  mul,
  globalAverage,
  sinusoid,
  batchNorm,
  instanceNorm,
  groupNorm,
  layerNorm,
  relu,
  leakyRelu,
  prelu,
  elu,
  gelu,
  silu,
  sigmoid,
  softmax,
  attention,
  positions,
  // Dropout is the identity in inference: its users read its input.
  dropout: (_node, inputs) => inputAt(inputs, 0),
};

/** Writes a graph node, and returns the tensor of its value. */
export function lowerNode(node: Node, inputs: readonly OnnxTensor[], to: NodeEmitter): OnnxTensor {
  return dispatch(node, inputs, to);
}

function dispatch<K extends OpKind>(
  node: NodeOf<K>,
  inputs: readonly OnnxTensor[],
  to: NodeEmitter,
): OnnxTensor {
  const lowering: OnnxLowering<K> = lowerings[node.kind];
  return lowering(node, inputs, to);
}
