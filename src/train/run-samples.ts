import { readInstances, readSample } from '../data/samples/read-sample.js';
import type { Sample } from '../data/samples/sample.js';
import { Failure } from '../diagnostics/failure.js';
import { parametersOf } from '../ir/graph.js';
import { type CellErrors, cellErrors, sumOfCells } from '../metrics/objects/cell-errors.js';
import { objectsOfClass, overlapsOf } from '../metrics/objects/object-overlaps.js';
import type { Tensor } from '../runtime/tensor.js';
import type { WeightSource } from '../weights/weight-source.js';
import { readTensor } from '../weights/weight-source.js';
import { Evaluator } from './loop/evaluator.js';
import type { SegmentationMetrics } from './metrics/metrics.js';
import type { TrainingPlan } from './plan-training.js';
import type { SamplePicture } from './report/run-folder-samples.js';
import { writeSample } from './run-folder/run-folder.js';

/** How many images are shown. */
const SHOWN = 4;

/** The results of the best weights on the validation images. */
export interface RunFindings {
  /** Undefined without validation. */
  readonly metrics: SegmentationMetrics | undefined;
  /** What happened to single cells, if the data set numbers them. */
  readonly cells: CellErrors | undefined;
}

/**
 * Evaluates the best weights, and writes pictures of the first validation images beside their truth; without validation, of
 * the first training images.
 */
export async function writeRunSamples(
  plan: TrainingPlan,
  weights: WeightSource,
): Promise<RunFindings | Failure> {
  const { network, settings, threads, device } = plan;
  const evaluator = await Evaluator.open({
    network,
    loss: settings.loss,
    settings: settings.loader,
    metrics: settings.metrics,
    threads,
    device,
  });
  if (evaluator instanceof Failure) return evaluator;
  try {
    return await findingsOf(plan, weights, evaluator);
  } finally {
    await evaluator.close();
  }
}

async function findingsOf(
  { network, dataSet, split, folder }: TrainingPlan,
  weights: WeightSource,
  evaluator: Evaluator,
): Promise<RunFindings | Failure> {
  const state = new Map(
    parametersOf(network.graph).map((parameter): [string, Tensor] => [
      parameter.name,
      { shape: parameter.shape, data: readTensor(weights, parameter) },
    ]),
  );
  const predicted = async (sample: Sample): Promise<SamplePicture | Failure> => {
    const read = await readSample(sample, dataSet);
    if (read instanceof Failure) return read;
    const prediction = await evaluator.predict(read.image, state);
    return prediction instanceof Failure
      ? prediction
      : { image: read.image, truth: read.classes, prediction };
  };
  if (split.validation.length === 0) {
    for (const sample of split.training.slice(0, SHOWN)) {
      const shown = await predicted(sample);
      if (shown instanceof Failure) return shown;
      const failed = await writeSample(folder, sample.name, shown);
      if (failed) return failed;
    }
    return { metrics: undefined, cells: undefined };
  }
  const evaluation = await evaluator.evaluate(dataSet, split.validation, state);
  if (evaluation instanceof Failure) return evaluation;
  const cells: CellErrors[] = [];
  for (const [i, sample] of split.validation.entries()) {
    if (i >= SHOWN && sample.instances === undefined) continue;
    const shown = await predicted(sample);
    if (shown instanceof Failure) return shown;
    const instances = await readInstances(sample);
    if (instances instanceof Failure) return instances;
    if (instances) {
      const objects = objectsOfClass(shown.prediction, [1], sample.spatial);
      cells.push(cellErrors(overlapsOf(instances, objects)));
    }
    if (i >= SHOWN) continue;
    const failed = await writeSample(folder, sample.name, shown);
    if (failed) return failed;
  }
  return { metrics: evaluation.metrics, cells: cells.length === 0 ? undefined : sumOfCells(cells) };
}
