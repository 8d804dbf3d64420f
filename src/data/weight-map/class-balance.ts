import { Failure } from '../../diagnostics/failure.js';
import type { DataSet } from '../data-set.js';
import { sumCounts } from '../labels/label-counts.js';
import type { Sample } from '../samples/sample.js';
import { countSampleLabels } from '../survey/survey.js';

/**
 * A weight for each class so that all classes weigh the same in total: N / (K n), where n of N labelled positions belong to
 * the class and K classes occur; 1 for classes that do not occur. The mean weight of a position is 1.
 */
export function balanceOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : total / (present * count)));
}

/** Balances the classes over samples of a data set. Fails if a mask that was not decoded yet cannot be read. */
export async function classBalance(
  dataSet: DataSet,
  samples: readonly Sample[],
  onProgress?: (done: number, total: number) => void,
): Promise<readonly number[] | Failure> {
  const counts = await countSampleLabels(dataSet, samples, onProgress);
  return counts instanceof Failure ? counts : balanceOf(sumCounts(counts, dataSet.labels.classes).byClass);
}
