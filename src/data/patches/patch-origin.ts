import type { Rng } from '../rng.js';

/**
 * A random origin of a patch's label on an axis. The label lies inside the image if the image is at least as large;
 * otherwise the image lies inside the label.
 */
function drawStart(size: number, output: number, rng: Rng): number {
  return Math.min(0, size - output) + rng.index(Math.abs(size - output) + 1);
}

/** A random origin of a label of size `output` in an image of `spatial`, (...spatial) each. */
export function drawOrigin(spatial: readonly number[], output: readonly number[], rng: Rng): number[] {
  return spatial.map((size, axis) => drawStart(size, output[axis] ?? size, rng));
}

/**
 * The origin of the label with a position in its middle, moved as far as needed to keep the rule of drawOrigin. `index` is
 * the row-major index of the position.
 */
export function originAround(index: number, spatial: readonly number[], output: readonly number[]): number[] {
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
