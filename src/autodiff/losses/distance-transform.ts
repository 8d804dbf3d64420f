import { elementCount } from '../../ir/parameter.js';

/**
 * The exact Euclidean distance of each position to the nearest marked position; 0 for marked positions, infinite if none is
 * marked. Time and memory are linear in the number of positions.
 *
 * Source: P. F. Felzenszwalb, D. P. Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8,
 * 2012: squared distances axis by axis, each line the lower envelope of parabolas.
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
  let stride = squares.length;
  for (const [axis, length] of size.entries()) {
    const block = stride;
    stride /= length;
    const envelope = new Envelope(length, spacing[axis] ?? 1);
    for (let outer = 0; outer < squares.length; outer += block) {
      for (let inner = 0; inner < stride; inner++) envelope.replace(squares, outer + inner, stride);
    }
  }
  return squares.map(Math.sqrt);
}

/** The lower envelope of the parabolas f(q) + (x - q)^2 along a line, and the memory to find it. */
class Envelope {
  readonly values: Float64Array;
  /** The positions of the parabolas that form the envelope. */
  readonly vertices: Int32Array;
  /** The position from which each of them is the lowest. */
  readonly starts: Float64Array;

  constructor(
    readonly length: number,
    readonly spacing: number,
  ) {
    this.values = new Float64Array(length);
    this.vertices = new Int32Array(length);
    this.starts = new Float64Array(length);
  }

  /** Replaces each f(p) of a line by the minimum over q of f(q) + (spacing (p - q))^2. */
  replace(squares: Float64Array, start: number, stride: number): void {
    const { length, values, vertices, starts } = this;
    const unit = this.spacing ** 2;
    for (let p = 0; p < length; p++) values[p] = (squares[start + p * stride] ?? 0) / unit;
    const last = this.build();
    // No position of this line is marked yet: all distances stay infinite.
    if (last < 0) return;
    let k = 0;
    for (let p = 0; p < length; p++) {
      while (k < last && (starts[k + 1] ?? 0) <= p) k++;
      const q = vertices[k] ?? 0;
      squares[start + p * stride] = unit * ((p - q) ** 2 + (values[q] ?? 0));
    }
  }

  /** Finds the envelope. Returns the index of its last parabola, or -1 if no value is finite. */
  private build(): number {
    const { length, values, vertices, starts } = this;
    let last = -1;
    for (let q = 0; q < length; q++) {
      const value = values[q] ?? 0;
      if (value === Number.POSITIVE_INFINITY) continue;
      let from = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const v = vertices[last] ?? 0;
        from = (value + q * q - ((values[v] ?? 0) + v * v)) / (2 * (q - v));
        if (from > (starts[last] ?? 0)) break;
        last--;
        from = Number.NEGATIVE_INFINITY;
      }
      last++;
      vertices[last] = q;
      starts[last] = from;
    }
    return last;
  }
}
