import { elementCount, type Parameter } from '../../ir/parameter.js';
import type { StoredTensor } from '../tensor-listing.js';
import type { TensorSlot } from './bind-tensors.js';

/**
 * A parameter in a PyTorch file. The shapes are the same as ours: conv (out, in / groups, ...kernel), transposed conv
 * (in, out, ...kernel), norms (C). PReLU may have a single slope for all channels.
 */
export function torchSlot(parameter: Parameter, name: string): TensorSlot {
  const { shape } = parameter;
  if (parameter.role !== 'slope') return { parameter, name, shape };
  return {
    parameter,
    name,
    shape,
    alsoFits: (found) => elementCount(found) === 1,
    values: (tensor) =>
      elementCount(tensor.shape) === 1 ? repeated(tensor, elementCount(shape)) : tensor.chunks(),
  };
}

function* repeated(tensor: StoredTensor, count: number): Generator<Float32Array, void, undefined> {
  for (const chunk of tensor.chunks()) yield new Float32Array(count).fill(chunk[0] ?? 0);
}

/** Whether a tensor is a counter of PyTorch that no network needs: how many batches a norm has seen. */
export function isTorchCounter(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}
