import type { Graph } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { fromTfjs, tfjsWeights } from '../tfjs/weight-layout.js';
import type { TensorPlace } from './bind-tensors.js';
import type { StoredTensor } from './tensor-listing.js';

/** Parameters as the weights of the tfjs model of a network. One tensor is in memory at a time. */
export function tfjsPlaces(graph: Graph): readonly TensorPlace[] {
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
