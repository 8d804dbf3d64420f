import { elementCount } from '../../ir/parameter.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/**
 * The exact Euclidean distance of each position to the nearest marked position; 0 for marked positions, infinite if none is
 * marked. Time and memory are linear in the number of positions.
 *
 * @param marked whether each position is marked, in row-major order
 * @param size the number of positions along each axis
 * @param spacing the distance of neighbours along each axis
 */
export function distanceTransform(
  marked: (position: number) => boolean,
  size: readonly number[],
  spacing: readonly number[] = size.map(() => 1),
): Float64Array {
  const squares = new Float64Array(elementCount(size));
  for (let i = 0; i < squares.length; i++) squares[i] = marked(i) ? 0 : Number.POSITIVE_INFINITY;
  spreadSquares(squares, size, spacing);
  return squares.map(Math.sqrt);
}

/**
 * Replaces each number f(p), (...size), by the minimum over all positions q of f(q) + |p - q|^2. Where f is 0 at marked
 * positions and infinite elsewhere, these are the squared distances to the nearest marked position.
 *
 * Source: P. F. Felzenszwalb, D. P. Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8,
 * 2012: axis by axis, each line the lower envelope of parabolas.
 *
 * @param spacing the distance of neighbours along each axis
 * @param axes from the first of these axes up to, not including, the last; all axes when left out. Along others, nothing is
 *   spread.
 */
export function spreadSquares(
  squares: Float64Array,
  size: readonly number[],
  spacing: readonly number[],
  { from, to } = { from: 0, to: size.length },
): void {
  let stride = 1;
  // From the last axis on, along which positions lie next to each other in memory.
  for (let axis = size.length - 1; axis >= 0; axis--) {
    const length = size[axis] ?? 1;
    const block = stride * length;
    if (length > 1 && axis >= from && axis < to) {
      const envelope = new Envelope(length, spacing[axis] ?? 1);
      for (let outer = 0; outer < squares.length; outer += block) {
        for (let inner = 0; inner < stride; inner++) envelope.replace(squares, outer + inner, stride);
      }
    }
    stride = block;
  }
}

/** The lower envelope of the parabolas f(q) + (x - q)^2 along a line, and the memory to find it. */
class Envelope {
  /** f(q) of the parabolas that form the envelope, with positions as the unit of length. */
  readonly values: Float64Array;
  /** Their q. */
  readonly vertices: Int32Array;
  /** The position from which each of them is the lowest. */
  readonly starts: Float64Array;
  readonly unit: number;

  constructor(
    readonly length: number,
    spacing: number,
  ) {
    this.values = new Float64Array(length);
    this.vertices = new Int32Array(length);
    this.starts = new Float64Array(length + 1);
    this.unit = spacing ** 2;
  }

  /** Replaces each f(p) of a line by the minimum over q of f(q) + (spacing (p - q))^2. */
  replace(squares: Float64Array, start: number, stride: number): void {
    const { length, values, vertices, starts, unit } = this;
    let last = -1;
    for (let q = 0, at = start; q < length; q++, at += stride) {
      const value = (squares[at] as number) / unit;
      if (value === Number.POSITIVE_INFINITY) continue;
      let from = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const v = vertices[last] as number;
        from = ((value - (values[last] as number)) / (q - v) + q + v) / 2;
        if (from > (starts[last] as number)) break;
        last--;
        from = Number.NEGATIVE_INFINITY;
      }
      last++;
      values[last] = value;
      vertices[last] = q;
      starts[last] = from;
    }
    // No position of this line has a value yet: all stay infinite.
    if (last < 0) return;
    starts[last + 1] = Number.POSITIVE_INFINITY;
    let k = 0;
    for (let p = 0, at = start; p < length; p++, at += stride) {
      while ((starts[k + 1] as number) <= p) k++;
      const away = p - (vertices[k] as number);
      squares[at] = unit * ((values[k] as number) + away * away);
    }
  }
}
