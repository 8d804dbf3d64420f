import { largestComponents } from '../../objects/components/component-table.js';
import { connectedComponents } from '../../objects/components/connected-components.js';
import { elementCount, stridesOf } from '../../runtime/tensor.js';
import { RandomStream } from '../../weights/random-stream.js';
import type { SyntheticCell } from './cell-positions.js';
import { smoothField } from './smooth-field.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Which cell every position belongs to. */
export interface Territories {
  /** (...spatial): the cell of each position, from 1, including membranes; 0 outside of all cells. */
  readonly cell: Int32Array;
  /** (...spatial): the same, but 0 on membranes. */
  readonly inside: Uint16Array;
  /** How many cells there are; the inside of each is connected. */
  readonly count: number;
  /** The brightness of each cell; index 0 is unused. */
  readonly brightness: readonly number[];
}

/** The standard deviation of the deformation, in mean radii. */
const DEFORMATION = 0.13;
/** The distance between the control points of the deformation, in mean radii. */
const DEFORMATION_DISTANCE = 0.9;
/** The smallest part of a cell that is kept at the border of an image, as a fraction of a whole cell. */
const LEAST_PART = 0.1;

/** The position of every pixel or voxel on one axis, deformed smoothly, in units of the finest spacing; and the largest change. */
function deformedPositions(
  shape: readonly number[],
  scale: readonly number[],
  radius: number,
  axis: number,
  stream: RandomStream,
): { positions: Float32Array; most: number } {
  const distances = scale.map((one) => Math.max(1, (DEFORMATION_DISTANCE * radius) / one));
  const positions = smoothField(shape, distances, stream);
  const stride = stridesOf(shape)[axis] ?? 1;
  const [size, distance] = [shape[axis] ?? 1, scale[axis] ?? 1];
  let most = 0;
  for (let i = 0; i < positions.length; i++) {
    // Below the length.
    const change = (positions[i] as number) * DEFORMATION * radius;
    most = Math.max(most, Math.abs(change));
    positions[i] = (Math.floor(i / stride) % size) * distance + change;
  }
  return { positions, most };
}

/**
 * Assigns every position to the cell whose centre is nearest in the cell's own measure, |matrix (x - centre)| < 1. Where
 * deformed ellipses overlap, the cells touch along a curve between their centres.
 */
function assign(
  shape: readonly number[],
  scale: readonly number[],
  cells: readonly SyntheticCell[],
  deformed: readonly { positions: Float32Array; most: number }[],
): Int32Array {
  const rank = shape.length;
  const strides = stridesOf(shape);
  const nearest = new Float32Array(elementCount(shape)).fill(1);
  const owner = new Int32Array(nearest.length);
  const offset = new Float64Array(rank);
  for (const [index, { centre, matrix, halfSize }] of cells.entries()) {
    const bounds = shape.map((size, k) => {
      const half = (halfSize[k] ?? 0) + (deformed[k]?.most ?? 0);
      const [at, distance] = [centre[k] ?? 0, scale[k] ?? 1];
      const [low, high] = [Math.ceil((at - half) / distance), Math.floor((at + half) / distance)];
      return [Math.max(0, low), Math.min(size - 1, high)];
    });
    const measure = (at: number): void => {
      for (let k = 0; k < rank; k++) offset[k] = (deformed[k]?.positions[at] ?? 0) - (centre[k] ?? 0);
      let squared = 0;
      for (const row of matrix) {
        let sum = 0;
        // `k` is below the rank.
        for (let k = 0; k < rank; k++) sum += (row[k] as number) * (offset[k] as number);
        squared += sum * sum;
      }
      // `at` is inside of the image.
      if (squared < (nearest[at] as number)) {
        nearest[at] = squared;
        owner[at] = index + 1;
      }
    };
    const walk = (axis: number, at: number): void => {
      const [low = 0, high = -1] = bounds[axis] ?? [];
      const stride = strides[axis] ?? 1;
      for (let i = low; i <= high; i++) {
        if (axis === rank - 1) measure(at + i);
        else walk(axis + 1, at + i * stride);
      }
    };
    walk(0, 0);
  }
  return owner;
}

