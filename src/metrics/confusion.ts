import { eachRun } from './runs.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** TP, FP, FN and TN of a class against all other positions, in positions. */
export interface ClassCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** How often each true label was predicted as each label: `matrix[truth][prediction]`, in positions. */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * The confusion matrix of one image. `truth` and `predicted` are (...spatial) with labels 0 .. labels - 1. Positions whose
 * truth is IGNORED are not counted, whatever is predicted there.
 *
 * @param row the number of positions along the last axis
 */
export function confusionOf(
  truth: Uint16Array,
  predicted: Uint16Array,
  labels: number,
  row: number,
): ConfusionMatrix {
  const counts = new Float64Array(labels * labels);
  eachRun(truth, predicted, row, (from, to, label, found) => {
    if (label >= labels || found >= labels) throw new Error(`a label is not within 0 .. ${labels - 1}`);
    const at = label * labels + found;
    counts[at] = (counts[at] as number) + to - from;
  });
  return Array.from({ length: labels }, (_, label) => [
    ...counts.subarray(label * labels, (label + 1) * labels),
  ]);
}

/** The sum of two matrices of one size. */
export function addConfusions(a: ConfusionMatrix, b: ConfusionMatrix): ConfusionMatrix {
  return a.map((row, label) => row.map((count, found) => count + (b[label]?.[found] ?? 0)));
}

/** The counts of a class, which is a set of labels. Several classes may have labels in common. */
export function classCounts(matrix: ConfusionMatrix, members: readonly number[]): ClassCounts {
  const isMember = matrix.map((_, label) => members.includes(label));
  const sums = { both: 0, truth: 0, prediction: 0, neither: 0 };
  for (const [label, row] of matrix.entries()) {
    for (const [found, count] of row.entries()) {
      if (isMember[label]) sums[isMember[found] ? 'both' : 'truth'] += count;
      else sums[isMember[found] ? 'prediction' : 'neither'] += count;
    }
  }
  return {
    truePositives: sums.both,
    falsePositives: sums.prediction,
    falseNegatives: sums.truth,
    trueNegatives: sums.neither,
  };
}

/** Adds up the counts of several images. */
export function sumOfCounts(all: readonly ClassCounts[]): ClassCounts {
  const sum = (key: keyof ClassCounts) => all.reduce((total, counts) => total + counts[key], 0);
  return {
    truePositives: sum('truePositives'),
    falsePositives: sum('falsePositives'),
    falseNegatives: sum('falseNegatives'),
    trueNegatives: sum('trueNegatives'),
  };
}

/**
 * Correct positions / labelled positions, for all labels together: the pixel accuracy of Long et al., CVPR 2015,
 * section 5. Null if no position is labelled.
 */
export function accuracyOf(matrix: ConfusionMatrix): number | null {
  const correct = matrix.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
  const all = matrix.reduce((sum, row) => row.reduce((total, count) => total + count, sum), 0);
  return all === 0 ? null : correct / all;
}
