import { elementCount, stridesOf } from '../../ir/parameter.js';
import { type Connectivity, neighbourSteps } from '../components/connectivity.js';
import { eachRow } from './rows.js';

/** A map with one position more on each side, so that no neighbour needs a check of its position. */
export class FramedMap {
  /** With the frame. */
  readonly shape: readonly number[];
  readonly length: number;

  constructor(readonly inner: readonly number[]) {
    this.shape = inner.map((size) => size + 2);
    this.length = elementCount(this.shape);
  }

  /** The offsets to all neighbours of a position, those that differ on fewer axes first. */
  offsets(connectivity: Connectivity): Int32Array {
    const strides = stridesOf(this.shape);
    const moves = (step: readonly number[]) => step.filter((move) => move !== 0).length;
    const steps = neighbourSteps(this.inner.length, connectivity).toSorted((a, b) => moves(a) - moves(b));
    return Int32Array.from(steps, (step) =>
      step.reduce((sum, move, axis) => sum + move * (strides[axis] ?? 0), 0),
    );
  }

  /** Calls `visit` with the place of each row in the map, its place in the framed map, and its length. */
  rows(visit: (at: number, framedAt: number, width: number) => void): void {
    const { inner, shape } = this;
    const start = inner.map(() => 0);
    const width = inner.at(-1) ?? 0;
    const visitRow = (at: number, framedAt: number) => visit(at, framedAt, width);
    eachRow(
      { start, size: inner },
      inner,
      inner.map(() => 1),
      shape,
      visitRow,
    );
  }
}
