import { lowerGraph } from '../../codegen/onnx/lower-graph.js';
import type { Graph } from '../ir/graph.js';
import { inferSizes } from '../shape/infer.js';
import { stepModel } from './step-model.js';
import { Tape, TRAINING_OPSET, type Value } from './tape.js';
import { LOSS_OUTPUT, type LossTruth, type LossWriter, logitsOf } from './training-step.js';

/** A network in inference whose weights are inputs, so that one session serves every state of a training. */
export interface EvaluationModel {
  readonly model: Uint8Array;
  /** Each parameter's name with the shape in which the model takes it: axes of size 1 may be added. */
  readonly parameters: readonly Value[];
  /** What the loss is measured by; the model takes of it what the loss reads. */
  readonly truth: LossTruth;
}

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
  const tape = new Tape(lowered);
  const placed = (id: number): Value => {
    const [tensor, node] = [lowered.tensors[id], graph.nodes[id]];
    if (!tensor || !node) throw new Error(`there is no value ${id}`);
    return { name: tensor.name, shape: [1, node.channels, ...(sizes[id] ?? [])] };
  };
  const [output] = graph.outputs;
  if (!output) throw new Error(`${graph.name} has no output`);
  const logits = placed(logitsOf(graph, output.value).id);
  const shape = logits.shape.map((one, axis) => (axis === 1 ? 1 : one));
  const truth: LossTruth = {
    labels: { name: 'labels', shape },
    weights: { name: 'weights', shape },
    distances: { name: 'distances', shape: logits.shape },
  };
  const { value } = loss(tape, logits, truth);
  const parameters = lowered.initializers.map(({ parameter, dims }) => ({
    name: parameter.name,
    shape: dims,
  }));
  const inputs = lowered.inputs.map(({ name }, i) => ({ ...placed(i), name }));
  const model = stepModel(
    graph.name,
    tape,
    [...inputs, truth.labels, truth.weights, truth.distances, ...parameters],
    [
      { name: LOSS_OUTPUT, value },
      { name: PREDICTION_OUTPUT, value: placed(output.value) },
    ],
  );
  return { model, parameters, truth };
}
