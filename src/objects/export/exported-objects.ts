import type { LabelArray } from '../label-array.js';

/** A class, as other programs show it. */
export interface ObjectClass {
  readonly name: string;
  /** Red, green and blue, 0 to 255. */
  readonly color: readonly [number, number, number];
}

/**
 * Objects to export. `connectedComponents` and the watersheds give `labels` and `values`. To export whole classes, pass the
 * map of classes as `labels`, and 0, 1, 2, ... as `values`.
 */
export interface ExportedObjects {
  /** (...shape): the object of each position, from 1; 0 for none. */
  readonly labels: LabelArray;
  /** (height, width) or (depth, height, width). */
  readonly shape: readonly number[];
  /** The class of each object: an index of `classes`; that of 0 is of no interest. */
  readonly values: ArrayLike<number>;
  readonly classes: readonly ObjectClass[];
}

/** A slice of a volume, or an image. */
export interface ObjectPlane {
  /** (height, width). */
  readonly labels: LabelArray;
  readonly height: number;
  readonly width: number;
  /** The number of the slice, from 0; undefined for an image. */
  readonly slice: number | undefined;
}

/** The slices of a volume along its first axis, or the image itself. */
export function* planesOf({
  labels,
  shape,
}: Pick<ExportedObjects, 'labels' | 'shape'>): Generator<ObjectPlane> {
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length === 2) yield { labels, height, width, slice: undefined };
  else if (shape.length !== 3) throw new Error(`objects with ${shape.length} axes cannot be exported`);
  else {
    const area = height * width;
    for (let slice = 0; slice < (shape[0] ?? 0); slice++) {
      yield { labels: labels.subarray(slice * area, (slice + 1) * area), height, width, slice };
    }
  }
}

/** The class of an object. Throws if it has none. */
export function classOf({ values, classes }: ExportedObjects, object: number): ObjectClass {
  const found = classes[values[object] ?? -1];
  if (!found) throw new Error(`object ${object} has no class`);
  return found;
}
