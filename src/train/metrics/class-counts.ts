import { IGNORED } from '../../data/labels/label-map.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** TP, FP and FN of each class against all others, in positions. */
export interface ClassCounts {
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/**
 * Counts the positions of one image. `predicted` and `truth` are (...spatial), with classes 0 .. classes - 1. Positions whose
 * truth is IGNORED are not counted.
 */
export function countOutcomes(predicted: Uint16Array, truth: Uint16Array, classes: number): ClassCounts {
  if (predicted.length !== truth.length) {
    throw new Error(`a prediction of ${predicted.length} positions and a truth of ${truth.length}`);
  }
  // Three counts are enough: FP is predicted minus agreed, and FN is true minus agreed.
  const asTrue = new Float64Array(classes);
  const asPredicted = new Float64Array(classes);
  const agreed = new Float64Array(classes);
  for (let i = 0; i < truth.length; i++) {
    // Within the length of both.
    const label = truth[i] as number;
    if (label === IGNORED) continue;
    const found = predicted[i] as number;
    if (label >= classes || found >= classes) throw new Error(`a class is not within 0 .. ${classes - 1}`);
    asTrue[label] = (asTrue[label] as number) + 1;
    asPredicted[found] = (asPredicted[found] as number) + 1;
    if (found === label) agreed[label] = (agreed[label] as number) + 1;
  }
  const truePositives = [...agreed];
  const without = (counts: Float64Array) => truePositives.map((tp, k) => (counts[k] ?? 0) - tp);
  return { truePositives, falsePositives: without(asPredicted), falseNegatives: without(asTrue) };
}

/** The mean of the values that are not null; null if there is none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
