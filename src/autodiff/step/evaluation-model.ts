import { lowerGraph } from '../../../codegen/onnx/lower/lower-graph.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { Graph } from '../../ir/graph.js';
import { inferSizes } from '../../shape/infer.js';
import { type StepProblem, stepProblems } from '../checks/step-problems.js';
import { lossWriter } from '../losses/loss-of.js';
import { StepBuilder, TRAINING_OPSET } from './step-builder.js';
import { inputsOf, type StepOutput, stepModel } from './step-model.js';
import { type StepOptions, type StepSettings, stepSettings } from './step-settings.js';
import type { EvaluationInput, EvaluationModel } from './step-tensors.js';
import type { StepValue } from './step-value.js';
import { LOSS_OUTPUT, type LossWriter, logitsOf, lossInputs, truthOf } from './training-step.js';

export type EvaluationModelBuild =
  | (EvaluationModel & { readonly ok: true })
  | { readonly ok: false; readonly problems: readonly StepProblem[] };

/**
 * Writes a network in inference and its loss on one patch as an ONNX model: norms use their running statistics, and dropouts
 * are gone. The weights are inputs, so one session serves the whole training.
 */
export function buildEvaluationModel(
  network: CompiledNetwork,
  options: Pick<StepOptions, 'recipe' | 'loss' | 'patch'> = {},
): EvaluationModelBuild {
  const { recipe, loss, patch } = options;
  const settings = stepSettings(network, { recipe, loss, patch });
  // Norms use their running statistics, so a single value of a channel is enough.
  const problems = stepProblems(network, settings).filter(({ kind }) => kind !== 'norm');
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, ...writeEvaluationModel(network, settings) };
}

/** As buildEvaluationModel, with settings that stepProblems finds nothing wrong with. */
export function writeEvaluationModel(
  { graph, spec }: CompiledNetwork,
  { loss, patch }: Pick<StepSettings, 'loss' | 'patch'>,
): EvaluationModel {
  return evaluationModel(graph, patch, lossWriter(spec, loss));
}

/** The output with the values of the network, (1, K, ...spatial). */
const PREDICTION_OUTPUT = 'prediction';

/**
 * The loss and the prediction of one patch.
 *
 * @param size the spatial size of the patch, an admissible one
 */
function evaluationModel(graph: Graph, size: readonly number[], loss: LossWriter): EvaluationModel {
  const sized: Graph = { ...graph, inputSize: size };
  const { sizes } = inferSizes(sized, size);
  const lowered = lowerGraph(sized, { opset: TRAINING_OPSET, dynamic: false, dtype: 'float32' });
  const builder = new StepBuilder(lowered);
  const stepValue = (id: number): StepValue => {
    const [tensor, node] = [lowered.tensors[id], graph.nodes[id]];
    if (!tensor || !node) throw new Error(`there is no value ${id}`);
    return { name: tensor.name, shape: [1, node.channels, ...(sizes[id] ?? [])] };
  };
  const [output] = graph.outputs;
  if (!output) throw new Error(`${graph.name} has no output`);
  const logits = stepValue(logitsOf(graph, output.value).id);
  const scale = logits.shape.slice(2).map(() => 1);
  const truth = lossInputs(output.name, logits, scale);
  const { value } = loss(builder, logits, truthOf(truth));
  const inputs: EvaluationInput[] = [
    ...graph.nodes
      .filter(({ kind }) => kind === 'input' || kind === 'time')
      .map(({ id, kind }) => ({ ...stepValue(id), kind: kind === 'time' ? 'time' : 'image' }) as const),
    ...truth,
    ...lowered.initializers.map(
      ({ parameter: { name }, dims }) => ({ kind: 'parameter', name, shape: dims }) as const,
    ),
  ];
  const prediction = stepValue(output.value);
  const outputs: StepOutput[] = [
    { name: LOSS_OUTPUT, value },
    { name: PREDICTION_OUTPUT, value: prediction },
  ];
  return {
    model: stepModel(graph.name, builder, inputs, outputs),
    inputs: inputsOf(builder, inputs, outputs),
    loss: { name: LOSS_OUTPUT, shape: [] },
    prediction: { name: PREDICTION_OUTPUT, shape: prediction.shape },
  };
}
