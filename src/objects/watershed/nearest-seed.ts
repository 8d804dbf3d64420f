import { stridesOf } from '../../ir/parameter.js';
import type { Connectivity } from '../components/connectivity.js';
import { FloodQueue } from './flood-queue.js';
import { FramedMap } from './framed-map.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** Marks a position that belongs to no seed. */
const WALL = -1;

/**
 * Gives open positions to their nearest seeds. A seed spreads through open positions that connect to it, the nearest first;
 * near is the straight line to the position where it came from. This is ordered propagation (I. Ragnemalm, Neighborhoods for
 * distance transformations using ordered propagation, CVGIP 56, 1992). In narrow corners a position can belong to a seed
 * that is a fraction of a position further away than the nearest. Of equally near seeds, the one whose front got there first
 * has the position; fronts start in row-major order.
 *
 * @param seeds (...shape): the number of a seed, from 1, or 0. Is filled in place.
 * @param isOpen (...shape): 1 where seeds spread to
 * @param spacing the distance between positions on each axis
 */
export function spreadSeeds(
  seeds: Int32Array,
  isOpen: Uint8Array,
  shape: readonly number[],
  spacing: readonly number[],
  connectivity: Connectivity,
): void {
  const frame = new FramedMap(shape);
  const offsets = frame.offsets(connectivity);
  const framed = new Int32Array(frame.length).fill(WALL);
  frame.rows((at, framedAt, width) => {
    for (let i = 0; i < width; i++) {
      const seed = seeds[at + i] as number;
      if (seed !== 0 || isOpen[at + i] === 1) framed[framedAt + i] = seed;
    }
  });
  const strides = stridesOf(frame.shape);
  const distance = (a: number, b: number): number => {
    let [sum, from, to] = [0, a, b];
    for (let axis = 0; axis < strides.length; axis++) {
      const stride = strides[axis] as number;
      const [x, y] = [Math.floor(from / stride), Math.floor(to / stride)];
      from -= x * stride;
      to -= y * stride;
      sum += ((x - y) * (spacing[axis] as number)) ** 2;
    }
    return sum;
  };
  const queue = new FloodQueue();
  const spread = (at: number, source: number): void => {
    for (let k = 0; k < offsets.length; k++) {
      const next = at + (offsets[k] as number);
      if (framed[next] === 0) queue.push(distance(next, source), next, source);
    }
  };
  for (let at = 0; at < framed.length; at++) if ((framed[at] as number) > 0) spread(at, at);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (framed[at] !== 0) continue;
    framed[at] = framed[queue.source] as number;
    spread(at, queue.source);
  }
  frame.rows((at, framedAt, width) => {
    for (let i = 0; i < width; i++) seeds[at + i] = Math.max(0, framed[framedAt + i] as number);
  });
}
