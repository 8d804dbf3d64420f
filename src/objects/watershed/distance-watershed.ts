import { type Components, connectedComponents } from '../components/connected-components.js';
import type { Connectivity } from '../components/connectivity.js';
import type { LabelImage } from '../label-array.js';
import { distanceTransform } from './distance-transform.js';
import { flood } from './flood.js';
import { highPeaks } from './peaks.js';
import { gaussianReach, smooth } from './smooth.js';
import { type ComponentCrop, type Parts, splitComponents } from './split-components.js';

/** How touching objects are told apart by their distance transform. Lengths are in the smallest spacing: in positions of equal spacing. */
export interface DistanceWatershed {
  /** How wide the Gaussian is that smooths the distance. 1 if left out; 0 for none. */
  readonly sigma?: number;
  /**
   * How much lower than its peak the distance must be where an object meets a larger one. 0.5 if left out, as in Fiji's
   * Process > Binary > Watershed.
   */
  readonly height?: number;
  /** The distance between positions on each axis, in any unit; 1 if left out. */
  readonly spacing?: readonly number[];
  readonly connectivity?: Connectivity;
}

/**
 * Separates touching objects of the same class where they are narrow. Each component of equal labels is split by itself:
 *
 * 1. The Euclidean distance of each position to the nearest position outside of the component is smoothed. Outside of the
 *    map there is nothing: an object that is cut off by the border of the map goes on.
 * 2. Its peaks that are high enough are the seeds (see highPeaks), one position each.
 * 3. The other positions are flooded from them, those with the largest distance first (see flood).
 *
 * The result depends on the map alone. Objects are numbered in the row-major order of their first positions.
 */
export function distanceWatershed(map: LabelImage, options: DistanceWatershed = {}): Components {
  const { sigma = 1, height = 0.5, spacing = map.shape.map(() => 1), connectivity = 'corners' } = options;
  const smallest = Math.min(...spacing);
  const sigmas = spacing.map((distance) => (sigma * smallest) / distance);
  const margins = sigmas.map((one) => 1 + gaussianReach(one));
  const components = connectedComponents(map.labels, map.shape, connectivity);
  return splitComponents(map, components, margins, ({ shape, isInside }: ComponentCrop): Parts => {
    const distances = distanceTransform((position) => isInside[position] === 0, shape, spacing);
    // A component that fills the whole map has no outside, and no distances.
    if (distances[0] === Number.POSITIVE_INFINITY) return { parts: Int32Array.from(isInside), count: 1 };
    smooth(distances, shape, sigmas);
    const levels = Float32Array.from(distances);
    const { peaks, count } = highPeaks(levels, isInside, shape, connectivity, height * smallest);
    if (count === 1) return { parts: Int32Array.from(isInside), count };
    for (let i = 0; i < levels.length; i++) levels[i] = -(levels[i] ?? 0);
    flood(levels, peaks, isInside, shape, connectivity);
    return { parts: peaks, count };
  });
}
