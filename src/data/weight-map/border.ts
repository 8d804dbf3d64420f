import { Failure, failure } from '../../diagnostics/failure.js';
import type { recipeTable } from '../../language/schema/recipe-attributes.js';
import type { SchemaValue } from '../../language/schema/value-schema.js';
import { connectedComponents } from '../../objects/components/connected-components.js';
import { lengthInPositions } from '../augment/length.js';
import { IGNORED } from '../labels/label-map.js';
import { nearestCells } from './nearest-cells.js';

/** A recipe's `weight_map`, as it was read. */
export type WeightMap = SchemaValue<typeof recipeTable.weight_map>;

/** The border map with nothing left open. */
export interface BorderMap {
  readonly w0: number;
  /** In the units of `spacing`. */
  readonly sigma: number;
  /** The distance between positions on each axis: 1 if sigma is in pixels. */
  readonly spacing: readonly number[];
}

/** The sigma of U-Net 2015, in pixels. */
const SIGMA = 5;
/** In sigmas: where d1 + d2 is larger, the weight is below 1e-13 of w0 and left out. */
const CUTOFF = 8;

/**
 * Fills in what a recipe left open; undefined if there is no map. Fails for a sigma of 0, and for a sigma in um or mm
 * without a spacing. The spacing is in micrometres.
 */
export function resolveWeightMap(
  map: WeightMap,
  rank: number,
  spacing: readonly number[] | undefined,
): BorderMap | Failure | undefined {
  if (map.kind === 'none') return undefined;
  const sigma = map.sigma ?? { value: SIGMA, unit: 'px' };
  if (!(sigma.value > 0)) {
    const { value, unit } = sigma;
    return failure('loader-setting', { problem: { setting: 'sigma', value, unit } });
  }
  const use = { attribute: 'weight_map', setting: 'sigma', of: 'border' } as const;
  const inPositions = lengthInPositions(sigma, rank, spacing, use);
  if (inPositions instanceof Failure) return inPositions;
  // A length is a number of positions times their distance: the same on every axis.
  const distances = sigma.unit === 'px' ? inPositions.map(() => 1) : (spacing ?? []);
  return { w0: map.w0, sigma: (inPositions[0] ?? 0) * (distances[0] ?? 1), spacing: distances };
}

/** The cells of a label: the components of equal classes from 1, connected through faces, so a diagonal line separates two. */
export function instancesOf(classes: Uint16Array, shape: readonly number[]): Int32Array {
  const foreground = classes.map((label) => (label === IGNORED ? 0 : label));
  return connectedComponents(foreground, shape, 'faces').labels;
}

/**
 * The second part of the weight of U-Net 2015 (Ronneberger et al., equation 2), (...spatial):
 * w0 exp(-(d1 + d2)^2 / (2 sigma^2)), with the distances to the borders of the nearest and the second nearest cell. From
 * outside, the border of a cell is its nearest position; from inside, the nearest position outside of it. `cells`,
 * (...spatial), numbers cells from 1. Where fewer than two cells are near, the weight is 0.
 */
export function borderWeights(
  cells: Int32Array,
  shape: readonly number[],
  { w0, sigma, spacing }: BorderMap,
): Float32Array {
  const cutoff = CUTOFF * sigma;
  const { nearest, second } = nearestCells(cells, shape, spacing, cutoff);
  // With the outside as one more number, the second nearest number of a position in a cell is outside of the cell.
  const regions = cells.map((cell) => cell + 1);
  const { second: leaving } = nearestCells(regions, shape, spacing, cutoff);
  const weights = nearest;
  for (let i = 0; i < weights.length; i++) {
    // All have the length of `cells`. exp(-Infinity) is 0.
    const squared = (cells[i] === 0 ? nearest[i] : leaving[i]) as number;
    const sum = Math.sqrt(squared) + Math.sqrt(second[i] as number);
    weights[i] = w0 * Math.exp(-(sum * sum) / (2 * sigma * sigma));
  }
  return weights;
}
