import { type Graph, type Node, parametersOf, type ValueId } from '../ir/graph.js';
import type { Parameter } from '../ir/parameter.js';
import { type StepInput, trainingPass } from './differentiate.js';
import { clipped, type OptimizerSetting, type StateTensor, stateOf, updated } from './optimizers.js';
import { type StepOutput, stepModel } from './step-model.js';
import { Tape, type Value } from './tape.js';

/** A loss on a tape: its value, a scalar, and its gradient by the logits, (N, K, ...spatial). */
export interface LossOnTape {
  readonly value: Value;
  readonly gradient: Value;
}

/** Writes the loss of an output: of its logits (N, K, ...spatial). */
export type LossWriter = (tape: Tape, logits: Value, truth: LossTruth) => LossOnTape;

/** What a loss holds the logits against. */
export interface LossTruth {
  /** Class numbers, and what each position weighs, (N, 1, ...spatial). */
  readonly labels: Value;
  readonly weights: Value;
  /** The distances to each class's border, (N, K, ...spatial), where a loss asks for them. */
  readonly distances: Value;
}

export interface StepRequest {
  /** The graph that is trained. */
  readonly graph: Graph;
  readonly batch: number;
  /** The spatial size of the patches, an admissible one. */
  readonly size: readonly number[];
  readonly loss: LossWriter;
  /** The weight of each output's loss, in the order of the graph's outputs; 1 for the first alone where left out. */
  readonly outputWeights?: readonly number[];
  readonly optimizer: OptimizerSetting;
  /** Ops that the device lacks: see Tape. */
  readonly lacking?: ReadonlySet<string>;
  /** The largest norm of all gradients together. */
  readonly clip?: number | undefined;
}

/** A training step as one ONNX model. */
export interface TrainingStep {
  readonly model: Uint8Array;
  /** The image, the time step and the masks of dropouts. */
  readonly inputs: readonly StepInput[];
  /** What each output that has a loss is held against. The model takes of it what the loss reads. */
  readonly targets: readonly StepTarget[];
  /** What the model takes and gives: all parameters, running statistics among them. */
  readonly parameters: readonly Parameter[];
  readonly state: readonly StateTensor[];
}

export interface StepTarget extends LossTruth {
  readonly output: string;
}

/** Scalars that a step is given, by name. */
export const stepScalars = {
  rate: 'learning_rate',
  firstCorrection: 'first_correction',
  secondCorrection: 'second_correction',
} as const;

/** The output of the step that is a tensor's value after it. */
export function nextOf(name: string): string {
  return `next ${name}`;
}

export const LOSS_OUTPUT = 'loss';

/**
 * Forward, loss, backward and optimizer as one graph: what it is given and what it gives are the parameters and the
 * optimizer's state, and beside them a batch.
 */
export function trainingStep(request: StepRequest): TrainingStep {
  const { graph, optimizer, clip } = request;
  const tape = new Tape(undefined, request.lacking);
  const pass = trainingPass(graph, tape, request.batch, request.size);
  const weights = request.outputWeights ?? graph.outputs.map((_, i) => (i === 0 ? 1 : 0));
  const seeds = new Map<ValueId, Value>();
  const targets: StepTarget[] = [];
  let total: Value | undefined;
  for (const [i, { name, value }] of graph.outputs.entries()) {
    const weight = weights[i] ?? 0;
    if (weight === 0) continue;
    const node = logitsOf(graph, value);
    const logits = pass.values[node.id];
    if (!logits) throw new Error(`${node.path} has no value`);
    const shape = logits.shape.map((size, axis) => (axis === 1 ? 1 : size));
    const target = {
      output: name,
      labels: { name: `labels of ${name}`, shape },
      weights: { name: `weights of ${name}`, shape },
      distances: { name: `distances of ${name}`, shape: logits.shape },
    };
    targets.push(target);
    tape.scope = `loss/${name}`;
    const loss = request.loss(tape, logits, target);
    const share = tape.times(loss.value, weight);
    total = total ? tape.add(total, share) : share;
    seeds.set(node.id, tape.times(loss.gradient, weight));
  }
  if (!total) throw new Error('no output has a loss');
  let gradients = pass.backward(seeds);
  tape.scope = 'optimizer';
  if (clip !== undefined) gradients = clipped(tape, gradients, clip);
  const scalar = (name: string): Value => ({ name, shape: [] });
  const scalars = {
    rate: scalar(stepScalars.rate),
    firstCorrection: scalar(stepScalars.firstCorrection),
    secondCorrection: scalar(stepScalars.secondCorrection),
  };
  const parameters = parametersOf(graph);
  const trained = parameters.filter((parameter) => gradients.has(parameter));
  const state = stateOf(optimizer, trained);
  const outputs: StepOutput[] = [{ name: LOSS_OUTPUT, value: total }];
  for (const parameter of trained) {
    const gradient = gradients.get(parameter);
    if (!gradient) continue;
    tape.scope = `optimizer/${parameter.name}`;
    const own = state.filter((one) => one.parameter === parameter);
    const value = { name: parameter.name, shape: parameter.shape };
    const kept = own.map(({ name }) => ({ name, shape: parameter.shape }));
    const next = updated(tape, optimizer, value, gradient, kept, scalars);
    outputs.push({ name: nextOf(parameter.name), value: next.value });
    for (const [i, { name }] of own.entries()) {
      const after = next.state[i];
      if (after) outputs.push({ name: nextOf(name), value: after });
    }
  }
  for (const [parameter, value] of pass.updates) outputs.push({ name: nextOf(parameter.name), value });
  const named = ({ name, shape }: Parameter): Value => ({ name, shape });
  const inputs = [
    ...pass.inputs.map(({ value }) => value),
    ...targets.flatMap(({ labels, weights: own, distances }) => [labels, own, distances]),
    ...Object.values(scalars),
    ...parameters.map(named),
    ...state.map(({ name, parameter }) => ({ name, shape: parameter.shape })),
  ];
  return {
    model: stepModel(graph.name, tape, inputs, outputs),
    inputs: pass.inputs,
    targets,
    parameters,
    state,
  };
}

/** The node whose value an output's probabilities are made of: what the losses work on. */
export function logitsOf(graph: Graph, output: ValueId): Node {
  const node = graph.nodes[output];
  if (!node) throw new Error(`there is no value ${output}`);
  const [input] = node.inputs;
  const before = input === undefined ? undefined : graph.nodes[input];
  return before && (node.kind === 'softmax' || node.kind === 'sigmoid') ? before : node;
}
