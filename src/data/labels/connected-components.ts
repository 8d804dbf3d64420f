import { elementCount, stridesOf } from '../../runtime/tensor.js';

/** The connected pieces of a map of numbers, in which 0 is no piece. */
export interface Components {
  /** (...spatial): the piece of each position, from 1; 0 where the map is 0. Numbered in row-major order. */
  readonly pieces: Int32Array;
  /** How many positions each piece has; index 0 is unused. */
  readonly sizes: readonly number[];
  /** The map's number in each piece; index 0 is unused. */
  readonly values: readonly number[];
}

/** Offsets to all neighbours in an array with these strides: those that share a face, or also a corner. */
function neighbourOffsets(strides: readonly number[], reach: 'faces' | 'corners'): Int32Array {
  let offsets: { at: number; steps: number }[] = [{ at: 0, steps: 0 }];
  for (const stride of strides) {
    offsets = offsets.flatMap(({ at, steps }) =>
      [-1, 0, 1].map((step) => ({ at: at + step * stride, steps: steps + Math.abs(step) })),
    );
  }
  const most = reach === 'faces' ? 1 : strides.length;
  return Int32Array.from(
    offsets.filter(({ steps }) => steps > 0 && steps <= most),
    ({ at }) => at,
  );
}

/** Calls `visit` for each row along the last axis: where it begins in the map, and in the map with a frame of one. */
function eachRow(shape: readonly number[], visit: (row: number, framed: number) => void): void {
  const framed = stridesOf(shape.map((size) => size + 2));
  const strides = stridesOf(shape);
  const walk = (axis: number, at: number, framedAt: number): void => {
    if (axis === shape.length - 1) {
      visit(at, framedAt + 1);
      return;
    }
    const [size = 0, stride = 0, step = 0] = [shape[axis], strides[axis], framed[axis]];
    for (let i = 0; i < size; i++) walk(axis + 1, at + i * stride, framedAt + (i + 1) * step);
  };
  walk(0, 0, 0);
}

/**
 * The pieces of positions with equal numbers, (...spatial), that are connected through neighbours that share a
 * face (4 in 2D, 6 in 3D), or also a corner (8 in 2D, 26 in 3D).
 */
export function connectedComponents(
  map: Uint8Array | Uint16Array | Int32Array,
  shape: readonly number[],
  reach: 'faces' | 'corners',
): Components {
  const framedShape = shape.map((size) => size + 2);
  const offsets = neighbourOffsets(stridesOf(framedShape), reach);
  // A frame of zeros around the map, so that no neighbour needs a check of its place.
  const open = new Int32Array(elementCount(framedShape));
  const found = new Int32Array(open.length);
  const width = shape.at(-1) ?? 0;
  eachRow(shape, (row, framed) => open.set(map.subarray(row, row + width), framed));
  const [sizes, values] = [[0], [0]];
  const stack: number[] = [];
  for (let start = 0; start < open.length; start++) {
    const value = open[start] ?? 0;
    if (value === 0) continue;
    const piece = sizes.length;
    let size = 0;
    open[start] = 0;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      found[at] = piece;
      size++;
      for (const offset of offsets) {
        const next = at + offset;
        if (open[next] !== value) continue;
        open[next] = 0;
        stack.push(next);
      }
    }
    sizes.push(size);
    values.push(value);
  }
  const pieces = new Int32Array(map.length);
  eachRow(shape, (row, framed) => pieces.set(found.subarray(framed, framed + width), row));
  return { pieces, sizes, values };
}

/** For each number of a map, its largest piece; of equally large ones the first. */
export function largestPieces({ sizes, values }: Components): ReadonlyMap<number, number> {
  const largest = new Map<number, number>();
  for (let piece = 1; piece < sizes.length; piece++) {
    const value = values[piece] ?? 0;
    const before = largest.get(value);
    if (before === undefined || (sizes[piece] ?? 0) > (sizes[before] ?? 0)) largest.set(value, piece);
  }
  return largest;
}
