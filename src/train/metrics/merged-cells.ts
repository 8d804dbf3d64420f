import { connectedComponents } from '../../data/labels/connected-components.js';

/** What happened to the true cells in a prediction. */
export interface MergedCells {
  /** True cells. */
  readonly cells: number;
  /** Cells of which no predicted component covers more than half. */
  readonly lost: number;
  /** Cells that share a component with another cell. */
  readonly merged: number;
  /** Pairs of cells that share a component: n (n - 1) / 2 for a component with n of them. */
  readonly pairs: number;
}

/** Adds up the cells of several images. */
export function sumOfCells(a: MergedCells | undefined, b: MergedCells): MergedCells {
  if (!a) return b;
  return {
    cells: a.cells + b.cells,
    lost: a.lost + b.lost,
    merged: a.merged + b.merged,
    pairs: a.pairs + b.pairs,
  };
}

/**
 * Counts touching cells that a prediction did not separate. The components are those of the positions predicted as
 * `cellClass`, connected through faces (4 neighbours in 2D, 6 in 3D). A true cell belongs to the component that covers more
 * than half of it. `prediction` and `instances` are (...spatial); instances are numbered from 1, and 0 is no cell.
 */
export function mergedCells(
  prediction: Uint16Array,
  instances: Uint16Array | Int32Array,
  shape: readonly number[],
  cellClass = 1,
): MergedCells {
  if (prediction.length !== instances.length) {
    throw new Error(`a prediction of ${prediction.length} positions and ${instances.length} of instances`);
  }
  const { labels } = connectedComponents(
    prediction.map((label) => (label === cellClass ? 1 : 0)),
    shape,
    'faces',
  );
  const sizes = new Map<number, number>();
  const covered = new Map<number, Map<number, number>>();
  for (const [i, cell] of instances.entries()) {
    if (cell === 0) continue;
    sizes.set(cell, (sizes.get(cell) ?? 0) + 1);
    const component = labels[i] ?? 0;
    if (component === 0) continue;
    const own = covered.get(cell) ?? new Map<number, number>();
    covered.set(cell, own.set(component, (own.get(component) ?? 0) + 1));
  }
  const cellsIn = new Map<number, number>();
  let lost = 0;
  for (const [cell, size] of sizes) {
    const main = [...(covered.get(cell) ?? [])].find(([, count]) => 2 * count > size);
    if (main === undefined) lost++;
    else cellsIn.set(main[0], (cellsIn.get(main[0]) ?? 0) + 1);
  }
  const shared = [...cellsIn.values()].filter((count) => count > 1);
  return {
    cells: sizes.size,
    lost,
    merged: shared.reduce((sum, count) => sum + count, 0),
    pairs: shared.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0),
  };
}
