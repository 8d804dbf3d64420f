import type { NotFinite, WeightsFormat, WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
import type { StoredTensor } from '../tensor-listing.js';

/**
 * Reads a tensor once, and reports the values that are NaN or infinite as float32: their number and the first of them, by its
 * index in the tensor of the file.
 */
export function notFiniteProblem(
  tensor: StoredTensor,
  format: WeightsFormat,
  parameter: string,
): WeightsProblem | undefined {
  let [before, count] = [0, 0];
  let first: { readonly at: number; readonly value: number } | undefined;
  for (const chunk of tensor.chunks()) {
    for (let i = 0; i < chunk.length; i += 1) {
      const value = chunk[i] ?? 0;
      // The difference is 0 for every finite number, and NaN for all others.
      if (value - value === 0) continue;
      first ??= { at: before + i, value };
      count += 1;
    }
    before += chunk.length;
  }
  if (!first) return undefined;
  return {
    ...{ code: 'tensor-not-finite', format, tensor: tensor.name, count, of: before },
    ...{ index: indexOf(first.at, tensor.shape), value: nameOf(first.value) },
    ...(parameter === tensor.name ? {} : { parameter }),
  };
}

/** The index of an element in an array of a shape, by its place in row-major order. */
function indexOf(place: number, shape: readonly number[]): readonly number[] {
  const index: number[] = [];
  let rest = place;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

function nameOf(value: number): NotFinite {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'infinity' : '-infinity';
}
