import { stridesOf } from '../../ir/parameter.js';

/** A part of an array: from `start`, `size` positions on each axis. */
export interface ArrayPart {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/**
 * Calls `visit` for each row of equally large parts of two arrays, with the places where the row begins in the first and in
 * the second. A row has as many positions as the part on the last axis.
 */
export function eachRow(
  { start, size }: ArrayPart,
  shape: readonly number[],
  otherStart: readonly number[],
  otherShape: readonly number[],
  visit: (at: number, otherAt: number) => void,
): void {
  const [strides, otherStrides] = [stridesOf(shape), stridesOf(otherShape)];
  const walk = (axis: number, at: number, otherAt: number): void => {
    const [stride = 1, otherStride = 1] = [strides[axis], otherStrides[axis]];
    const from = at + (start[axis] ?? 0) * stride;
    const otherFrom = otherAt + (otherStart[axis] ?? 0) * otherStride;
    if (axis === shape.length - 1) {
      visit(from, otherFrom);
      return;
    }
    for (let i = 0; i < (size[axis] ?? 0); i++)
      walk(axis + 1, from + i * stride, otherFrom + i * otherStride);
  };
  walk(0, 0, 0);
}
