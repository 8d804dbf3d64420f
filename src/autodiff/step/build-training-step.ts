import type { CompiledNetwork } from '../../compiler/compile.js';
import { type StepProblem, stepProblems } from '../checks/step-problems.js';
import { lossWriter } from './loss-writer.js';
import { type StepOptions, type StepSettings, stepSettings } from './step-settings.js';
import type { TrainingStep } from './step-tensors.js';
import { supervisionWeights } from './supervision-weights.js';
import { type StepRequest, trainingStep } from './training-step.js';

export interface TrainingStepOptions extends StepOptions {
  /**
   * ONNX operators that the engine lacks: others take their place. There is one for `MaxUnpool`, which only the CPU
   * kernels of onnxruntime have.
   */
  readonly lacking?: ReadonlySet<string> | undefined;
}

export type TrainingStepBuild =
  | (TrainingStep & {
      readonly ok: true;
      /** What the step was made by, with nothing left open. */
      readonly settings: StepSettings;
    })
  | { readonly ok: false; readonly problems: readonly StepProblem[] };

/**
 * Writes one training step of a network as an ONNX model: forward as in training, the loss of every supervised output,
 * all gradients, and the optimizer. Parameters, the optimizer's state, a batch and the learning rate go in; the loss and
 * what parameters and state are after the step come out. Standard operators of opset 17, in float32; every size is fixed.
 * The bytes depend on nothing but the arguments.
 */
export function buildTrainingStep(
  network: CompiledNetwork,
  options: TrainingStepOptions = {},
): TrainingStepBuild {
  const settings = stepSettings(network, options);
  const problems = stepProblems(network, settings);
  if (problems.length > 0) return { ok: false, problems };
  const step = trainingStep(stepRequest(network, settings, options.lacking));
  return { ok: true, settings, ...step };
}

/** The step of a network whose settings have no problems. */
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
