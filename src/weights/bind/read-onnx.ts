import type { WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../ir/graph.js';
import type { Parameter } from '../../ir/parameter.js';
import type { TensorListing } from '../tensor-listing.js';
import type { TensorSlot, WeightsReading } from './bind-tensors.js';

/**
 * Parameters as the initializers of an ONNX model that `unet` built: with the same names and the same order of elements.
 * A vector that an op broadcasts over the axes has more axes of size 1 at the end of its shape.
 */
export function onnxSlots(graph: Graph): readonly TensorSlot[] {
  return parametersOf(graph).map((parameter) => ({
    parameter,
    name: parameter.name,
    shape: parameter.shape,
    alsoFits: (shape) => hasTrailingOnes(shape, parameter),
  }));
}

function hasTrailingOnes(found: readonly number[], { shape }: Parameter): boolean {
  return found.length > shape.length && found.every((size, axis) => size === (shape[axis] ?? 1));
}

/**
 * Constants that the lowering adds are named `node/what`; parameters have no slash. The exporter of PyTorch numbers its
 * constants: `val_12`.
 */
export function isOnnxConstant(name: string): boolean {
  return name.includes('/') || /^val_\d+$/.test(name);
}

/**
 * The same reading. If the missing tensors belong to norms that `--fold` merged into the convolutions, one problem
 * reports this, instead of one problem for each of those tensors.
 */
export function explainFolding(
  reading: WeightsReading,
  graph: Graph,
  listing: TensorListing,
): WeightsReading {
  if (reading.ok) return reading;
  const missing = new Set(
    reading.problems.flatMap(({ code, tensor }) => (code === 'missing-tensor' ? [tensor] : [])),
  );
  const merged = new Set<string>();
  let norms = 0;
  for (const norm of graph.nodes) {
    const convolution = graph.nodes[norm.inputs[0] ?? -1];
    if (norm.kind !== 'batchNorm' || !convolution) continue;
    const names = norm.parameters.map(({ name }) => name);
    const bias = `${convolution.path}.bias`;
    if (!names.every((name) => missing.has(name)) || !listing.names.has(bias)) continue;
    norms += 1;
    for (const name of names) merged.add(name);
    merged.add(bias);
  }
  if (norms === 0) return reading;
  const folded: WeightsProblem = { code: 'folded-model', format: 'onnx', tensor: undefined, norms };
  const rest = reading.problems.filter(({ code, tensor }) => {
    const explained = code === 'missing-tensor' || code === 'extra-tensor';
    return !(explained && tensor !== undefined && merged.has(tensor));
  });
  return { ok: false, problems: [folded, ...rest] };
}
