import { stridesOf } from '../../runtime/tensor.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** The squares of the distances of each position to the nearest cell and to the nearest of all others. */
export interface NearestCells {
  /** (...spatial); Infinity where no cell is within the cutoff. */
  readonly nearest: Float32Array;
  readonly second: Float32Array;
}

/** The nearest two cells found so far at each position of a line: squared distances and numbers. */
interface Line {
  readonly d1: Float64Array;
  readonly d2: Float64Array;
  readonly cell1: Int32Array;
  readonly cell2: Int32Array;
}

function lineOf(size: number): Line {
  return {
    d1: new Float64Array(size),
    d2: new Float64Array(size),
    cell1: new Int32Array(size),
    cell2: new Int32Array(size),
  };
}

/**
 * Adds one more axis to the distances: the least of from(y) + (spacing (x - y))^2 over y, for the nearest cell and for the
 * nearest cell with another number.
 */
function sweep(from: Line, to: Line, spacing: number, cutoff: number): void {
  const { d1, d2, cell1, cell2 } = from;
  const size = d1.length;
  const limit = cutoff * cutoff;
  for (let x = 0; x < size; x++) {
    // First the position itself, then positions farther and farther away. Indexes are below the size of the line.
    let [best, other] = [d1[x] as number, d2[x] as number];
    let [bestCell, otherCell] = [cell1[x] as number, cell2[x] as number];
    for (let move = 1; move < size; move++) {
      const along = move * spacing * (move * spacing);
      // Positions that are farther along this axis alone cannot be nearer.
      if (along >= other || along > limit) break;
      for (let side = -1; side <= 1; side += 2) {
        const y = x + side * move;
        if (y < 0 || y >= size) continue;
        for (let k = 0; k < 2; k++) {
          // y is below the size of the line.
          const distance = ((k === 0 ? d1[y] : d2[y]) as number) + along;
          if (distance >= other || distance > limit) break;
          const cell = (k === 0 ? cell1[y] : cell2[y]) as number;
          if (cell === bestCell) {
            if (distance < best) best = distance;
          } else if (distance < best) {
            other = best;
            otherCell = bestCell;
            best = distance;
            bestCell = cell;
          } else {
            other = distance;
            otherCell = cell;
          }
        }
      }
    }
    to.d1[x] = best;
    to.d2[x] = other;
    to.cell1[x] = bestCell;
    to.cell2[x] = otherCell;
  }
}

/**
 * Exact distances to the nearest two cells, up to `cutoff`, between centres of positions that are `spacing` apart on each
 * axis; 0 to the cell that contains the position. `cells`, (...spatial), numbers them from 1.
 *
 * The distance transform works one axis after the other (Saito and Toriwaki 1994), with two values per position. Two are
 * enough: if two cells are nearer to a position of a line than a third cell, they are also nearer to every position whose
 * shortest way to the third cell passes through it.
 */
export function nearestCells(
  cells: Int32Array,
  shape: readonly number[],
  spacing: readonly number[],
  cutoff: number,
): NearestCells {
  const nearest = Float32Array.from(cells, (cell) => (cell === 0 ? Number.POSITIVE_INFINITY : 0));
  const second = new Float32Array(cells.length).fill(Number.POSITIVE_INFINITY);
  const [cell1, cell2] = [cells.slice(), new Int32Array(cells.length)];
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const size = shape[axis] ?? 1;
    const [from, to] = [lineOf(size), lineOf(size)];
    for (let start = 0; start < cells.length; start++) {
      if (Math.floor(start / stride) % size !== 0) continue;
      for (let i = 0, at = start; i < size; i++, at += stride) {
        // `at` stays on the line that begins at `start`, inside of the map.
        from.d1[i] = nearest[at] as number;
        from.d2[i] = second[at] as number;
        from.cell1[i] = cell1[at] as number;
        from.cell2[i] = cell2[at] as number;
      }
      sweep(from, to, spacing[axis] ?? 1, cutoff);
      for (let i = 0, at = start; i < size; i++, at += stride) {
        // As above; `i` is below the size of the line.
        nearest[at] = to.d1[i] as number;
        second[at] = to.d2[i] as number;
        cell1[at] = to.cell1[i] as number;
        cell2[at] = to.cell2[i] as number;
      }
    }
  }
  return { nearest, second };
}
