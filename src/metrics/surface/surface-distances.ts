import { borderDistances } from './border-distances.js';
import { borderOf, type ClassCrop, PREDICTED, TRUE } from './class-crop.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/**
 * Distances that are larger than a tolerance by no more than this part of it are within it, so the rounding of a spacing such
 * as 0.1 decides nothing.
 */
const ROUNDING = 1e-9;

/** The distances between the borders of a class in a prediction and in the truth, in the unit of the spacing. */
export interface SurfaceDistances {
  /** The largest distance of a position of one border to the other border. */
  readonly hd: number;
  /** The larger of the two 95th percentiles of these distances, one in each direction. */
  readonly hd95: number;
  /** The mean of these distances, over the positions of both borders. */
  readonly assd: number;
  /** The part of the positions of both borders whose distance is at most the tolerance; undefined without one. */
  readonly nsd: number | undefined;
}

/** A percentile as in numpy.percentile, linear between two values. `sorted` is not empty. */
function percentile(sorted: Float64Array, percent: number): number {
  const rank = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(rank);
  const value = sorted[below] ?? 0;
  return value + (rank - below) * ((sorted[below + 1] ?? value) - value);
}

/** How many of the sorted distances are at most `limit`. */
function countWithin(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Compares the borders of a class (see borderOf) by an exact Euclidean distance transform of each, in the crop, so time and
 * memory are linear in its positions. Undefined if one of the borders has no position.
 *
 * Sources: the Hausdorff distance with a percentile is the larger of the two directed percentiles, as in MONAI and Metrics
 * Reloaded (Maier-Hein, Reinke et al., Nature Methods 21, 2024). MedPy takes one percentile of both directions together.
 * The average symmetric surface distance follows Heimann et al., IEEE Transactions on Medical Imaging 28, 2009: the sum of
 * both directions divided by the number of positions of both borders. The normalized surface Dice follows Nikolov et al.,
 * arXiv:1809.04430, with positions counted as in MONAI and Seidlitz et al., arXiv:2111.05408; DeepMind's own code weighs each
 * by the area of its surface element.
 *
 * @param spacing the distance of neighbours along each axis
 * @param tolerance in the unit of the spacing
 */
export function surfaceDistances(
  crop: ClassCrop,
  spacing: readonly number[],
  tolerance?: number,
): SurfaceDistances | undefined {
  const [truth, predicted] = [borderOf(crop, TRUE), borderOf(crop, PREDICTED)];
  if (truth.length === 0 || predicted.length === 0) return undefined;
  const squares = new Float64Array(crop.codes.length);
  const there = borderDistances(predicted, truth, crop.size, spacing, squares).sort();
  const back = borderDistances(truth, predicted, crop.size, spacing, squares).sort();
  const sum = [there, back].reduce((all, distances) => distances.reduce((one, value) => one + value, all), 0);
  const count = there.length + back.length;
  const limit = tolerance === undefined ? undefined : tolerance * (1 + ROUNDING);
  return {
    hd: Math.max(there.at(-1) ?? 0, back.at(-1) ?? 0),
    hd95: Math.max(percentile(there, 95), percentile(back, 95)),
    assd: sum / count,
    nsd: limit === undefined ? undefined : (countWithin(there, limit) + countWithin(back, limit)) / count,
  };
}
