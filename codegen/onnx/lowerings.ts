import type { Node, NodeOf } from '../../src/ir/graph.js';
import type { OpKind } from '../../src/ir/op-attributes.js';
import type { NodeEmitter } from './emitter.js';
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
import { inputAt, type Lowering } from './lowering.js';
import type { Tensor } from './tensor.js';

/** How each op kind is written in ONNX. */
const lowerings: { readonly [K in OpKind]: Lowering<K> } = {
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
  // The identity in inference: consumers read its input.
  dropout: (_node, inputs) => inputAt(inputs, 0),
};

/** Writes a graph node, and returns the tensor of its value. */
export function lowerNode(node: Node, inputs: readonly Tensor[], to: NodeEmitter): Tensor {
  return dispatch(node, inputs, to);
}

function dispatch<K extends OpKind>(node: NodeOf<K>, inputs: readonly Tensor[], to: NodeEmitter): Tensor {
  const lowering: Lowering<K> = lowerings[node.kind];
  return lowering(node, inputs, to);
}
