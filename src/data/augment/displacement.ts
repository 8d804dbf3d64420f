import { elementCount } from '../../runtime/tensor.js';
import type { RandomStream } from '../../weights/random-stream.js';

/** Weights of four neighbours at the fraction f between the middle two: cubic convolution, a = -1/2 (Keys 1981). */
function cubicWeights(f: number): readonly [number, number, number, number] {
  return [
    ((-0.5 * f + 1) * f - 0.5) * f,
    (1.5 * f - 2.5) * f * f + 1,
    ((-1.5 * f + 2) * f + 0.5) * f,
    (0.5 * f - 0.5) * f * f,
  ];
}

/** Stretches one axis of values, `outer` x knots x `inner`, to `size` positions. The first point of the grid is the second knot. */
function stretchAxis(
  values: Float32Array,
  outer: number,
  points: number,
  inner: number,
  size: number,
): Float32Array {
  const knots = Math.max(2, points) + 2;
  const result = new Float32Array(outer * size * inner);
  for (let position = 0; position < size; position++) {
    const t = size > 1 && points > 1 ? (position * (points - 1)) / (size - 1) : 0;
    const cell = Math.min(Math.floor(t), Math.max(0, points - 2));
    const [a, b, c, d] = cubicWeights(t - cell);
    for (let o = 0; o < outer; o++) {
      let from = (o * knots + cell) * inner;
      let to = (o * size + position) * inner;
      for (let i = 0; i < inner; i++, from++, to++) {
        // Of `knots` values, the last one read is cell + 3 <= points + 1.
        const [v, w] = [values[from] as number, values[from + inner] as number];
        const [x, y] = [values[from + 2 * inner] as number, values[from + 3 * inner] as number];
        result[to] = a * v + b * w + c * x + d * y;
      }
    }
  }
  return result;
}

/**
 * One component of the elastic deformation of U-Net (Ronneberger et al. 2015, section 3.1). At the points of a coarse grid
 * from border to border, (...grid), displacements are normal with the deviation `std`; between them they are bicubic
 * (tricubic). One more row of points on every side gives the slopes at the borders.
 *
 * @returns (...size)
 */
export function displacementField(
  size: readonly number[],
  grid: readonly number[],
  std: number,
  stream: RandomStream,
): Float32Array {
  const knots = grid.map((points) => Math.max(2, points) + 2);
  let values: Float32Array = new Float32Array(elementCount(knots));
  stream.fillNormal(values, std);
  for (const [axis, length] of size.entries()) {
    const outer = elementCount(size.slice(0, axis));
    const inner = elementCount(knots.slice(axis + 1));
    values = stretchAxis(values, outer, grid[axis] ?? 1, inner, length);
  }
  return values;
}
