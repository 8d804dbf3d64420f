import { Failure } from '../../diagnostics/failure.js';
import type { StoredArray } from '../../formats/stored-array.js';
import { onGridOf } from '../../images/scatter.js';
import type { Turn } from '../../resample/orientation.js';
import type { OpenedCase } from '../cases/open-case.js';
import { type FinishOptions, finishedPlane, numberedObjects } from './finish-labels.js';
import type { PartFile } from './part-file.js';

/** Labels in a part file, and what is known about them. */
export interface GatheredLabels {
  readonly part: PartFile;
  readonly turn: Turn;
  /** Of an image, after the turn. */
  readonly spatial: readonly number[];
  /** The distance between positions on each of these axes, where it is known. */
  readonly micrometres: readonly number[] | undefined;
  /** Of a label. */
  readonly bytes: 1 | 2;
}

/** Labels on the grid of the input. */
export interface PlacedLabels {
  readonly labels: StoredArray;
  /** The objects on the same grid, and the class of each by its number, if they were to be numbered. */
  readonly objects: { readonly array: StoredArray; readonly values: readonly number[] } | undefined;
  /** How many positions each class has. */
  readonly counts: readonly number[];
}

/** The gathered labels on the grid of the input, finished. */
export function placedLabels(
  { first, options }: OpenedCase,
  { part, spatial, micrometres, bytes, turn }: GatheredLabels,
  { steps, objects }: FinishOptions = { steps: [], objects: undefined },
): PlacedLabels | Failure {
  const { header, layout } = first;
  const [size = 0] = spatial;
  const counts: number[] = [];
  const planes: (Uint8Array | Uint16Array)[] = [];
  for (let image = 0; image < layout.images; image++) {
    const own = part.read(image * size, (image + 1) * size);
    const read = bytes === 2 ? new Uint16Array(own.buffer) : own;
    const plane = finishedPlane(read, spatial, steps, micrometres);
    if (plane instanceof Failure) return plane;
    for (const label of plane) counts[label] = (counts[label] ?? 0) + 1;
    planes.push(plane);
  }
  const labels = onGridOf(header, layout, options, planes, bytes === 2 ? 'uint16' : 'uint8', turn);
  if (labels instanceof Failure) return labels;
  const all = Array.from({ length: Math.max(2, counts.length) }, (_, k) => counts[k] ?? 0);
  if (!objects) return { labels, counts: all, objects: undefined };
  const numbered = numberedObjects(planes, spatial, objects, micrometres);
  const { values } = numbered;
  const isWide = values.length > 2 ** 16;
  const narrow = isWide ? numbered.planes : numbered.planes.map((plane) => Uint16Array.from(plane));
  const array = onGridOf(header, layout, options, narrow, isWide ? 'int32' : 'uint16', turn);
  return array instanceof Failure ? array : { labels, counts: all, objects: { array, values } };
}
