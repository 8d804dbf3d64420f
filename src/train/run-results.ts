import { buildOnnx } from '../../codegen/onnx/build.js';
import { networkMetadata } from '../compiler/metadata.js';
import type { SplitChoice } from '../data/split/split.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { version } from '../diagnostics/version.js';
import { numberText } from '../language/expressions/values.js';
import { readWeightsFile } from '../runtime/files/read-weights-file.js';
import { writeFilesAtomically } from '../runtime/files/write-file.js';
import { dependsOnEpochs } from './loop/schedule.js';
import type { TrainingPlan } from './plan-training.js';
import type { RunReport } from './report/run-folder-report.js';
import { finishRun, runFiles } from './run-folder/run-folder.js';
import type { LengthFrom } from './run-folder/run-length.js';
import { writeRunSamples } from './run-samples.js';
import { bestBy, classNames, endText, type TrainingResult } from './training-result.js';

/** Writes what a training leaves after its last epoch: samples, the model with the best weights, and the report. */
export async function writeResults(
  plan: TrainingPlan,
  result: TrainingResult,
  lengths: readonly LengthFrom[],
): Promise<Failure | undefined> {
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
      ...choiceFacts(split.choice),
      ['end', endText(result, settings)],
      ...continuedFacts(plan, lengths),
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
    bestBy: bestBy(result.best),
    metrics,
  };
  const writeModel = (modelPath: string): Failure | undefined => {
    const built = buildOnnx(network.graph, {
      weights,
      fileName: runFiles.model,
      producerVersion: version,
      metadata: networkMetadata(network, {
        ...{ trainingData: plan.trainingData, sliceAxis: dataSet.sliceAxis },
        channelNames: dataSet.channelNames,
        classNames: dataSet.classNames,
      }),
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
  };
  return finishRun(folder, plan.run, report, writeModel, lengths);
}

/** How the validation images were chosen, if it was by a fold or by groups. */
function choiceFacts({ fold, group }: SplitChoice = {}): readonly (readonly [string, string])[] {
  return [
    ...(fold ? [['fold', `${fold.index} of ${fold.count}`] as const] : []),
    ...(group === undefined ? [] : [['groups', `by the pattern ${group}`] as const]),
  ];
}

/** With which schedule each part of a run was trained, if a run from the start would have other weights. */
function continuedFacts(
  { settings }: TrainingPlan,
  lengths: readonly LengthFrom[],
): readonly (readonly [string, string])[] {
  if (!dependsOnEpochs(settings.schedule)) return [];
  const longer = lengths.filter(({ epochs }, i) => i > 0 && epochs !== lengths[i - 1]?.epochs);
  return longer.map(
    ({ epochs, from }) =>
      [
        'continued',
        `after epoch ${from}, with the ${settings.schedule.kind} schedule of ${epochs} epochs`,
      ] as const,
  );
}
