import type { CompiledNetwork } from '../../compiler/compile.js';
import { type StepProblem, stepProblems } from '../checks/step-problems.js';
import { evaluationModel } from './evaluation-model.js';
import { lossWriter } from './loss-writer.js';
import { type StepOptions, stepSettings } from './step-settings.js';
import type { EvaluationModel } from './step-tensors.js';

export type EvaluationModelBuild =
  | (EvaluationModel & { readonly ok: true })
  | { readonly ok: false; readonly problems: readonly StepProblem[] };

/**
 * Writes a network in inference, and its loss on one patch, as an ONNX model: norms with their running statistics,
 * dropouts gone. Weights are inputs, so that one session serves every state of a training.
 */
export function buildEvaluationModel(
  network: CompiledNetwork,
  options: Pick<StepOptions, 'recipe' | 'loss' | 'patch'> = {},
): EvaluationModelBuild {
  const { recipe, loss, patch } = options;
  const settings = stepSettings(network, { recipe, loss, patch });
  // Norms have their running statistics: one value of a channel is enough.
  const problems = stepProblems(network, settings).filter(({ kind }) => kind !== 'norm');
  if (problems.length > 0) return { ok: false, problems };
  const model = evaluationModel(network.graph, settings.patch, lossWriter(network.spec, settings.loss));
  return { ok: true, ...model };
}
