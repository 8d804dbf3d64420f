import { type DataSet, type Sample, verifyDataSet } from '../data/data-set.js';
import { LabelCoverage } from '../data/labels/label-coverage.js';
import type { Split } from '../data/split.js';
import type { Failure } from '../diagnostics/failure.js';

/**
 * Reads every image and mask of the two parts once, so that nothing in them surprises while a network is trained. Fails
 * for what cannot be read and for values that are no numbers, all listed, and where nobody labelled anything in one of
 * the parts; else a sentence for each class that one of them lacks.
 */
export async function readTrainingSamples(
  dataSet: DataSet,
  split: Split<Sample>,
  onRead?: (done: number, total: number) => void,
): Promise<readonly string[] | Failure> {
  const coverage = new LabelCoverage(dataSet.labels.classes);
  const samples = [...split.training, ...split.validation].sort((a, b) => (a.name < b.name ? -1 : 1));
  const failure = await verifyDataSet({ ...dataSet, samples }, dataSet.folder, (sample, done, total) => {
    if (sample) coverage.note(sample);
    onRead?.(done, total);
  });
  return failure ?? coverage.of(split);
}
