import type { WeightSource } from '../../codegen/weights/weight-source.js';
import { readTensor } from '../../codegen/weights/weight-source.js';
import { lossOf } from '../autodiff/losses/loss-of.js';
import type { CompiledNetwork } from '../compile.js';
import type { DataSet, Sample } from '../data/data-set.js';
import type { Split } from '../data/split.js';
import { parametersOf } from '../ir/graph.js';
import { Failure } from '../runtime/failure.js';
import type { Tensor } from '../runtime/tensor.js';
import { Evaluator } from './evaluator.js';
import type { SegmentationMetrics } from './metrics.js';
import { writeSample } from './run-folder.js';
import type { TrainingSettings } from './training-settings.js';

export interface SamplesRequest {
  readonly network: CompiledNetwork;
  readonly settings: TrainingSettings;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  /** The best weights. */
  readonly weights: WeightSource;
  readonly folder: string;
  readonly threads: number;
}

/** Images of the validation that are shown. */
const SHOWN = 4;

/** Evaluates the best weights, and writes pictures of the first validation images beside their truth. */
export async function writeRunSamples(request: SamplesRequest): Promise<SegmentationMetrics | Failure> {
  const { network, settings, dataSet, split, weights, folder, threads } = request;
  const head = network.spec.head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
  const evaluator = await Evaluator.open({
    graph: network.graph,
    loss: (tape, logits, truth) => lossOf(tape, settings.loss, head, { logits, ...truth }),
    settings: settings.loader,
    threads,
  });
  if (evaluator instanceof Failure) return evaluator;
  const state = new Map(
    parametersOf(network.graph).map((parameter): [string, Tensor] => [
      parameter.name,
      { shape: parameter.shape, data: readTensor(weights, parameter) },
    ]),
  );
  const evaluation = await evaluator.evaluate(dataSet, split.validation, state);
  if (evaluation instanceof Failure) return evaluation;
  for (const sample of split.validation.slice(0, SHOWN)) {
    const read = await sample.read();
    if (read instanceof Failure) return read;
    const prediction = await evaluator.predict(read.image, state);
    if (prediction instanceof Failure) return prediction;
    const failure = await writeSample(folder, read.name, {
      image: read.image,
      truth: read.classes,
      prediction,
    });
    if (failure) return failure;
  }
  await evaluator.close();
  return evaluation.metrics;
}
