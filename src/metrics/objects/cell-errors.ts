import type { ObjectOverlaps } from './object-overlaps.js';

/**
 * What happened to the true cells in a prediction. A cell lies in the predicted object that covers more than half of it, and
 * an object in the true cell that holds more than half of it; there is at most one of each.
 *
 * Sources: more than half of a cell decides as in the detection measure of the Cell Tracking Challenge (Matula et al., PLoS
 * ONE 10, 2015), where `lost` is its false negatives, and a merged object counts as often as it must be split.
 */
export interface CellErrors {
  /** True cells. */
  readonly cells: number;
  /** Predicted objects. */
  readonly objects: number;
  /** Cells that lie in no object. */
  readonly lost: number;
  /** Cells that lie in an object with another cell. */
  readonly merged: number;
  /** Pairs of cells that lie in one object: n (n - 1) / 2 for an object with n of them. */
  readonly pairs: number;
  /** Cells in which two or more objects lie. If no object covers more than half of such a cell, it is lost as well. */
  readonly split: number;
  /** Objects that lie in no cell, and in which no cell lies: nothing true is there, or only parts. */
  readonly added: number;
}

/** Adds up the cells of several images. */
export function sumOfCells(all: readonly CellErrors[]): CellErrors {
  const sum = (key: keyof CellErrors) => all.reduce((total, one) => total + one[key], 0);
  return {
    ...{ cells: sum('cells'), objects: sum('objects'), lost: sum('lost'), merged: sum('merged') },
    ...{ pairs: sum('pairs'), split: sum('split'), added: sum('added') },
  };
}

/** Counts lost, merged, split and added cells: see CellErrors. */
export function cellErrors({ trueSizes, predictedSizes, pairs }: ObjectOverlaps): CellErrors {
  const cellsIn = predictedSizes.map(() => 0);
  const objectsIn = trueSizes.map(() => 0);
  const lies = predictedSizes.map(() => false);
  let placed = 0;
  for (const { truth, prediction, shared } of pairs) {
    if (2 * shared > (trueSizes[truth] ?? 0)) {
      cellsIn[prediction] = (cellsIn[prediction] ?? 0) + 1;
      placed++;
    }
    if (2 * shared > (predictedSizes[prediction] ?? 0)) {
      objectsIn[truth] = (objectsIn[truth] ?? 0) + 1;
      lies[prediction] = true;
    }
  }
  const crowded = cellsIn.filter((count) => count > 1);
  return {
    cells: trueSizes.length,
    objects: predictedSizes.length,
    lost: trueSizes.length - placed,
    merged: crowded.reduce((sum, count) => sum + count, 0),
    pairs: crowded.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0),
    split: objectsIn.filter((count) => count > 1).length,
    added: cellsIn.filter((count, prediction) => count === 0 && lies[prediction] !== true).length,
  };
}
