import type { Connectivity } from '../components/connectivity.js';
import { FloodQueue } from './flood-queue.js';
import { FramedMap } from './framed-map.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** Marks a position that is not flooded. */
const WALL = -1;

/**
 * Floods a landscape from its seeds: the lowest position on a shore is flooded next, and belongs to the seed whose water
 * reached its shore first. Of equally low positions, the one that reached a shore first is the next, where seeds count in
 * row-major order, and the neighbours of a position in the order of `FramedMap.offsets`. This is the algorithm of
 * `skimage.segmentation.watershed` without lines (after F. Meyer, 1991), and gives the same map.
 *
 * @param levels (...shape): the height of each position
 * @param basins (...shape): the number of a seed, from 1, or 0. Is filled in place.
 * @param isOpen (...shape): 1 where water may come to, besides the seeds
 */
export function flood(
  levels: Float32Array,
  basins: Int32Array,
  isOpen: Uint8Array,
  shape: readonly number[],
  connectivity: Connectivity,
): void {
  const frame = new FramedMap(shape);
  const offsets = frame.offsets(connectivity);
  const heights = new Float32Array(frame.length);
  const framed = new Int32Array(frame.length).fill(WALL);
  frame.rows((at, framedAt, width) => {
    for (let i = 0; i < width; i++) {
      const basin = basins[at + i] as number;
      heights[framedAt + i] = levels[at + i] as number;
      if (basin !== 0 || isOpen[at + i] === 1) framed[framedAt + i] = basin;
    }
  });
  const queue = new FloodQueue();
  for (let at = 0; at < framed.length; at++) {
    if ((framed[at] as number) > 0 && offsets.some((offset) => framed[at + offset] === 0)) {
      queue.push(heights[at] as number, at);
    }
  }
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const basin = framed[at] as number;
    for (let k = 0; k < offsets.length; k++) {
      const next = at + (offsets[k] as number);
      if (framed[next] !== 0) continue;
      framed[next] = basin;
      queue.push(heights[next] as number, next);
    }
  }
  frame.rows((at, framedAt, width) => {
    for (let i = 0; i < width; i++) basins[at + i] = Math.max(0, framed[framedAt + i] as number);
  });
}
