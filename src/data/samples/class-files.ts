import { type Failure, failure } from '../../diagnostics/failure.js';
import type { LabelValues } from '../../images/label-values.js';

/** The numbers of one file of a mask that has a file for each class. */
interface ClassNumbers {
  readonly path: string;
  readonly label: number;
  readonly values: LabelValues['values'];
}

/**
 * One mask of the files of its classes, all of (...spatial): the class of the file whose number is not 0, or 0. Fails if
 * two classes share a position, since then one of them would be lost.
 */
export function mergeClassFiles(files: readonly ClassNumbers[]): LabelValues | Failure {
  const values = new Int32Array(files[0]?.values.length ?? 0);
  for (const { path, label, values: own } of files) {
    let shared = 0;
    let other = 0;
    for (let i = 0; i < values.length; i++) {
      if (own[i] === 0) continue;
      // Within the length of `values`.
      const before = values[i] as number;
      if (before !== 0) {
        shared += 1;
        other = before;
      }
      values[i] = label;
    }
    if (shared > 0) {
      const otherPath = files.find((one) => one.label === other)?.path ?? '';
      return failure('classes-overlap', { path, other: otherPath, count: shared });
    }
  }
  return { values, coloured: false, palette: undefined };
}
