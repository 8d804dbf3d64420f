import { type AxisTaps, BORDER } from './axis-taps.js';
import { GAIN, lastCoefficient, POLE, STEADY } from './spline.js';

// `as number` in this file: every index is inside its array, by the sizes in the docstrings; a check would cost time at
// every number.

/** Columns that are filtered together: their numbers stay in a processor's cache for axes of some thousand positions. */
const COLUMNS = 32;

/** A scratch for `resampleAxis`, made once for many calls. */
export function axisScratch({ start, end }: AxisTaps): Float64Array {
  return new Float64Array((end - start + 2 * BORDER) * COLUMNS);
}

/** Resamples the middle axis of (outer, end of `taps`, inner) to (outer, count of `taps`, inner). */
export function resampleAxis(
  source: Float32Array,
  target: Float32Array,
  { outer, inner, length }: { readonly outer: number; readonly inner: number; readonly length: number },
  taps: AxisTaps,
  scratch: Float64Array,
): void {
  for (let o = 0; o < outer; o++) {
    const from = (o * length + taps.start) * inner;
    const to = o * taps.count * inner;
    if (inner === 1) resampleRow(source, from, target, to, taps, scratch);
    else if (taps.order === 3) {
      for (let column = 0; column < inner; column += COLUMNS) {
        const columns = Math.min(COLUMNS, inner - column);
        filterColumns(source, from + column, inner, columns, taps, scratch);
        joinColumns(scratch, columns, target, to + column, inner, taps);
      }
    } else if (taps.order === 1) blendRows(source, from, inner, target, to, taps);
    else copyRows(source, from, inner, target, to, taps);
  }
}

function resampleRow(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  { order, start, end, count, first, weights }: AxisTaps,
  scratch: Float64Array,
): void {
  if (order === 0) {
    for (let i = 0; i < count; i++) target[to + i] = source[from + (first[i] as number)] as number;
  } else if (order === 1) {
    const last = end - start - 1;
    for (let i = 0; i < count; i++) {
      const at = first[i] as number;
      const next = at < last ? at + 1 : at;
      target[to + i] =
        (weights[2 * i] as number) * (source[from + at] as number) +
        (weights[2 * i + 1] as number) * (source[from + next] as number);
    }
  } else {
    filterRow(source, from, end - start, scratch);
    for (let i = 0, w = 0; i < count; i++, w += 4) {
      const at = first[i] as number;
      target[to + i] =
        (weights[w] as number) * (scratch[at] as number) +
        (weights[w + 1] as number) * (scratch[at + 1] as number) +
        (weights[w + 2] as number) * (scratch[at + 2] as number) +
        (weights[w + 3] as number) * (scratch[at + 3] as number);
    }
  }
}

/** The coefficients of `length` numbers of a row, with BORDER more on either side. */
function filterRow(source: Float32Array, from: number, length: number, scratch: Float64Array): void {
  let value = STEADY * (source[from] as number);
  let before = value;
  for (let i = 0; i < BORDER; i++) scratch[i] = value;
  for (let i = 0; i < length; i++) {
    before = value;
    value = GAIN * (source[from + i] as number) + POLE * value;
    scratch[BORDER + i] = value;
  }
  const end = GAIN * (source[from + length - 1] as number);
  for (let i = 0; i < BORDER; i++) {
    before = value;
    value = end + POLE * value;
    scratch[BORDER + length + i] = value;
  }
  let at = length + 2 * BORDER - 1;
  value = lastCoefficient(value, before);
  scratch[at] = value;
  while (--at >= 0) {
    value = POLE * (value - (scratch[at] as number));
    scratch[at] = value;
  }
}

/** The same for neighbouring columns: (positions, columns) in `scratch`. */
function filterColumns(
  source: Float32Array,
  from: number,
  stride: number,
  columns: number,
  { start, end }: AxisTaps,
  scratch: Float64Array,
): void {
  const length = end - start;
  for (let k = 0; k < columns; k++) {
    const value = STEADY * (source[from + k] as number);
    for (let i = 0; i < BORDER; i++) scratch[i * columns + k] = value;
  }
  let at = BORDER * columns;
  for (let i = 0; i < length + BORDER; i++) {
    const row = from + Math.min(i, length - 1) * stride;
    for (let k = 0; k < columns; k++, at++) {
      scratch[at] = GAIN * (source[row + k] as number) + POLE * (scratch[at - columns] as number);
    }
  }
  at -= columns;
  for (let k = 0; k < columns; k++) {
    scratch[at + k] = lastCoefficient(scratch[at + k] as number, scratch[at + k - columns] as number);
  }
  while (--at >= 0) {
    scratch[at] = POLE * ((scratch[at + columns] as number) - (scratch[at] as number));
  }
}

/** Cubic interpolation between the coefficients (positions, columns) of `scratch`. */
function joinColumns(
  scratch: Float64Array,
  columns: number,
  target: Float32Array,
  to: number,
  stride: number,
  { count, first, weights }: AxisTaps,
): void {
  for (let i = 0, w = 0; i < count; i++, w += 4) {
    const a = weights[w] as number;
    const b = weights[w + 1] as number;
    const c = weights[w + 2] as number;
    const d = weights[w + 3] as number;
    const row = to + i * stride;
    let at = (first[i] as number) * columns;
    for (let k = 0; k < columns; k++, at++) {
      target[row + k] =
        a * (scratch[at] as number) +
        b * (scratch[at + columns] as number) +
        c * (scratch[at + 2 * columns] as number) +
        d * (scratch[at + 3 * columns] as number);
    }
  }
}

function blendRows(
  source: Float32Array,
  from: number,
  inner: number,
  target: Float32Array,
  to: number,
  { start, end, count, first, weights }: AxisTaps,
): void {
  const last = end - start - 1;
  for (let i = 0; i < count; i++) {
    const [a, b] = [weights[2 * i] as number, weights[2 * i + 1] as number];
    const at = first[i] as number;
    let left = from + at * inner;
    let right = from + Math.min(last, at + 1) * inner;
    const row = to + i * inner;
    for (let k = 0; k < inner; k++, left++, right++) {
      target[row + k] = a * (source[left] as number) + b * (source[right] as number);
    }
  }
}

function copyRows(
  source: Float32Array,
  from: number,
  inner: number,
  target: Float32Array,
  to: number,
  { count, first }: AxisTaps,
): void {
  for (let i = 0; i < count; i++) {
    const row = from + (first[i] as number) * inner;
    target.set(source.subarray(row, row + inner), to + i * inner);
  }
}
