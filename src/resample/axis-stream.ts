import { type AxisTaps, BORDER } from './axis-taps.js';
import type { PlaneSink } from './plane-sink.js';
import { GAIN, lastCoefficient, POLE, REACH, STEADY } from './spline.js';

// `as number` and `as Float32Array` in this file: every index is inside its array, and all planes have one size; a check
// would cost time at every number.

/** Resamples along the axis across the planes: takes planes `start` to `end` - 1 of the taps, and gives `count` planes. */
export function axisStream(taps: AxisTaps, planeSize: number, next: PlaneSink): PlaneSink {
  if (taps.order === 3) return new CubicStream(taps, planeSize, next);
  if (taps.order === 1) return new LinearStream(taps, planeSize, next);
  return new NearestStream(taps, planeSize, next);
}

class NearestStream implements PlaneSink {
  private readonly input: Float32Array;
  private taken = 0;
  private given = 0;

  constructor(
    private readonly taps: AxisTaps,
    planeSize: number,
    private readonly next: PlaneSink,
  ) {
    this.input = new Float32Array(planeSize);
  }

  room(): Float32Array {
    return this.input;
  }

  push(plane: Float32Array): void {
    const { first, count } = this.taps;
    while (this.given < count && first[this.given] === this.taken) {
      const target = this.next.room();
      target.set(plane);
      this.given += 1;
      this.next.push(target);
    }
    this.taken += 1;
  }
}

class LinearStream implements PlaneSink {
  private input: Float32Array;
  private before: Float32Array;
  private taken = 0;
  private given = 0;

  constructor(
    private readonly taps: AxisTaps,
    planeSize: number,
    private readonly next: PlaneSink,
  ) {
    this.input = new Float32Array(planeSize);
    this.before = new Float32Array(planeSize);
  }

  room(): Float32Array {
    return this.input;
  }

  push(plane: Float32Array): void {
    const { first, weights, count, start, end } = this.taps;
    const isOnly = end - start === 1;
    for (; this.given < count; this.given++) {
      const at = first[this.given] as number;
      if (at + 1 > this.taken && !isOnly) break;
      const target = this.next.room();
      const right = weights[2 * this.given + 1] as number;
      if (isOnly || right === 0) target.set(isOnly || at === this.taken ? plane : this.before);
      else blend(target, this.before, plane, right);
      this.next.push(target);
    }
    this.taken += 1;
    if (plane !== this.input) this.input.set(plane);
    [this.input, this.before] = [this.before, this.input];
  }
}

function blend(target: Float32Array, left: Float32Array, right: Float32Array, weight: number): void {
  const rest = 1 - weight;
  for (let k = 0; k < target.length; k++) {
    target[k] = rest * (left[k] as number) + weight * (right[k] as number);
  }
}

/** Planes whose coefficients are computed together: each such band runs over REACH planes more. */
const BAND = 16;
/** Numbers of a plane that go through all planes of a band while they are in a processor's cache. */
const CHUNK = 2048;

/**
 * The forward filter is exact. The backward filter of each band starts REACH planes after it, as if the planes after
 * that were equal: what this changes in a coefficient is below 1e-8 of the range of the numbers.
 */
class CubicStream implements PlaneSink {
  private readonly input: Float32Array;
  /** Forward filtered planes, and coefficients once they are known; position p is at p % ring.length. */
  private readonly ring: readonly Float32Array[];
  private readonly scratch = new Float64Array(CHUNK);
  private readonly length: number;
  private taken = 0;
  /** Positions, counted with the border, whose forward filter is known, and whose coefficient is. */
  private forward = 0;
  private known = 0;
  private given = 0;

  constructor(
    private readonly taps: AxisTaps,
    planeSize: number,
    private readonly next: PlaneSink,
  ) {
    this.length = taps.end - taps.start;
    this.input = new Float32Array(planeSize);
    const planes = Math.min(this.length + 2 * BORDER, BAND + REACH + 2 * BORDER);
    this.ring = Array.from({ length: planes }, () => new Float32Array(planeSize));
  }

  room(): Float32Array {
    return this.input;
  }

  push(plane: Float32Array): void {
    if (this.taken === 0) for (let i = 0; i < BORDER; i++) this.filterForward(plane);
    this.filterForward(plane);
    this.taken += 1;
    if (this.taken === this.length) {
      for (let i = 0; i < BORDER; i++) {
        this.finishBand(false);
        this.filterForward(plane);
      }
      this.finishBand(true);
    } else this.finishBand(false);
  }

  private at(position: number): Float32Array {
    return this.ring[position % this.ring.length] as Float32Array;
  }

  private filterForward(plane: Float32Array): void {
    const target = this.at(this.forward);
    if (this.forward === 0) {
      for (let k = 0; k < target.length; k++) target[k] = STEADY * (plane[k] as number);
    } else {
      const before = this.at(this.forward - 1);
      for (let k = 0; k < target.length; k++) {
        target[k] = GAIN * (plane[k] as number) + POLE * (before[k] as number);
      }
    }
    this.forward += 1;
  }

  /** Computes coefficients, if there are enough planes for a band, or all where no more planes come. */
  private finishBand(isEnd: boolean): void {
    const end = isEnd ? this.forward : this.forward - REACH;
    if (isEnd ? end === this.known : end - this.known < BAND) return;
    const size = this.input.length;
    for (let from = 0; from < size; from += CHUNK) {
      this.filterBack(end, from, Math.min(size, from + CHUNK), this.scratch);
    }
    this.known = end;
    this.join();
  }

  private filterBack(end: number, from: number, to: number, scratch: Float64Array): void {
    const last = this.forward - 1;
    const [newest, before] = [this.at(last), this.at(last - 1)];
    for (let k = from; k < to; k++) {
      scratch[k - from] = lastCoefficient(newest[k] as number, before[k] as number);
    }
    if (last < end) newest.set(scratch.subarray(0, to - from), from);
    for (let position = last - 1; position >= this.known; position--) {
      const plane = this.at(position);
      if (position >= end) {
        for (let k = from; k < to; k++) {
          scratch[k - from] = POLE * ((scratch[k - from] as number) - (plane[k] as number));
        }
      } else {
        for (let k = from; k < to; k++) {
          const value = POLE * ((scratch[k - from] as number) - (plane[k] as number));
          scratch[k - from] = value;
          plane[k] = value;
        }
      }
    }
  }

  /** Gives the planes whose coefficients are all known. */
  private join(): void {
    const { first, weights, count } = this.taps;
    for (; this.given < count; this.given++) {
      const at = first[this.given] as number;
      if (at + 3 >= this.known) return;
      const target = this.next.room();
      joinPlanes(
        target,
        [this.at(at), this.at(at + 1), this.at(at + 2), this.at(at + 3)],
        weights.subarray(4 * this.given, 4 * this.given + 4),
      );
      this.next.push(target);
    }
  }
}

function joinPlanes(
  target: Float32Array,
  [a, b, c, d]: readonly [Float32Array, Float32Array, Float32Array, Float32Array],
  weights: Float64Array,
): void {
  const wa = weights[0] as number;
  const wb = weights[1] as number;
  const wc = weights[2] as number;
  const wd = weights[3] as number;
  for (let k = 0; k < target.length; k++) {
    target[k] = wa * (a[k] as number) + wb * (b[k] as number) + wc * (c[k] as number) + wd * (d[k] as number);
  }
}
