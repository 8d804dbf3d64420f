import { buildOnnx } from '../../codegen/onnx/build.js';
import { networkMetadata } from '../compiler/metadata.js';
import { Failure } from '../diagnostics/failure.js';
import { version } from '../diagnostics/version.js';
import { numberText } from '../language/expressions/values.js';
import { readWeightsFile } from '../runtime/files/read-weights-file.js';
import { writeFilesAtomically } from '../runtime/files/write-file.js';
import type { RunReport } from './report/run-folder-report.js';
import { finishRun, runFiles } from './run-folder/run-folder.js';
import type { RunSettings } from './run-folder/run-folder-settings.js';
import { writeRunSamples } from './run-samples.js';
import type { TrainingRequest } from './training-request.js';
import { BEST_BY, endText, type TrainingResult } from './training-result.js';

/** Samples, the model with the best weights, and the report: what a training leaves when its last epoch is done. */
export async function writeResults(
  request: TrainingRequest,
  runSettings: RunSettings,
  result: TrainingResult,
): Promise<Failure | undefined> {
  const { network, settings, dataSet, split, folder, title, classNames } = request;
  const path = `${folder}/${result.best ? runFiles.best : runFiles.last}`;
  const weights = readWeightsFile(path, network.training);
  if (weights instanceof Failure) return weights;
  const { threads, device } = request;
  const found = await writeRunSamples({
    ...{ network, settings, dataSet, split, folder, threads, device },
    weights,
  });
  if (found instanceof Failure) return found;
  const { metrics, cells } = found;
  const { input } = settings.loader.patch;
  const report: RunReport = {
    title,
    facts: [
      ['network', `${network.name}, ${numberText(network.facts.parameters)} parameters`],
      ['patches', `${input.join(' x ')}, ${settings.loader.batch} a step`],
      ['images', `${split.training.length} to train with, ${split.validation.length || 'none'} to validate`],
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
    classes: classNames,
    epochs: result.epochs,
    best: result.best,
    bestBy: BEST_BY,
    metrics,
  };
  return finishRun(folder, runSettings, report, (modelPath) => {
    const built = buildOnnx(network.graph, {
      weights,
      fileName: runFiles.model,
      producerVersion: version,
      metadata: networkMetadata(network),
      dynamic: network.axes.every(({ maximum }) => maximum === undefined),
    });
    if (!built.ok) return new Failure(built.problems.map(({ message }) => message).join('; '));
    const files = built.files.map((file, i) => ({
      path: i === 0 ? modelPath : `${modelPath}.data`,
      chunks: file.chunks,
    }));
    return writeFilesAtomically(files);
  });
}
