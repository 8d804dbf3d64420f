/** Row-major numbers of shape (N, C, ...spatial). */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function zeros(shape: readonly number[]): Tensor {
  return { shape, data: new Float64Array(count(shape)) };
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Elements to step over for one step along each axis. */
export function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)));
}

/** Calls `visit` with every index of a shape in row-major order. The array is the same one each time. */
export function forEachIndex(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  const index = shape.map(() => 0);
  const total = count(shape);
  for (let i = 0; i < total; i++) {
    visit(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
}

/**
 * A tensor whose element at each index is a weighted sum of elements of `x`: `sources` lists, for an output
 * index along an axis, the input indexes and their weights. Resampling of every kind is of this form.
 */
export function separable(
  x: Tensor,
  shape: readonly number[],
  sources: (index: number, axis: number) => readonly (readonly [index: number, weight: number])[],
): Tensor {
  let current = x;
  for (let axis = 2; axis < shape.length; axis++) {
    const size = shape[axis] ?? 0;
    const before = count(current.shape.slice(0, axis));
    const inside = count(current.shape.slice(axis + 1));
    const inputSize = current.shape[axis] ?? 0;
    const next = zeros([...current.shape.slice(0, axis), size, ...current.shape.slice(axis + 1)]);
    for (let i = 0; i < size; i++) {
      for (const [j, weight] of sources(i, axis - 2)) {
        if (j < 0 || j >= inputSize) throw new Error(`index ${j} outside of ${inputSize}`);
        for (let outer = 0; outer < before; outer++) {
          const to = (outer * size + i) * inside;
          const from = (outer * inputSize + j) * inside;
          for (let k = 0; k < inside; k++) {
            next.data[to + k] = (next.data[to + k] ?? 0) + weight * (current.data[from + k] ?? 0);
          }
        }
      }
    }
    current = next;
  }
  return current;
}
