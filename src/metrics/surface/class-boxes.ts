import { stridesOf } from '../../ir/parameter.js';
import { eachRun } from '../runs.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** The smallest box around positions; `low` and `high` are both inside it, for each axis. */
export interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * For each label 0 .. labels - 1, the smallest box around all positions of it in the truth or in the prediction;
 * undefined if there is none. Positions whose truth is IGNORED are in no box.
 *
 * @param shape (...spatial), at least one axis
 */
export function labelBoxes(
  truth: Uint16Array,
  predicted: Uint16Array,
  shape: readonly number[],
  labels: number,
): readonly (Box | undefined)[] {
  const rank = shape.length;
  const row = shape[rank - 1] ?? 1;
  const strides = stridesOf(shape);
  const low = new Int32Array(labels * rank).fill(0x7fffffff);
  const high = new Int32Array(labels * rank).fill(-1);
  const place = new Int32Array(rank);
  let known = -1;
  const include = (label: number, last: number) => {
    const at = label * rank;
    for (let axis = 0; axis < rank; axis++) {
      const first = place[axis] as number;
      if (first < (low[at + axis] as number)) low[at + axis] = first;
      const end = axis === rank - 1 ? last : first;
      if (end > (high[at + axis] as number)) high[at + axis] = end;
    }
  };
  eachRun(truth, predicted, row, (from, to, label, found) => {
    const begin = from - (from % row);
    if (begin !== known) {
      known = begin;
      for (let axis = 0; axis < rank - 1; axis++) {
        place[axis] = Math.floor(begin / (strides[axis] as number)) % (shape[axis] as number);
      }
    }
    place[rank - 1] = from - begin;
    include(label, to - 1 - begin);
    if (found !== label) include(found, to - 1 - begin);
  });
  return Array.from({ length: labels }, (_, label) => {
    const slice = (values: Int32Array) => [...values.subarray(label * rank, (label + 1) * rank)];
    return high[label * rank] === -1 ? undefined : { low: slice(low), high: slice(high) };
  });
}

/** The smallest box around several; undefined if there is none. */
export function unionOf(boxes: readonly (Box | undefined)[]): Box | undefined {
  let union: Box | undefined;
  for (const box of boxes) {
    if (!box) continue;
    const { low, high }: Box = union ?? box;
    union = {
      low: low.map((at, axis) => Math.min(at, box.low[axis] ?? at)),
      high: high.map((at, axis) => Math.max(at, box.high[axis] ?? at)),
    };
  }
  return union;
}
