import { Failure } from '../../diagnostics/failure.js';
import type { recipeTable } from '../../language/schema/recipe-attributes.js';
import type { SchemaValue } from '../../language/schema/value-schema.js';
import { lengthInPositions } from '../augment/length.js';
import { connectedComponents } from '../labels/connected-components.js';
import { IGNORED } from '../labels/label-map.js';
import { nearestCells } from './nearest-cells.js';

/** A recipe's `weight_map`, as it was read. */
export type WeightMap = SchemaValue<typeof recipeTable.weight_map>;

/** The border map with nothing left open. */
export interface BorderMap {
  readonly w0: number;
  /** In the units of `spacing`. */
  readonly sigma: number;
  /** How far apart positions are on each axis: 1 where sigma is in pixels. */
  readonly spacing: readonly number[];
}

/** Of U-Net 2015, in pixels. */
const SIGMA = 5;
/** In sigmas: where d1 + d2 is larger, the weight is below 1e-13 of w0 and left out. */
const REACH = 8;

/**
 * Fills in what a recipe left open; undefined where there is no map. Fails for a sigma in um or mm without a spacing, which is
 * in micrometres, and for a sigma of 0.
 */
export function resolveWeightMap(
  map: WeightMap,
  rank: number,
  spacing: readonly number[] | undefined,
): BorderMap | Failure | undefined {
  if (map.kind === 'none') return undefined;
  const sigma = map.sigma ?? { value: SIGMA, unit: 'px' };
  const what = 'weight_map: the sigma of border';
  if (!(sigma.value > 0)) return new Failure(`${what} is more than 0, not ${sigma.value}${sigma.unit}`);
  const inPositions = lengthInPositions(sigma, rank, spacing, what);
  if (inPositions instanceof Failure) return inPositions;
  // A length is a number of positions times their distance: on every axis the same.
  const steps = sigma.unit === 'px' ? inPositions.map(() => 1) : (spacing ?? []);
  return { w0: map.w0, sigma: (inPositions[0] ?? 0) * (steps[0] ?? 1), spacing: steps };
}

/** The cells of a label: connected pieces of equal classes from 1, through faces, so that a diagonal line parts two. */
export function instancesOf(classes: Uint8Array, shape: readonly number[]): Int32Array {
  const foreground = classes.map((label) => (label === IGNORED ? 0 : label));
  return connectedComponents(foreground, shape, 'faces').pieces;
}

/**
 * The second part of the weight of U-Net 2015 (Ronneberger et al., equation 2), (...spatial):
 * w0 exp(-(d1 + d2)^2 / (2 sigma^2)), with the distances to the borders of the nearest and the second nearest cell. From
 * outside, a border is at the cell's nearest position; from inside of a cell, its own is at the nearest position
 * that is not of it. `cells`, (...spatial), numbers cells from 1. Where fewer than two are near, it is 0.
 */
export function borderWeights(
  cells: Int32Array,
  shape: readonly number[],
  { w0, sigma, spacing }: BorderMap,
): Float32Array {
  const reach = REACH * sigma;
  const { nearest, second } = nearestCells(cells, shape, spacing, reach);
  // With the outside as one more number, the second nearest of a position in a cell is what is not of it.
  const regions = cells.map((cell) => cell + 1);
  const { second: leaving } = nearestCells(regions, shape, spacing, reach);
  const weights = nearest;
  for (let i = 0; i < weights.length; i++) {
    // All have the length of `cells`. exp(-Infinity) is 0.
    const squared = (cells[i] === 0 ? nearest[i] : leaving[i]) as number;
    const sum = Math.sqrt(squared) + Math.sqrt(second[i] as number);
    weights[i] = w0 * Math.exp(-(sum * sum) / (2 * sigma * sigma));
  }
  return weights;
}
