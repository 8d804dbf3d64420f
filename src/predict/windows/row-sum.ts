import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount, stridesOf, type Tensor } from '../../runtime/tensor.js';
import type { Rows } from '../rows/row-source.js';
import type { WindowPlan } from './window-plan.js';

/** The output of a window on each axis: where it begins, and the part of it that is used. */
export type WindowPlace = readonly { readonly start: number; readonly from: number; readonly to: number }[];

// `as number`: every index below is inside its array by the plan, and a check would cost time at every number.

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
    const [read, write] = [stridesOf(output), stridesOf(this.sums.shape.slice(1))];
    const weights = this.plan.weights;
    const last = moved.length - 1;
    const each = (source: number, target: number, use: (from: number, to: number, count: number) => void) => {
      const walk = (axis: number, from: number, to: number): void => {
        const { start, from: begin, to: end } = moved[axis] ?? { start: 0, from: 0, to: 0 };
        if (axis === last) {
          use(from + begin - start, to + begin, end - begin);
          return;
        }
        const [near = 1, far = 1] = [read[axis], write[axis]];
        for (let i = begin; i < end; i++) walk(axis + 1, from + (i - start) * near, to + i * far);
      };
      walk(0, source, target);
    };
    const plane = this.room * this.line;
    const { data: sums } = this.sums;
    for (let channel = 0; channel < channels; channel++) {
      const base = (index * channels + channel) * own;
      if (weights === undefined) {
        each(base, channel * plane, (from, to, count) => sums.set(data.subarray(from, from + count), to));
        continue;
      }
      each(base, channel * plane, (from, to, count) => {
        const weight = from - base;
        for (let i = 0; i < count; i++) {
          const added = (data[from + i] as number) * (weights[weight + i] as number);
          sums[to + i] = (sums[to + i] as number) + added;
        }
      });
    }
    const total = this.weights;
    if (!weights || !total) return;
    each(0, 0, (from, to, count) => {
      for (let i = 0; i < count; i++)
        total[to + i] = (total[to + i] as number) + (weights[from + i] as number);
    });
  }

  /** Takes out the rows before `end`, which are finished: divided by the sums of their weights. */
  take(end: number): Rows | undefined {
    const [from, to] = [this.first, end];
    if (!this.sums || to <= from) return undefined;
    const { shape, data } = this.sums;
    const [channels = 0, , ...rest] = shape;
    const [plane, count] = [this.room * this.line, (to - from) * this.line];
    const values = new Float32Array(channels * count);
    for (let channel = 0; channel < channels; channel++) {
      const [base, target] = [channel * plane, channel * count];
      if (this.weights === undefined) values.set(data.subarray(base, base + count), target);
      else {
        for (let i = 0; i < count; i++)
          values[target + i] = (data[base + i] as number) / (this.weights[i] as number);
      }
      data.copyWithin(base, base + count, base + plane);
      data.fill(0, base + plane - count, base + plane);
    }
    if (this.weights) {
      this.weights.copyWithin(0, count);
      this.weights.fill(0, plane - count);
    }
    this.first = to;
    return { from, to, values: { shape: [channels, to - from, ...rest], data: values } };
  }
}
