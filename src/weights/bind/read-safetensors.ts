import { type Graph, parametersOf } from '../../ir/graph.js';
import { listSafetensors } from '../formats/safetensors-header.js';
import type { RandomAccess } from '../random-access.js';
import { bindTensors, type WeightsReading } from './bind-tensors.js';

export type { WeightsReading } from './bind-tensors.js';

/**
 * Opens a safetensors file as the weights of a graph: each parameter must be there by its name and in its
 * shape, and nothing else may be. Only the header is read now; tensors are read chunk by chunk when asked
 * for and converted to float32 (F64 is rounded). All problems come at once.
 */
export function readSafetensors(file: RandomAccess, graph: Graph): WeightsReading {
  const places = parametersOf(graph).map((parameter) => ({
    parameter,
    name: parameter.name,
    shape: parameter.shape,
  }));
  return bindTensors(places, listSafetensors(file), () => false);
}
