import { elementCount } from '../../runtime/tensor.js';
import type { RandomStream } from '../../weights/random-stream.js';

/** The four weights of a uniform cubic B-spline at the fraction f of a knot interval; they add up to 1. */
function splineWeights(f: number): readonly [number, number, number, number] {
  const g = 1 - f;
  return [
    (g * g * g) / 6,
    (3 * f * f * f - 6 * f * f + 4) / 6,
    (3 * g * g * g - 6 * g * g + 4) / 6,
    (f * f * f) / 6,
  ];
}

/** Stretches one axis of `knots` control points, `outer` x knots x `inner`, to `size` positions. */
function stretchAxis(
  values: Float32Array,
  outer: number,
  knots: number,
  inner: number,
  size: number,
  distance: number,
): Float32Array {
  const result = new Float32Array(outer * size * inner);
  for (let position = 0; position < size; position++) {
    const t = position / distance;
    const first = Math.floor(t);
    const [a, b, c, d] = splineWeights(t - first);
    for (let o = 0; o < outer; o++) {
      let from = (o * knots + first) * inner;
      let to = (o * size + position) * inner;
      for (let i = 0; i < inner; i++, from++, to++) {
        // There are floor((size - 1) / distance) + 4 control points, so the last index is inside.
        const [v, w] = [values[from] as number, values[from + inner] as number];
        const [x, y] = [values[from + 2 * inner] as number, values[from + 3 * inner] as number];
        result[to] = a * v + b * w + c * x + d * y;
      }
    }
  }
  return result;
}

/** base^exponent for a whole exponent: Math.pow is not the same on every machine. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= base;
  return result;
}

/** The part of the standard deviation of independent control points that a cubic B-spline keeps, on average, per axis. */
const DAMPING = 0.69;

/**
 * A random field of `shape` that varies smoothly: a cubic B-spline over random control points that are `distances` positions
 * apart on each axis. Its mean is 0, and its standard deviation about 1. The spline is a polynomial, so every machine
 * computes the same bits.
 */
export function smoothField(
  shape: readonly number[],
  distances: readonly number[],
  stream: RandomStream,
): Float32Array {
  const knots = shape.map((size, axis) => Math.floor((size - 1) / (distances[axis] ?? 1)) + 4);
  let values: Float32Array = new Float32Array(elementCount(knots));
  // A uniform number on (-limit, limit) has the standard deviation limit / sqrt(3).
  stream.fillUniform(values, Math.sqrt(3) / power(DAMPING, shape.length));
  for (const [axis, size] of shape.entries()) {
    const outer = elementCount(shape.slice(0, axis));
    const inner = elementCount(knots.slice(axis + 1));
    values = stretchAxis(values, outer, knots[axis] ?? 4, inner, size, distances[axis] ?? 1);
  }
  return values;
}
