import { placeCells } from './cell-positions.js';
import { renderCells } from './render.js';
import { territoriesOf, touchingPairs } from './territories.js';

/** What determines a sample, together with its index. */
export interface CellOptions {
  /** (...spatial): H x W or D x H x W. */
  readonly shape: readonly number[];
  /** The distance between positions on each axis, in one unit. */
  readonly spacing: readonly number[];
  /** The mean radius of a cell, in positions of the finest axis. */
  readonly radius: number;
  /** A whole number; every sample of every seed has its own random streams. */
  readonly seed: number;
}

/** An image of cells and the truth about it, all (...spatial). */
export interface CellSample {
  /** In [0, 1]. */
  readonly image: Float32Array;
  /** 0 outside of the cells, 1 inside, 2 on a membrane. */
  readonly regions: Uint8Array;
  /** The number of the cell that a position is inside of, 1 to `cells`; 0 on membranes and outside. */
  readonly instances: Uint16Array;
  readonly cells: number;
  /** How many pairs of cells share a border. */
  readonly touching: number;
}

/** The spacing of each axis in units of the finest one. */
export function relativeSpacing(spacing: readonly number[]): number[] {
  const finest = Math.min(...spacing);
  return spacing.map((distance) => distance / finest);
}

/** Sample `index` of a set, from 0: the same numbers on every machine. */
export function cellSample(options: CellOptions, index: number): CellSample {
  const { shape, spacing, radius, seed } = options;
  const scale = relativeSpacing(spacing);
  const name = `cells/${index}`;
  const extent = shape.map((size, axis) => size * (scale[axis] ?? 1));
  const placed = placeCells(extent, radius, seed, name);
  const territories = territoriesOf(shape, scale, placed, radius, seed, name);
  const { cell, inside, count } = territories;
  return {
    image: renderCells(territories, shape, scale, radius, seed, name),
    regions: Uint8Array.from(cell, (number, i) => (number === 0 ? 0 : inside[i] === 0 ? 2 : 1)),
    instances: inside,
    cells: count,
    touching: touchingPairs(cell, shape),
  };
}
