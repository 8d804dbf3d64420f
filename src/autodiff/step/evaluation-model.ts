import { lowerGraph } from '../../../codegen/onnx/lower/lower-graph.js';
import type { Graph } from '../../ir/graph.js';
import { inferSizes } from '../../shape/infer.js';
import { StepBuilder, type StepValue, TRAINING_OPSET } from './step-builder.js';
import { inputsOf, type StepOutput, stepModel } from './step-model.js';
import type { EvaluationInput, EvaluationModel } from './step-tensors.js';
import { LOSS_OUTPUT, type LossWriter, logitsOf, lossInputs, truthOf } from './training-step.js';

/** The output with the network's own values, (1, K, ...spatial). */
export const PREDICTION_OUTPUT = 'prediction';

/**
 * The loss and the prediction of one patch: norms with their running statistics, dropouts gone.
 *
 * @param size the spatial size of the patch, an admissible one
 */
export function evaluationModel(graph: Graph, size: readonly number[], loss: LossWriter): EvaluationModel {
  const sized: Graph = { ...graph, inputSize: size };
  const { sizes } = inferSizes(sized, size);
  const lowered = lowerGraph(sized, { opset: TRAINING_OPSET, dynamic: false, dtype: 'float32' });
  const builder = new StepBuilder(lowered);
  const placed = (id: number): StepValue => {
    const [tensor, node] = [lowered.tensors[id], graph.nodes[id]];
    if (!tensor || !node) throw new Error(`there is no value ${id}`);
    return { name: tensor.name, shape: [1, node.channels, ...(sizes[id] ?? [])] };
  };
  const [output] = graph.outputs;
  if (!output) throw new Error(`${graph.name} has no output`);
  const logits = placed(logitsOf(graph, output.value).id);
  const scale = logits.shape.slice(2).map(() => 1);
  const truth = lossInputs(output.name, logits, scale);
  const { value } = loss(builder, logits, truthOf(truth));
  const inputs: EvaluationInput[] = [
    ...graph.nodes
      .filter(({ kind }) => kind === 'input' || kind === 'time')
      .map(({ id, kind }) => ({ ...placed(id), kind: kind === 'time' ? 'time' : 'image' }) as const),
    ...truth,
    ...lowered.initializers.map(
      ({ parameter: { name }, dims }) => ({ kind: 'parameter', name, shape: dims }) as const,
    ),
  ];
  const prediction = placed(output.value);
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
