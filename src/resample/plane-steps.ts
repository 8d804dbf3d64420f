import { axisScratch, resampleAxis } from './axis-in-plane.js';
import type { AxisTaps } from './axis-taps.js';
import type { PlaneSink } from './plane-sink.js';
import { type ValueRange, valueRange } from './value-range.js';

/** An axis of a plane, by its index in the plane's sizes, and what its new positions read. */
export interface PlaneAxis {
  readonly axis: number;
  readonly taps: AxisTaps;
}

const product = (sizes: readonly number[]) => sizes.reduce((result, size) => result * size, 1);

/** Resamples axes of each plane, the ones that make it smaller first. */
export class InPlaneStep implements PlaneSink {
  private readonly input: Float32Array;
  private readonly passes: readonly ((source: Float32Array, target: Float32Array) => void)[];
  /** Between two passes. */
  private readonly between: readonly Float32Array[];

  /** @param sizes the sizes of the planes that it takes */
  constructor(
    sizes: readonly number[],
    axes: readonly PlaneAxis[],
    private readonly next: PlaneSink,
  ) {
    this.input = new Float32Array(product(sizes));
    const growth = ({ axis, taps }: PlaneAxis) => taps.count / (sizes[axis] ?? 1);
    let current = sizes;
    const between: Float32Array[] = [];
    this.passes = [...axes]
      .sort((a, b) => growth(a) - growth(b))
      .map(({ axis, taps }) => {
        const outer = product(current.slice(0, axis));
        const inner = product(current.slice(axis + 1));
        const form = { outer, inner, length: current[axis] ?? 1 };
        const scratch = axisScratch(taps);
        current = current.with(axis, taps.count);
        between.push(new Float32Array(product(current)));
        return (source, target) => resampleAxis(source, target, form, taps, scratch);
      });
    this.between = between.slice(0, -1);
  }

  room(): Float32Array {
    return this.input;
  }

  push(plane: Float32Array): void {
    let source = plane;
    const last = this.next.room();
    for (const [i, pass] of this.passes.entries()) {
      const target = this.between[i] ?? last;
      pass(source, target);
      source = target;
    }
    this.next.push(last);
  }
}

/** Clips the numbers of planes, (outer, ranges, inner), each to its range. */
export class ClipStep implements PlaneSink {
  constructor(
    private readonly ranges: readonly ValueRange[],
    private readonly inner: number,
    private readonly next: PlaneSink,
  ) {}

  room(): Float32Array {
    return this.next.room();
  }

  /** @param plane what `room` gave */
  push(plane: Float32Array): void {
    for (let at = 0, i = 0; at < plane.length; at += this.inner, i = (i + 1) % this.ranges.length) {
      const range = this.ranges[i];
      if (range) clip(plane, at, at + this.inner, range);
    }
    this.next.push(plane);
  }
}

/** Resamples each plane by `step`, and clips what comes out to the range of the plane itself. */
export class ClippedToItself implements PlaneSink {
  private range: ValueRange = { low: 0, high: 0 };
  private readonly step: PlaneSink;

  /** @param step makes the step, which gives a plane for each that it takes */
  constructor(step: (next: PlaneSink) => PlaneSink, next: PlaneSink) {
    this.step = step({
      room: () => next.room(),
      push: (plane) => {
        clip(plane, 0, plane.length, this.range);
        next.push(plane);
      },
    });
  }

  room(): Float32Array {
    return this.step.room();
  }

  push(plane: Float32Array): void {
    this.range = valueRange(plane);
    this.step.push(plane);
  }
}

function clip(plane: Float32Array, from: number, to: number, { low, high }: ValueRange): void {
  for (let k = from; k < to; k++) {
    // `as number`: the index is inside of the plane. NaN stays.
    const value = plane[k] as number;
    if (value < low) plane[k] = low;
    else if (value > high) plane[k] = high;
  }
}
