import type { CompiledNetwork } from '../compiler/compile.js';
import type { DataSet, Sample } from '../data/data-set.js';
import { readInstances, storedSample } from '../data/loader/stored-sample.js';
import type { Split } from '../data/split.js';
import { Failure } from '../diagnostics/failure.js';
import { parametersOf } from '../ir/graph.js';
import type { OrtDevice } from '../runtime/engine.js';
import type { Tensor } from '../runtime/tensor.js';
import type { WeightSource } from '../weights/weight-source.js';
import { readTensor } from '../weights/weight-source.js';
import { Evaluator } from './loop/evaluator.js';
import type { TrainingSettings } from './loop/training-settings.js';
import { type MergedCells, mergedCells } from './metrics/merged-cells.js';
import type { SegmentationMetrics } from './metrics/metrics.js';
import type { SamplePicture } from './report/run-folder-samples.js';
import { writeSample } from './run-folder/run-folder.js';

export interface SamplesRequest {
  readonly network: CompiledNetwork;
  readonly settings: TrainingSettings;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  /** The best weights. */
  readonly weights: WeightSource;
  readonly folder: string;
  readonly threads: number;
  readonly device?: OrtDevice | undefined;
}

/** Images that are shown. */
const SHOWN = 4;

/** What the best weights come to on the validation images. */
export interface RunFindings {
  /** Undefined without validation. */
  readonly metrics: SegmentationMetrics | undefined;
  /** What became of single cells, where the data set numbers them. */
  readonly cells: MergedCells | undefined;
}

/**
 * Evaluates the best weights, and writes pictures of the first validation images beside their truth; without
 * validation, of the first training images.
 */
export async function writeRunSamples(request: SamplesRequest): Promise<RunFindings | Failure> {
  const { network, settings, threads, device } = request;
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
    return await findingsOf(request, evaluator);
  } finally {
    await evaluator.close();
  }
}

async function findingsOf(
  { network, dataSet, split, weights, folder }: SamplesRequest,
  evaluator: Evaluator,
): Promise<RunFindings | Failure> {
  const state = new Map(
    parametersOf(network.graph).map((parameter): [string, Tensor] => [
      parameter.name,
      { shape: parameter.shape, data: readTensor(weights, parameter) },
    ]),
  );
  if (split.validation.length === 0) {
    for (const sample of split.training.slice(0, SHOWN)) {
      const shown = await predicted(sample, evaluator, state);
      if (shown instanceof Failure) return shown;
      const failure = await writeSample(folder, sample.name, shown);
      if (failure) return failure;
    }
    return { metrics: undefined, cells: undefined };
  }
  const evaluation = await evaluator.evaluate(dataSet, split.validation, state);
  if (evaluation instanceof Failure) return evaluation;
  let cells: MergedCells | undefined;
  for (const [i, sample] of split.validation.entries()) {
    const stored = storedSample(sample);
    if (i >= SHOWN && stored.instances === undefined) continue;
    const shown = await predicted(sample, evaluator, state);
    if (shown instanceof Failure) return shown;
    const instances = await readInstances(stored);
    if (instances instanceof Failure) return instances;
    if (instances) cells = sumOf(cells, mergedCells(shown.prediction, instances, sample.spatial));
    if (i >= SHOWN) continue;
    const failure = await writeSample(folder, sample.name, shown);
    if (failure) return failure;
  }
  return { metrics: evaluation.metrics, cells };
}

/** An image, its truth and what the weights make of it. */
async function predicted(
  sample: Sample,
  evaluator: Evaluator,
  state: ReadonlyMap<string, Tensor>,
): Promise<SamplePicture | Failure> {
  const read = await sample.read();
  if (read instanceof Failure) return read;
  const prediction = await evaluator.predict(read.image, state);
  return prediction instanceof Failure ? prediction : { image: read.image, truth: read.classes, prediction };
}

function sumOf(a: MergedCells | undefined, b: MergedCells): MergedCells {
  if (!a) return b;
  return {
    cells: a.cells + b.cells,
    lost: a.lost + b.lost,
    merged: a.merged + b.merged,
    pairs: a.pairs + b.pairs,
  };
}