/** 1 where all 3^rank positions around one, within the image, have its number. */
function isUniform(map: Int32Array, shape: readonly number[]): Uint8Array {
  let [low, high] = [map, map];
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const size = shape[axis] ?? 1;
    const [nextLow, nextHigh] = [low.slice(), high.slice()];
    for (let i = 0; i < map.length; i++) {
      const position = Math.floor(i / stride) % size;
      for (const j of [position > 0 ? i - stride : i, position < size - 1 ? i + stride : i]) {
        // Neighbours inside of the image.
        if ((low[j] as number) < (nextLow[i] as number)) nextLow[i] = low[j] as number;
        if ((high[j] as number) > (nextHigh[i] as number)) nextHigh[i] = high[j] as number;
      }
    }
    [low, high] = [nextLow, nextHigh];
  }
  return Uint8Array.from(map, (_, i) => (low[i] === high[i] ? 1 : 0));
}

/** Numbers the remaining cells 1, 2, ... in the order of their first positions; gives their old numbers. */
function renumber(map: Int32Array): readonly number[] {
  const numbers = new Map([[0, 0]]);
  for (const [i, value] of map.entries()) {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    map[i] = number;
  }
  return [...numbers.keys()];
}

/**
 * The territories of deformed cells over an image of `shape`, whose positions are `scale` apart on each axis.
 *
 * Every cell is connected. A position of a cell belongs to its membrane if one of its neighbours, including those at
 * corners, belongs to another cell or to none. So a membrane is one position wide, and two positions separate the insides
 * of touching cells. The inside is connected too: the parts that a membrane cuts off count as membrane.
 */
export function territoriesOf(
  shape: readonly number[],
  scale: readonly number[],
  cells: readonly SyntheticCell[],
  radius: number,
  seed: number,
  name: string,
): Territories {
  const deformed = shape.map((_, axis) =>
    deformedPositions(shape, scale, radius, axis, new RandomStream(seed, `${name}/deformation/${axis}`)),
  );
  const cell = assign(shape, scale, cells, deformed);
  // A ball has 3.1 times its radius squared in 2D, 4.2 times its radius cubed in 3D.
  const least = scale.reduce((volume, distance) => (volume * radius) / distance, 3 * LEAST_PART);
  const parts = connectedComponents(cell, shape, 'faces');
  const main = largestComponents(parts);
  for (const [i, value] of cell.entries()) {
    const part = parts.labels[i] ?? 0;
    if (main.get(value)?.[0] !== part || (parts.sizes[part] ?? 0) < least) cell[i] = 0;
  }

  const uniform = isUniform(cell, shape);
  const inner = connectedComponents(
    cell.map((value, i) => value * (uniform[i] ?? 0)),
    shape,
    'faces',
  );
  const kept = largestComponents(inner);
  const insideOf = (value: number, i: number) => value !== 0 && kept.get(value)?.[0] === inner.labels[i];
  const isInside = Uint8Array.from(cell, (value, i) => (insideOf(value, i) ? 1 : 0));
  for (const [i, value] of cell.entries()) if (!kept.has(value)) cell[i] = 0;
  const old = renumber(cell);
  return {
    cell,
    inside: Uint16Array.from(cell, (value, i) => value * (isInside[i] ?? 0)),
    count: old.length - 1,
    brightness: old.map((number) => cells[number - 1]?.brightness ?? 0),
  };
}

/** How many pairs of cells touch, that is, have positions that share a face. */
export function touchingPairs(cell: Int32Array, shape: readonly number[]): number {
  const pairs = new Set<number>();
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const size = shape[axis] ?? 1;
    for (let i = 0; i + stride < cell.length; i++) {
      // i + stride is below the length.
      const [a, b] = [cell[i] as number, cell[i + stride] as number];
      if (a === b || a === 0 || b === 0 || Math.floor(i / stride) % size === size - 1) continue;
      // Both are below 2^16.
      pairs.add(Math.min(a, b) * 65536 + Math.max(a, b));
    }
  }
  return pairs.size;
}
