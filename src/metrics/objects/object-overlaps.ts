import { connectedComponents } from '../../objects/components/connected-components.js';
import type { Connectivity } from '../../objects/components/connectivity.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** The object of each position, (...spatial): a number above 0, or 0 for none. */
export type ObjectNumbers = Uint16Array | Int32Array | Uint32Array;

/** A true and a predicted object with positions in common. */
export interface ObjectPair {
  /** Indices of trueSizes and predictedSizes. */
  readonly truth: number;
  readonly prediction: number;
  /** How many positions they have in common. */
  readonly shared: number;
  /** Shared positions / positions of either. */
  readonly iou: number;
}

/** What the objects of two maps have in common. */
export interface ObjectOverlaps {
  /** How many positions each true object has, in the order in which they appear. */
  readonly trueSizes: readonly number[];
  readonly predictedSizes: readonly number[];
  readonly pairs: readonly ObjectPair[];
}

/** Numbers objects from 1 on, in the order in which they appear. */
class ObjectIndex {
  /** The sizes by index; index 0 is no object. */
  readonly sizes = [0];
  private readonly indices = new Map<number, number>([[0, 0]]);

  of(object: number): number {
    let index = this.indices.get(object);
    if (index === undefined) {
      index = this.sizes.length;
      this.indices.set(object, index);
      this.sizes.push(0);
    }
    return index;
  }

  grow(index: number, by: number): void {
    this.sizes[index] = (this.sizes[index] as number) + by;
  }
}

/**
 * Finds all pairs of a true and a predicted object that overlap.
 *
 * @param ignored (...spatial): every number but 0 marks a position that nobody labelled, which belongs to no object
 */
export function overlapsOf(
  truth: ObjectNumbers,
  predicted: ObjectNumbers,
  ignored?: Uint8Array,
): ObjectOverlaps {
  if (predicted.length !== truth.length) {
    throw new Error(`a prediction of ${predicted.length} positions and ${truth.length} of objects`);
  }
  const [own, other] = [new ObjectIndex(), new ObjectIndex()];
  // By the index of the true object, and then of the predicted one.
  const shared: Map<number, number>[] = [];
  const count = truth.length;
  let from = 0;
  while (from < count) {
    const [a, b] = [truth[from] as number, predicted[from] as number];
    const left = ignored ? ignored[from] : 0;
    let to = from + 1;
    while (to < count && truth[to] === a && predicted[to] === b && (!ignored || ignored[to] === left)) to++;
    const length = to - from;
    from = to;
    if (left !== 0 || (a === 0 && b === 0)) continue;
    const [i, j] = [own.of(a), other.of(b)];
    own.grow(i, length);
    other.grow(j, length);
    if (i === 0 || j === 0) continue;
    const row = shared[i] ?? new Map<number, number>();
    shared[i] = row.set(j, (row.get(j) ?? 0) + length);
  }
  const pairs: ObjectPair[] = [];
  for (const [i, row] of shared.entries()) {
    for (const [j, positions] of row ?? []) {
      const either = (own.sizes[i] as number) + (other.sizes[j] as number) - positions;
      pairs.push({ truth: i - 1, prediction: j - 1, shared: positions, iou: positions / either });
    }
  }
  return { trueSizes: own.sizes.slice(1), predictedSizes: other.sizes.slice(1), pairs };
}

/**
 * The objects of a class that has no numbers of its own: its connected components.
 *
 * @param labels (...shape)
 * @param members the labels of the class
 * @param connectivity components that touch at a face are one object (4 neighbours in 2D, 6 in 3D), or also at a corner
 */
export function objectsOfClass(
  labels: Uint16Array,
  members: readonly number[],
  shape: readonly number[],
  connectivity: Connectivity = 'faces',
): Int32Array {
  const isMember = new Set(members);
  const mask = Uint8Array.from(labels, (label) => (isMember.has(label) ? 1 : 0));
  return connectedComponents(mask, shape, connectivity).labels;
}
