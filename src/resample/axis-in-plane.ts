import { type AxisTaps, BORDER } from './axis-taps.js';
import { GAIN, lastCoefficient, POLE, STEADY } from './spline.js';

// `as number` in this file: every index is inside its array, by the sizes in the docstrings; a check would cost time at
// every number.

/** Columns that are filtered together: their numbers stay in a processor's cache for axes of some thousand positions. */
const COLUMNS = 32;
/** Rows that are filtered together. */
const ROWS = 8;

/** A scratch for `resampleAxis`, made once for many calls. */
export function axisScratch({ start, end }: AxisTaps): Float64Array {
  return new Float64Array((end - start + 2 * BORDER) * COLUMNS);
}

/** Where the numbers of a block lie in an array: `from`, a position later `stride`, a column further `across`. */
interface Block {
  readonly from: number;
  readonly stride: number;
  readonly across: number;
}

/** Resamples the middle axis of (outer, length, inner) to (outer, count of `taps`, inner). */
export function resampleAxis(
  source: Float32Array,
  target: Float32Array,
  { outer, inner, length }: { readonly outer: number; readonly inner: number; readonly length: number },
  taps: AxisTaps,
  scratch: Float64Array,
): void {
  if (taps.order === 3) cubicAxis(source, target, { outer, inner, length }, taps, scratch);
  else {
    for (let o = 0; o < outer; o++) {
      const from = (o * length + taps.start) * inner;
      const to = o * taps.count * inner;
      if (taps.order === 0) copyRows(source, from, inner, target, to, taps);
      else if (inner === 1) blendNumbers(source, from, target, to, taps);
      else blendRows(source, from, inner, target, to, taps);
    }
  }
}

/** Columns, or rows where the axis is the last one, are filtered side by side: each number waits for the one before it. */
function cubicAxis(
  source: Float32Array,
  target: Float32Array,
  { outer, inner, length }: { readonly outer: number; readonly inner: number; readonly length: number },
  taps: AxisTaps,
  scratch: Float64Array,
): void {
  const { start, count } = taps;
  if (inner === 1) {
    for (let row = 0; row < outer; row += ROWS) {
      const rows = Math.min(ROWS, outer - row);
      filter(source, { from: row * length + start, stride: 1, across: length }, rows, taps, scratch);
      join(scratch, rows, target, { from: row * count, stride: 1, across: count }, taps);
    }
    return;
  }
  for (let o = 0; o < outer; o++) {
    for (let column = 0; column < inner; column += COLUMNS) {
      const columns = Math.min(COLUMNS, inner - column);
      const from = (o * length + start) * inner + column;
      const to = o * count * inner + column;
      filter(source, { from, stride: inner, across: 1 }, columns, taps, scratch);
      join(scratch, columns, target, { from: to, stride: inner, across: 1 }, taps);
    }
  }
}

/** The coefficients of neighbouring columns, with BORDER more at both ends: (positions, columns) in `scratch`. */
function filter(
  source: Float32Array,
  { from, stride, across }: Block,
  columns: number,
  { start, end }: AxisTaps,
  scratch: Float64Array,
): void {
  const length = end - start;
  for (let k = 0; k < columns; k++) {
    const value = STEADY * (source[from + k * across] as number);
    for (let i = 0; i < BORDER; i++) scratch[i * columns + k] = value;
  }
  let at = BORDER * columns;
  for (let i = 0; i < length + BORDER; i++) {
    let number = from + Math.min(i, length - 1) * stride;
    for (let k = 0; k < columns; k++, at++, number += across) {
      scratch[at] = GAIN * (source[number] as number) + POLE * (scratch[at - columns] as number);
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
function join(
  scratch: Float64Array,
  columns: number,
  target: Float32Array,
  { from, stride, across }: Block,
  { count, first, weights }: AxisTaps,
): void {
  for (let i = 0, w = 0; i < count; i++, w += 4) {
    const a = weights[w] as number;
    const b = weights[w + 1] as number;
    const c = weights[w + 2] as number;
    const d = weights[w + 3] as number;
    let number = from + i * stride;
    let at = (first[i] as number) * columns;
    for (let k = 0; k < columns; k++, at++, number += across) {
      target[number] =
        a * (scratch[at] as number) +
        b * (scratch[at + columns] as number) +
        c * (scratch[at + 2 * columns] as number) +
        d * (scratch[at + 3 * columns] as number);
    }
  }
}

function blendNumbers(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  { start, end, count, first, weights }: AxisTaps,
): void {
  const step = end - start > 1 ? 1 : 0;
  for (let i = 0; i < count; i++) {
    const at = from + (first[i] as number);
    const left = source[at] as number;
    target[to + i] = left + (weights[2 * i + 1] as number) * ((source[at + step] as number) - left);
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
  const step = end - start > 1 ? inner : 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[2 * i + 1] as number;
    const at = from + (first[i] as number) * inner;
    const row = to + i * inner;
    for (let k = 0; k < inner; k++) {
      const left = source[at + k] as number;
      target[row + k] = left + weight * ((source[at + step + k] as number) - left);
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
    if (inner === 1) target[to + i] = source[row] as number;
    else target.set(source.subarray(row, row + inner), to + i * inner);
  }
}
