import { type Graph, parametersOf } from '../../ir/graph.js';
import { listSafetensors } from '../formats/safetensors-header.js';
import type { RandomAccess } from '../random-access.js';
import { bindTensors, type WeightsReading } from './bind-tensors.js';

export type { WeightsReading } from './bind-tensors.js';

/**
 * Opens a safetensors file as the weights of a graph. The file must contain each parameter with its name and shape, and
 * nothing else. Only the header is read now. Tensors are read on demand, chunk by chunk, and converted to float32 (F64
 * is rounded). All problems are reported at once.
 */
export function readSafetensors(file: RandomAccess, graph: Graph): WeightsReading {
  const slots = parametersOf(graph).map((parameter) => ({
    parameter,
    name: parameter.name,
    shape: parameter.shape,
  }));
  return bindTensors(slots, listSafetensors(file), () => false);
}
