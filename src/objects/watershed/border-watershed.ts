import { type Components, connectedComponents } from '../components/connected-components.js';
import type { Connectivity } from '../components/connectivity.js';
import type { LabelImage } from '../label-array.js';
import { spreadSeeds } from './nearest-seed.js';
import { type ComponentCrop, type Parts, splitComponents } from './split-components.js';

/** How the objects of a map with a border class are found. */
export interface BorderWatershed {
  /** The class of the border. */
  readonly border: number;
  /** The distance between positions on each axis, in any unit; 1 if left out. */
  readonly spacing?: readonly number[];
  /** 'faces' if left out: a border that is a diagonal line of single positions separates two objects. */
  readonly connectivity?: Connectivity;
}

/**
 * Objects from a map whose classes are the insides of objects, and one border class around and between them. The
 * components of the other classes are the seeds. Each position of the border belongs to the nearest seed that the border
 * connects it to (see spreadSeeds, also for positions that are equally far from two). A border without an inside belongs to
 * no object.
 *
 * Each object has the class of its seed. Objects are numbered in the row-major order of their first positions.
 */
export function borderWatershed(map: LabelImage, options: BorderWatershed): Components {
  const { border, spacing = map.shape.map(() => 1), connectivity = 'faces' } = options;
  const foreground = new Uint8Array(map.labels.length);
  for (let i = 0; i < foreground.length; i++) if (map.labels[i] !== 0) foreground[i] = 1;
  const components = connectedComponents(foreground, map.shape, connectivity);
  const margins = map.shape.map(() => 0);
  return splitComponents(
    map,
    components,
    margins,
    (crop) => split(crop, border, spacing, connectivity),
    border,
  );
}

function split(
  { labels, shape, isInside }: ComponentCrop,
  border: number,
  spacing: readonly number[],
  connectivity: Connectivity,
): Parts {
  const insides = labels.map((label) => (label === border ? 0 : label));
  const { labels: seeds, count } = connectedComponents(insides, shape, connectivity);
  if (count === 1) return { parts: Int32Array.from(isInside), count };
  if (count > 1) spreadSeeds(seeds, isInside, shape, spacing, connectivity);
  return { parts: seeds, count };
}
