import { buildOnnx } from '../../codegen/onnx/build.js';
import { networkMetadata } from '../compiler/metadata.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { version } from '../diagnostics/version.js';
import { numberText } from '../language/expressions/values.js';
import { readWeightsFile } from '../runtime/files/read-weights-file.js';
import { writeFilesAtomically } from '../runtime/files/write-file.js';
import type { TrainingPlan } from './plan-training.js';
import type { RunReport } from './report/run-folder-report.js';
import { finishRun, runFiles } from './run-folder/run-folder.js';
import { writeRunSamples } from './run-samples.js';
import { BEST_BY, classNames, endText, type TrainingResult } from './training-result.js';

/** Writes what a training leaves after its last epoch: samples, the model with the best weights, and the report. */
export async function writeResults(plan: TrainingPlan, result: TrainingResult): Promise<Failure | undefined> {
  const { network, settings, dataSet, split, folder, title } = plan;
  const path = `${folder}/${result.best ? runFiles.best : runFiles.last}`;
  const weights = readWeightsFile(path, network.training);
  if (weights instanceof Failure) return weights;
  const found = await writeRunSamples(plan, weights);
  if (found instanceof Failure) return found;
  const { metrics, cells } = found;
  const { input } = settings.loader.patch;
  const report: RunReport = {
    title,
    facts: [
      ['network', `${network.name}, ${numberText(network.facts.parameters)} parameters`],
      ['patches', `${input.join(' x ')}, ${settings.loader.batch} per step`],
      [
        'images',
        `${split.training.length} for training, ${split.validation.length || 'none'} for validation`,
      ],
      ['end', endText(result, settings)],
      ...(cells
        ? [
            [
              'cells of the validation images',
              `${cells.cells}: ${cells.merged} merged with a neighbour, ${cells.lost} lost`,
            ] as const,
          ]
        : []),
    ],
    classes: classNames(dataSet.labels.classes),
    epochs: result.epochs,
    best: result.best,
    bestBy: BEST_BY,
    metrics,
  };
  return finishRun(folder, plan.run, report, (modelPath) => {
    const built = buildOnnx(network.graph, {
      weights,
      fileName: runFiles.model,
      producerVersion: version,
      metadata: networkMetadata(network, { trainingData: plan.trainingData }),
      dynamic: network.axes.every(({ maximum }) => maximum === undefined),
    });
    if (!built.ok) {
      const problems = built.problems.map(({ message }) => message);
      return failure('model-not-exported', { network: network.name, problems });
    }
    const files = built.files.map((file, i) => ({
      path: i === 0 ? modelPath : `${modelPath}.data`,
      chunks: file.chunks,
    }));
    return writeFilesAtomically(files);
  });
}
