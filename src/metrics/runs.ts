import { IGNORED } from './ignored.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/**
 * Calls `visit` for each run of positions with one true and one predicted label, from `from` up to, not including, `to`.
 * A run ends at the end of a row, and positions whose truth is IGNORED are in no run: their prediction is not read.
 *
 * @param row the number of positions along the last axis
 */
export function eachRun(
  truth: Uint16Array,
  predicted: Uint16Array,
  row: number,
  visit: (from: number, to: number, label: number, found: number) => void,
): void {
  if (predicted.length !== truth.length) {
    throw new Error(`a prediction of ${predicted.length} positions and a truth of ${truth.length}`);
  }
  for (let begin = 0; begin < truth.length; begin += row) {
    const end = begin + row;
    let from = begin;
    while (from < end) {
      const label = truth[from] as number;
      const found = predicted[from] as number;
      let to = from + 1;
      if (label === IGNORED) {
        while (to < end && truth[to] === IGNORED) to++;
      } else {
        while (to < end && truth[to] === label && predicted[to] === found) to++;
        visit(from, to, label, found);
      }
      from = to;
    }
  }
}
