import { fromTfjs, tfjsWeights } from '../../../codegen/tfjs/weight-layout.js';
import type { Graph } from '../../ir/graph.js';
import { elementCount } from '../../ir/parameter.js';
import type { StoredTensor } from '../tensor-listing.js';
import type { TensorSlot } from './bind-tensors.js';

/** Parameters as the weights of the tfjs model of a network. Only one tensor is in memory at a time. */
export function tfjsSlots(graph: Graph): readonly TensorSlot[] {
  return tfjsWeights(graph).map((weight) => ({
    parameter: weight.parameter,
    name: weight.name,
    shape: weight.shape,
    values: (tensor) => [fromTfjs(weight, wholeTensor(tensor))],
  }));
}

function wholeTensor(tensor: StoredTensor): Float32Array {
  const values = new Float32Array(elementCount(tensor.shape));
  let length = 0;
  for (const chunk of tensor.chunks()) {
    values.set(chunk, length);
    length += chunk.length;
  }
  return values;
}
