import type { Rng } from '../rng.js';
import { drawIndex } from './sample-index.js';

/**
 * Where the label of a patch begins on an axis, at random. It lies inside of the image where that is as large; else the
 * image lies inside of it.
 */
function drawStart(size: number, output: number, rng: Rng): number {
  return Math.min(0, size - output) + drawIndex(rng, Math.abs(size - output) + 1);
}

/** The start of a label, (...spatial), of size `output` in an image of `spatial`. */
export function drawPlace(spatial: readonly number[], output: readonly number[], rng: Rng): number[] {
  return spatial.map((size, axis) => drawStart(size, output[axis] ?? size, rng));
}

/**
 * The start of the label with the position in its middle; moved as far as needed to keep the rule of drawPlace. `index`
 * counts positions in row-major order.
 */
export function placeAround(index: number, spatial: readonly number[], output: readonly number[]): number[] {
  let rest = index;
  const starts: number[] = [];
  for (let axis = spatial.length - 1; axis >= 0; axis--) {
    const size = spatial[axis] ?? 1;
    const room = size - (output[axis] ?? size);
    const wanted = (rest % size) - Math.floor((output[axis] ?? size) / 2);
    starts.unshift(Math.min(Math.max(0, room), Math.max(Math.min(0, room), wanted)));
    rest = Math.floor(rest / size);
  }
  return starts;
}
