import type { NodeOf } from '../../../src/ir/graph.js';
import type { OpKind } from '../../../src/ir/op-attributes.js';
import type { NodeEmitter } from '../emitter.js';
import type { OnnxTensor } from '../tensor.js';

/**
 * Writes one graph node as ONNX nodes and returns the tensor that is its value: the result of `to`, or an
 * input where the node does nothing in inference. All tensors are (N, C, ...spatial).
 */
export type OnnxLowering<K extends OpKind> = (
  node: NodeOf<K>,
  inputs: readonly OnnxTensor[],
  to: NodeEmitter,
) => OnnxTensor;

/** The tensor at a place of the inputs; the op table says how many there are. */
export function inputAt(inputs: readonly OnnxTensor[], index: number): OnnxTensor {
  const tensor = inputs[index];
  if (!tensor) throw new Error(`no input ${index}`);
  return tensor;
}

/** The shape of a value a channel, to be broadcast over (N, C, ...spatial): (C, 1, 1) or (C, 1, 1, 1). */
export function channelShape(channels: number, rank: number): readonly number[] {
  return [channels, ...Array.from({ length: rank }, () => 1)];
}
