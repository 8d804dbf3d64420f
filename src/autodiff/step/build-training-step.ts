import type { CompiledNetwork } from '../../compiler/compile.js';
import { type StepProblem, stepProblems } from '../checks/step-problems.js';
import { lossWriter } from '../losses/loss-of.js';
import { type StepOptions, type StepSettings, stepSettings } from './step-settings.js';
import type { TrainingStep } from './step-tensors.js';
import { supervisionWeights } from './supervision.js';
import { type StepRequest, trainingStep } from './training-step.js';

export interface TrainingStepOptions extends StepOptions {
  /**
   * ONNX operators that the engine lacks, so that others are written in their place. The only one that can be replaced is
   * `MaxUnpool`, which only the CPU kernels of onnxruntime have.
   */
  readonly lacking?: ReadonlySet<string> | undefined;
}

export type TrainingStepBuild =
  | (TrainingStep & {
      readonly ok: true;
      /** The settings of the step, with nothing left open. */
      readonly settings: StepSettings;
    })
  | { readonly ok: false; readonly problems: readonly StepProblem[] };

/**
 * Writes one training step of a network as an ONNX model: forward as in training, the loss of every supervised output, all
 * gradients, and the optimizer. The inputs are the parameters, the state of the optimizer, a batch and the learning rate;
 * the outputs are the loss, the new parameters and the new state. The model has standard operators of opset 17, in float32,
 * and every size is fixed. Equal arguments give equal bytes.
 */
export function buildTrainingStep(
  network: CompiledNetwork,
  options: TrainingStepOptions = {},
): TrainingStepBuild {
  const settings = stepSettings(network, options);
  const problems = stepProblems(network, settings);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings, ...writeTrainingStep(network, settings, options.lacking) };
}

/**
 * As buildTrainingStep, with settings in which stepProblems finds nothing wrong.
 *
 * @internal
 */
export function writeTrainingStep(
  network: CompiledNetwork,
  settings: StepSettings,
  lacking?: ReadonlySet<string>,
): TrainingStep {
  return trainingStep(stepRequest(network, settings, lacking));
}

/**
 * The step of a network whose settings have no problems.
 *
 * @internal
 */
export function stepRequest(
  { training: graph, spec }: CompiledNetwork,
  { loss, optimizer, batch, patch, clip }: StepSettings,
  lacking?: ReadonlySet<string>,
): StepRequest {
  return {
    graph,
    batch,
    size: patch,
    loss: lossWriter(spec, loss),
    outputWeights: supervisionWeights(graph),
    optimizer,
    clip,
    ...(lacking ? { lacking } : {}),
  };
}
