import type { NodeOf } from '../../../src/ir/graph.js';
import type { OpKind } from '../../../src/ir/op-attributes.js';
import type { NodeEmitter } from '../emitter.js';
import type { OnnxTensor } from '../tensor.js';

/**
 * Writes one graph node as ONNX nodes and returns the tensor that is its value: the result of `to`, or an input if the
 * node is the identity in inference. All tensors are (N, C, ...spatial).
 */
export type OnnxLowering<K extends OpKind> = (
  node: NodeOf<K>,
  inputs: readonly OnnxTensor[],
  to: NodeEmitter,
) => OnnxTensor;

/** The tensor at an index of the inputs; the op table has their number. */
export function inputAt(inputs: readonly OnnxTensor[], index: number): OnnxTensor {
  const tensor = inputs[index];
  if (!tensor) throw new Error(`no input ${index}`);
  return tensor;
}

/** The shape of one value per channel that broadcasts over (N, C, ...spatial): (C, 1, 1) or (C, 1, 1, 1). */
export function channelShape(channels: number, rank: number): readonly number[] {
  return [channels, ...Array.from({ length: rank }, () => 1)];
}
