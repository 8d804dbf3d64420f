import { elementCount, stridesOf } from '../../ir/parameter.js';

/** The connected components of a map of numbers; positions with 0 belong to none. */
export interface Components {
  /** (...spatial): the component of each position, from 1; 0 where the map is 0. Numbered in row-major order. */
  readonly labels: Int32Array;
  /** How many positions each component has; index 0 is unused. */
  readonly sizes: readonly number[];
  /** The map's number in each component; index 0 is unused. */
  readonly values: readonly number[];
}

/** Which positions are neighbours: those that share a face, or also those that share only a corner. */
export type Connectivity = 'faces' | 'corners';

/** Offsets to all neighbours in an array with these strides. */
function neighbourOffsets(strides: readonly number[], connectivity: Connectivity): Int32Array {
  let offsets: { offset: number; moves: number }[] = [{ offset: 0, moves: 0 }];
  for (const stride of strides) {
    offsets = offsets.flatMap(({ offset, moves }) =>
      [-1, 0, 1].map((move) => ({ offset: offset + move * stride, moves: moves + Math.abs(move) })),
    );
  }
  const most = connectivity === 'faces' ? 1 : strides.length;
  return Int32Array.from(
    offsets.filter(({ moves }) => moves > 0 && moves <= most),
    ({ offset }) => offset,
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
    const [size = 0, stride = 0, framedStride = 0] = [shape[axis], strides[axis], framed[axis]];
    for (let i = 0; i < size; i++) walk(axis + 1, at + i * stride, framedAt + (i + 1) * framedStride);
  };
  walk(0, 0, 0);
}

/**
 * The components of equal numbers, (...spatial), connected through neighbours that share a face (4 in 2D, 6 in 3D), or
 * also a corner (8 in 2D, 26 in 3D).
 */
export function connectedComponents(
  map: Uint8Array | Uint16Array | Int32Array,
  shape: readonly number[],
  connectivity: Connectivity,
): Components {
  const framedShape = shape.map((size) => size + 2);
  const offsets = neighbourOffsets(stridesOf(framedShape), connectivity);
  // A frame of zeros around the map, so that no neighbour needs a check of its position.
  const open = new Int32Array(elementCount(framedShape));
  const found = new Int32Array(open.length);
  const width = shape.at(-1) ?? 0;
  eachRow(shape, (row, framed) => open.set(map.subarray(row, row + width), framed));
  const [sizes, values] = [[0], [0]];
  const stack: number[] = [];
  for (let start = 0; start < open.length; start++) {
    const value = open[start] ?? 0;
    if (value === 0) continue;
    const component = sizes.length;
    let size = 0;
    open[start] = 0;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      found[at] = component;
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
  const labels = new Int32Array(map.length);
  eachRow(shape, (row, framed) => labels.set(found.subarray(framed, framed + width), row));
  return { labels, sizes, values };
}

/** For each number of a map, its largest component; of equally large ones the first. */
export function largestComponents({ sizes, values }: Components): ReadonlyMap<number, number> {
  const largest = new Map<number, number>();
  for (let component = 1; component < sizes.length; component++) {
    const value = values[component] ?? 0;
    const before = largest.get(value);
    if (before === undefined || (sizes[component] ?? 0) > (sizes[before] ?? 0)) largest.set(value, component);
  }
  return largest;
}
