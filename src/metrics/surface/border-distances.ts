import { elementCount } from '../../ir/parameter.js';
import { spreadSquares } from '../../objects/watershed/distance-transform.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/**
 * The exact Euclidean distance of some positions to the nearest position of a border. Like distanceTransform, it goes axis by
 * axis; but along the first axis, it looks for the nearest position of each query alone, from near to far. Borders that are
 * compared lie close to each other, so this is short, and the largest part of the transform is left out.
 *
 * @param queries row-major indices in (...size)
 * @param border row-major indices in (...size), in ascending order
 * @param spacing the distance of neighbours along each axis
 * @param squares memory for one number for each position
 * @returns the distance of each query; infinite without a border
 */
export function borderDistances(
  queries: Int32Array,
  border: Int32Array,
  size: readonly number[],
  spacing: readonly number[],
  squares: Float64Array,
): Float64Array {
  const [first = 1, ...others] = size;
  const [step = 1, ...otherSteps] = spacing;
  const slice = elementCount(others);
  squares.fill(Number.POSITIVE_INFINITY);
  const last = others.at(-1);
  if (last === undefined) for (const index of border) squares[index] = 0;
  else {
    fillRows(squares, border, last, otherSteps.at(-1) ?? 1);
    // Rows are done, and the first axis comes below.
    spreadSquares(squares, size, spacing, { from: 1, to: size.length - 1 });
  }
  const unit = step * step;
  return Float64Array.from(queries, (query) => {
    let nearest = squares[query] as number;
    const before = Math.floor(query / slice);
    const after = first - 1 - before;
    const furthest = Math.max(before, after);
    for (let away = 1; away <= furthest; away++) {
      const square = unit * away * away;
      if (square >= nearest) break;
      if (away <= before) {
        const other = square + (squares[query - away * slice] as number);
        if (other < nearest) nearest = other;
      }
      if (away <= after) {
        const other = square + (squares[query + away * slice] as number);
        if (other < nearest) nearest = other;
      }
    }
    return Math.sqrt(nearest);
  });
}

/** Writes the squared distance to the nearest border position of the same row, for each row with one. */
function fillRows(squares: Float64Array, border: Int32Array, row: number, step: number): void {
  const unit = step * step;
  for (let i = 0; i < border.length; ) {
    const begin = (border[i] as number) - ((border[i] as number) % row);
    const end = begin + row;
    let at = begin;
    while (i < border.length && (border[i] as number) < end) {
      const nearest = border[i] as number;
      i++;
      const next = i < border.length && (border[i] as number) < end ? (border[i] as number) : undefined;
      // Up to half of the way to the next one.
      const until = next === undefined ? end : ((nearest + next) >> 1) + 1;
      for (; at < until; at++) squares[at] = unit * (at - nearest) * (at - nearest);
    }
  }
}
