import type { Connectivity } from '../components/connectivity.js';
import { FramedMap } from './framed-map.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/**
 * The peaks of a landscape that rise at least `height` above the highest pass to a higher peak: its h-maxima (M. Grimaud, A
 * new measure of contrast: the dynamics, 1992; P. Soille, Morphological Image Analysis, 2003, section 6.3). Of equally high
 * peaks, the first in row-major order is the higher one. The highest peak of each part of the landscape always counts.
 *
 * Positions are taken from the highest to the lowest, and joined to the peaks around them in a disjoint-set forest.
 *
 * @param levels (...shape), at least 0
 * @param isInside (...shape): 1 where the landscape is
 * @returns (...shape): the peaks, one position each, numbered from 1 in row-major order
 */
export function highPeaks(
  levels: Float32Array,
  isInside: Uint8Array,
  shape: readonly number[],
  connectivity: Connectivity,
  height: number,
): { readonly peaks: Int32Array; readonly count: number } {
  const frame = new FramedMap(shape);
  const offsets = frame.offsets(connectivity);
  const heights = new Float32Array(frame.length);
  /** The position in the map of each position in the frame, or -1. */
  const places = new Int32Array(frame.length).fill(-1);
  const inside: number[] = [];
  frame.rows((at, framedAt, width) => {
    for (let i = 0; i < width; i++) {
      if (isInside[at + i] !== 1) continue;
      heights[framedAt + i] = levels[at + i] as number;
      places[framedAt + i] = at + i;
      inside.push(framedAt + i);
    }
  });
  /** A position of the same peak that was taken before; a peak has itself, and what was not taken yet has 0, in the frame. */
  const parents = new Int32Array(frame.length);
  const isHigh = new Uint8Array(frame.length);
  for (const at of descending(Int32Array.from(inside), heights)) {
    const level = heights[at] as number;
    let best = 0;
    for (let k = 0; k < offsets.length; k++) {
      const next = at + (offsets[k] as number);
      if (parents[next] === 0) continue;
      const root = rootOf(parents, next);
      if (best === 0 || root === best) best = root;
      else {
        const [higher, lower] = isHigher(heights, best, root) ? [best, root] : [root, best];
        const fall = (heights[lower] as number) - level;
        // Without a fall, these are parts of one plateau.
        if (fall > 0 && fall >= height) isHigh[lower] = 1;
        parents[lower] = higher;
        best = higher;
      }
    }
    parents[at] = best === 0 ? at : best;
  }
  const peaks = new Int32Array(isInside.length);
  let count = 0;
  for (const at of inside) {
    if (isHigh[at] === 1 || parents[at] === at) peaks[places[at] as number] = ++count;
  }
  return { peaks, count };
}

function isHigher(heights: Float32Array, a: number, b: number): boolean {
  const difference = (heights[a] as number) - (heights[b] as number);
  return difference > 0 || (difference === 0 && a < b);
}

/** The peak of a position, with path halving. */
function rootOf(parents: Int32Array, position: number): number {
  let at = position;
  let parent = parents[at] as number;
  while (parent !== at) {
    const above = parents[parent] as number;
    parents[at] = above;
    at = above;
    parent = parents[at] as number;
  }
  return at;
}

/**
 * Positions from the highest to the lowest; of equally high ones in their order. A radix sort: the bits of numbers from 0 on
 * are in the order of the numbers, and are sorted by 11 of them at a time.
 */
function descending(positions: Int32Array, heights: Float32Array): Int32Array {
  const bits = new Uint32Array(heights.buffer);
  let from: Int32Array = positions;
  let to: Int32Array = new Int32Array(positions.length);
  for (const shift of [0, 11, 22]) {
    const starts = new Int32Array(2049);
    const digit = (position: number) => 2047 - (((bits[position] as number) >>> shift) & 2047);
    for (let i = 0; i < from.length; i++) {
      const next = digit(from[i] as number) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let k = 1; k < starts.length; k++) starts[k] = (starts[k] as number) + (starts[k - 1] as number);
    for (let i = 0; i < from.length; i++) {
      const position = from[i] as number;
      const at = digit(position);
      const place = starts[at] as number;
      to[place] = position;
      starts[at] = place + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}
