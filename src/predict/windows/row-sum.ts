import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount, stridesOf, type Tensor } from '../../runtime/tensor.js';
import type { Rows } from '../rows/row-source.js';
import type { WindowPlan } from './window-plan.js';

/** The output of a window on each axis: where it begins, and the part of it that is used. */
export type WindowPlace = readonly { readonly start: number; readonly from: number; readonly to: number }[];

// `as number`: every index below is inside its array by the plan, and a check would cost time at every number.

/** So many positions are taken out at once. */
const PART_POSITIONS = 2 ** 22;

/** The weighted sums of the outputs of windows, (K, rows, ...rest), for the rows that are not finished. */
export class RowSum {
  private sums: Tensor | undefined;
  private weights: Float32Array | undefined;
  /** How many rows there is room for: an output has no more. */
  private readonly room: number;
  private readonly line: number;

  /** @param first the row of the image that comes first */
  constructor(
    private readonly plan: WindowPlan,
    private first: number,
  ) {
    const [axis, ...rest] = plan.axes;
    this.room = Math.min(axis?.output ?? 0, axis?.size ?? 0);
    this.line = elementCount(rest.map(({ size }) => size));
  }

  /** Makes room for `channels` of outputs. */
  prepare(channels: number): Failure | undefined {
    if (this.sums) return undefined;
    const shape = [channels, this.room, ...this.plan.axes.slice(1).map(({ size }) => size)];
    const data = allocate(elementCount(shape), { what: 'an output', shape });
    if (data instanceof Failure) return data;
    this.sums = { shape, data };
    if (this.plan.weights) this.weights = new Float32Array(this.room * this.line);
    return undefined;
  }

  /** Adds window `index` of a batch of outputs, (N, K, ...output). */
  add({ shape, data }: Tensor, index: number, place: WindowPlace): void {
    if (!this.sums) throw new Error('there is no room yet');
    const [, channels = 0, ...output] = shape;
    const own = elementCount(output);
    const [row, ...rest] = place;
    if (!row) throw new Error('a window has at least one axis');
    const moved = [
      { start: row.start - this.first, from: row.from - this.first, to: row.to - this.first },
      ...rest,
    ];
    const lines = linesOf(moved, stridesOf(output), stridesOf(this.sums.shape.slice(1)));
    const { count } = lines;
    const { data: sums } = this.sums;
    const { weights } = this.plan;
    const plane = this.room * this.line;
    for (let channel = 0; channel < channels; channel++) {
      const [base, target] = [(index * channels + channel) * own, channel * plane];
      for (let i = 0; i < lines.from.length; i++) {
        const [from, to] = [lines.from[i] as number, lines.to[i] as number];
        if (weights) addProducts(sums, target + to, data, base + from, weights, from, count);
        else sums.set(data.subarray(base + from, base + from + count), target + to);
      }
    }
    const total = this.weights;
    if (!weights || !total) return;
    for (let i = 0; i < lines.from.length; i++) {
      addNumbers(total, lines.to[i] as number, weights, lines.from[i] as number, count);
    }
  }

  /**
   * Takes out the rows before `end`, which are finished: divided by the sums of their weights, and in parts, so that no copy
   * of all is in memory. Nothing is added before the last part is taken.
   */
  *take(end: number): Generator<Rows> {
    if (!this.sums || end <= this.first) return;
    const step = Math.max(1, Math.floor(PART_POSITIONS / this.line));
    for (let row = this.first; row < end; row += step) yield this.rowsOf(row, Math.min(end, row + step));
    const { data, shape } = this.sums;
    const [plane, count] = [this.room * this.line, (end - this.first) * this.line];
    for (let channel = 0; channel < (shape[0] ?? 0); channel++) {
      const base = channel * plane;
      data.copyWithin(base, base + count, base + plane);
      data.fill(0, base + plane - count, base + plane);
    }
    if (this.weights) {
      this.weights.copyWithin(0, count);
      this.weights.fill(0, plane - count);
    }
    this.first = end;
  }

  private rowsOf(from: number, to: number): Rows {
    const { shape = [], data = new Float32Array() } = this.sums ?? {};
    const [channels = 0, , ...rest] = shape;
    const [plane, count] = [this.room * this.line, (to - from) * this.line];
    const start = (from - this.first) * this.line;
    const values = new Float32Array(channels * count);
    for (let channel = 0; channel < channels; channel++) {
      const [base, target] = [channel * plane + start, channel * count];
      if (this.weights === undefined) values.set(data.subarray(base, base + count), target);
      else {
        for (let i = 0; i < count; i++)
          values[target + i] = (data[base + i] as number) / (this.weights[start + i] as number);
      }
    }
    return { from, to, values: { shape: [channels, to - from, ...rest], data: values } };
  }
}

/** Lines along the last axis: where each begins in the output and in the sums, and how long all are. */
interface Lines {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly count: number;
}

function linesOf(place: WindowPlace, read: readonly number[], write: readonly number[]): Lines {
  const last = place.length - 1;
  const inner = place[last] ?? { start: 0, from: 0, to: 0 };
  let from = Int32Array.of(inner.from - inner.start);
  let to = Int32Array.of(inner.from);
  for (let axis = last - 1; axis >= 0; axis--) {
    const { start, from: begin, to: end } = place[axis] ?? { start: 0, from: 0, to: 0 };
    const [near, far] = [read[axis] ?? 1, write[axis] ?? 1];
    const size = from.length;
    const more = [new Int32Array((end - begin) * size), new Int32Array((end - begin) * size)] as const;
    for (let i = begin; i < end; i++) {
      for (let j = 0; j < size; j++) {
        more[0][(i - begin) * size + j] = (from[j] as number) + (i - start) * near;
        more[1][(i - begin) * size + j] = (to[j] as number) + i * far;
      }
    }
    [from, to] = more;
  }
  return { from, to, count: inner.to - inner.from };
}

function addProducts(
  sums: Float32Array,
  to: number,
  data: Float32Array,
  from: number,
  weights: Float32Array,
  weight: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    sums[to + i] = (sums[to + i] as number) + (data[from + i] as number) * (weights[weight + i] as number);
  }
}

function addNumbers(sums: Float32Array, to: number, more: Float32Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) sums[to + i] = (sums[to + i] as number) + (more[from + i] as number);
}
