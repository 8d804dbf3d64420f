import { elementCount } from '../../ir/parameter.js';
import type { LabelArray } from '../label-array.js';
import type { ComponentTable } from './component-table.js';
import type { Connectivity } from './connectivity.js';
import { RunLinker } from './run-linker.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** The connected components of a map of numbers; positions with 0 belong to none. */
export interface Components extends Omit<ComponentTable, 'numbers'> {
  /** (...spatial): the component of each position, from 1; 0 where the map is 0. Numbered in row-major order. */
  readonly labels: Int32Array;
}

/**
 * The components of equal numbers, (...shape), as `skimage.measure.label` finds them: by default, positions that touch at
 * a corner are neighbours. `shape` has at least two axes.
 *
 * Besides the result, memory is needed for the runs of two slabs along the first axis, and for 12 + 8 numbers of 4 bytes
 * for each U-shaped part of the components.
 */
export function connectedComponents(
  map: LabelArray,
  shape: readonly number[],
  connectivity: Connectivity = 'corners',
): Components {
  const linker = new RunLinker(shape, connectivity);
  const labels = new Int32Array(map.length);
  addSlabs(linker, map, shape, labels);
  const { numbers, ...table } = linker.records.table();
  for (let i = 0; i < labels.length; i++) {
    const part = labels[i] as number;
    if (part !== 0) labels[i] = numbers[part] as number;
  }
  return { ...table, labels };
}

/**
 * The first pass over a map that does not fit into memory. Add its bands of whole slabs along the first axis in order; then
 * `table` has the size, the number and the bounding box of each component. BandLabels is the second pass.
 */
export class BandScan {
  private readonly linker: RunLinker;

  /** `shape`, (...spatial), is the shape of the whole map, which has at least two axes. */
  constructor(
    readonly shape: readonly number[],
    connectivity: Connectivity = 'corners',
  ) {
    this.linker = new RunLinker(shape, connectivity);
  }

  /** Takes the next slabs, (n, ...shape without its first axis). */
  add(band: LabelArray): void {
    addSlabs(this.linker, band, this.shape);
  }

  table(): ComponentTable {
    return this.linker.records.table();
  }
}

/** The second pass: the components of each position, band by band, from the table of the first pass. */
export class BandLabels {
  private readonly linker: RunLinker;

  /** `shape` and `connectivity` as in the first pass. */
  constructor(
    readonly shape: readonly number[],
    private readonly table: ComponentTable,
    connectivity: Connectivity = 'corners',
  ) {
    this.linker = new RunLinker(shape, connectivity);
  }

  /** The components of the next slabs, (n, ...shape without its first axis). Bands may be cut in other places than before. */
  next(band: LabelArray): Int32Array {
    const labels = new Int32Array(band.length);
    // The scan is the same as before, so it gives the same provisional numbers.
    addSlabs(this.linker, band, this.shape, labels);
    const { numbers } = this.table;
    for (let i = 0; i < labels.length; i++) {
      const part = labels[i] as number;
      if (part !== 0) labels[i] = numbers[part] as number;
    }
    return labels;
  }
}

function addSlabs(linker: RunLinker, band: LabelArray, shape: readonly number[], into?: Int32Array): void {
  const slab = elementCount(shape.slice(1));
  if (slab === 0) return;
  if (band.length % slab !== 0) throw new Error(`a band of ${band.length} positions, in slabs of ${slab}`);
  for (let offset = 0; offset < band.length; offset += slab) linker.add(band, offset, into);
}
