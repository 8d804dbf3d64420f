import { elementCount, stridesOf } from '../../runtime/tensor.js';
import { RandomStream } from '../../weights/random-stream.js';
import { connectedComponents, largestPieces } from '../labels/connected-components.js';
import type { SyntheticCell } from './cell-positions.js';
import { smoothField } from './smooth-field.js';

/** What the geometry says of every position. */
export interface Territories {
  /** (...spatial): which cell a position belongs to, from 1, membrane and all; 0 outside of all cells. */
  readonly cell: Int32Array;
  /** (...spatial): the same inside of the membranes; 0 on a membrane and outside. */
  readonly inside: Uint16Array;
  /** How many cells there are; each has an inside in one piece. */
  readonly count: number;
  /** The brightness of each cell; index 0 is unused. */
  readonly brightness: readonly number[];
}

/** How far the deformation moves a position, in mean radii: its standard deviation. */
const DEFORMATION = 0.13;
/** Between the control points of the deformation, in mean radii. */
const DEFORMATION_DISTANCE = 0.9;
/** The smallest piece of a cell that is kept at the border of an image, as a part of a whole one. */
const LEAST_PART = 0.1;

/**
 * The position of every pixel or voxel on one axis, deformed smoothly, in units of the finest spacing; and the
 * largest change.
 */
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
  const [size, step] = [shape[axis] ?? 1, scale[axis] ?? 1];
  let most = 0;
  for (let i = 0; i < positions.length; i++) {
    const change = (positions[i] as number) * DEFORMATION * radius;
    most = Math.max(most, Math.abs(change));
    positions[i] = (Math.floor(i / stride) % size) * step + change;
  }
  return { positions, most };
}

/**
 * Gives every position to the cell whose centre is nearest in the cell's own measure, |matrix (x - centre)| < 1:
 * where deformed ellipses overlap, they meet in a curve between them and touch.
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
  for (const [index, { centre, matrix, reach }] of cells.entries()) {
    const bounds = shape.map((size, k) => {
      const [at, half, step] = [centre[k] ?? 0, (reach[k] ?? 0) + (deformed[k]?.most ?? 0), scale[k] ?? 1];
      return [Math.max(0, Math.ceil((at - half) / step)), Math.min(size - 1, Math.floor((at + half) / step))];
    });
    const measure = (at: number): void => {
      for (let k = 0; k < rank; k++) offset[k] = (deformed[k]?.positions[at] ?? 0) - (centre[k] ?? 0);
      let squared = 0;
      for (const row of matrix) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += (row[k] as number) * (offset[k] as number);
        squared += sum * sum;
      }
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
      const place = Math.floor(i / stride) % size;
      for (const j of [place > 0 ? i - stride : i, place < size - 1 ? i + stride : i]) {
        if ((low[j] as number) < (nextLow[i] as number)) nextLow[i] = low[j] as number;
        if ((high[j] as number) > (nextHigh[i] as number)) nextHigh[i] = high[j] as number;
      }
    }
    [low, high] = [nextLow, nextHigh];
  }
  return Uint8Array.from(map, (_, i) => (low[i] === high[i] ? 1 : 0));
}

/** Numbers the cells that are left 1, 2, ... in the order of their first position; gives their old numbers. */
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
 * Every cell is in one piece. Its membrane is what has a neighbour, corners counted, of another cell or outside:
 * one position wide, so that two touching cells are parted by two positions. The inside is the rest, in one
 * piece again: what a membrane cuts off is membrane.
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
  const least = scale.reduce((volume, step) => (volume * radius) / step, 3 * LEAST_PART);
  const parts = connectedComponents(cell, shape, 'faces');
  const main = largestPieces(parts);
  for (const [i, value] of cell.entries()) {
    const piece = parts.pieces[i] ?? 0;
    if (main.get(value) !== piece || (parts.sizes[piece] ?? 0) < least) cell[i] = 0;
  }

  const uniform = isUniform(cell, shape);
  const inner = connectedComponents(
    cell.map((value, i) => value * (uniform[i] ?? 0)),
    shape,
    'faces',
  );
  const kept = largestPieces(inner);
  const insideOf = (value: number, i: number) => value !== 0 && kept.get(value) === inner.pieces[i];
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

/** How many pairs of cells touch: have positions that share a face. */
export function touchingPairs(cell: Int32Array, shape: readonly number[]): number {
  const pairs = new Set<number>();
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const size = shape[axis] ?? 1;
    for (let i = 0; i + stride < cell.length; i++) {
      const [a, b] = [cell[i] as number, cell[i + stride] as number];
      if (a === b || a === 0 || b === 0 || Math.floor(i / stride) % size === size - 1) continue;
      // Both are below 2^16.
      pairs.add(Math.min(a, b) * 65536 + Math.max(a, b));
    }
  }
  return pairs.size;
}
