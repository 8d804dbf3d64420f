import { elementCount, stridesOf } from '../../runtime/tensor.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/**
 * Where a patch is read from its image: position o of the patch, whose centre is p = (size - 1) / 2, shows the image
 * at centre + matrix (o - p) + displacement(o), in positions of the image. All spatial augmentation is combined in it, so
 * that an image is interpolated only once.
 */
export interface Geometry {
  /** (...spatial) of the patch. */
  readonly size: readonly number[];
  readonly centre: readonly number[];
  /** Row by row. */
  readonly matrix: readonly (readonly number[])[];
  /** A field of the patch's size for each axis of the image. */
  readonly displacement: readonly Float32Array[] | undefined;
}

/** A patch that begins at `start`, unchanged. */
export function plainGeometry(size: readonly number[], start: readonly number[]): Geometry {
  return {
    size,
    centre: size.map((length, axis) => (start[axis] ?? 0) + (length - 1) / 2),
    matrix: identity(size.length),
    displacement: undefined,
  };
}

export function identity(rank: number): number[][] {
  return Array.from({ length: rank }, (_, i) => Array.from({ length: rank }, (_, j) => (i === j ? 1 : 0)));
}

export function multiply(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * (b[k]?.[j] ?? 0), 0)));
}

/**
 * Calls `visit` for each position of the part of the patch that begins at `first`, in row-major order, with the point of the
 * image that it shows. The array is the same at every call.
 */
export function eachSource(
  { size, centre, matrix, displacement }: Geometry,
  first: readonly number[],
  part: readonly number[],
  visit: (index: number, point: Float64Array) => void,
): void {
  const rank = size.length;
  const flat = Float64Array.from(matrix.flat());
  const middle = Float64Array.from(centre);
  const strides = stridesOf(size);
  const offset = new Float64Array(rank);
  const point = new Float64Array(rank);
  const at = part.map(() => 0);
  const width = part[rank - 1] ?? 1;
  const rows = elementCount(part) / width;
  for (let row = 0, index = 0; row < rows; row++) {
    let inPatch = 0;
    for (let axis = 0; axis < rank; axis++) {
      const position = (first[axis] ?? 0) + (at[axis] ?? 0);
      offset[axis] = position - ((size[axis] ?? 1) - 1) / 2;
      inPatch += position * (strides[axis] ?? 1);
    }
    for (let i = 0; i < width; i++, index++, inPatch++) {
      // All indexes are below the rank, or inside of the patch.
      for (let k = 0; k < rank; k++) {
        let sum = middle[k] as number;
        for (let j = 0; j < rank; j++) sum += (flat[k * rank + j] as number) * (offset[j] as number);
        if (displacement !== undefined) sum += displacement[k]?.[inPatch] as number;
        point[k] = sum;
      }
      visit(index, point);
      // The last axis.
      offset[rank - 1] = (offset[rank - 1] as number) + 1;
    }
    for (let axis = rank - 2; axis >= 0; axis--) {
      at[axis] = (at[axis] ?? 0) + 1;
      if ((at[axis] ?? 0) < (part[axis] ?? 1)) break;
      at[axis] = 0;
    }
  }
}
