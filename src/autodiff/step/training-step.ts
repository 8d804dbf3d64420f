import { type Graph, type Node, parametersOf, type ValueId } from '../../ir/graph.js';
import { forwardHalf, type StepInput } from './differentiate.js';
import type { OptimizerSetting } from './optimizer-setting.js';
import { clipped, stateOf, updated } from './optimizers.js';
import { StepBuilder } from './step-builder.js';
import { inputsOf, type StepOutput, stepModel } from './step-model.js';
import type { BatchInput, TrainingInput, TrainingOutput, TrainingStep } from './step-tensors.js';
import type { StepValue } from './step-value.js';
import { outputScales } from './supervision.js';

/** A loss: its value, a scalar, and its gradient by the logits, (N, K, ...spatial). */
export interface BuiltLoss {
  readonly value: StepValue;
  readonly gradient: StepValue;
}

/** Writes the loss of an output from its logits, (N, K, ...spatial). */
export type LossWriter = (builder: StepBuilder, logits: StepValue, truth: LossTruth) => BuiltLoss;

/** What a loss compares the logits with. */
export interface LossTruth {
  /** Class numbers, and the weight of each position, (N, 1, ...spatial). */
  readonly labels: StepValue;
  readonly weights: StepValue;
  /** The distances to the border of each class, (N, K, ...spatial), for losses that use them. */
  readonly distances: StepValue;
}

export interface StepRequest {
  /** The graph to train. */
  readonly graph: Graph;
  readonly batch: number;
  /** The spatial size of the patches, an admissible one. */
  readonly size: readonly number[];
  readonly loss: LossWriter;
  /** The weight of each output's loss, in the order of the outputs; when left out, 1 for the first output and 0 for the others. */
  readonly outputWeights?: readonly number[];
  readonly optimizer: OptimizerSetting;
  /** Ops that the device lacks: see StepBuilder. */
  readonly lacking?: ReadonlySet<string>;
  /** The largest norm of all gradients together. */
  readonly clip?: number | undefined;
}

/** The output of the step that contains a tensor after it. */
function nextOf(name: string): string {
  return `next ${name}`;
}

export const LOSS_OUTPUT = 'loss';

/** The inputs of the loss of an output with these logits, (N, K, ...spatial). */
export function lossInputs(
  output: string,
  logits: StepValue,
  scale: readonly number[],
): readonly BatchInput[] {
  const shape = logits.shape.map((size, axis) => (axis === 1 ? 1 : size));
  const own = { output, scale };
  return [
    { kind: 'labels', name: `labels of ${output}`, shape, ...own },
    { kind: 'weights', name: `weights of ${output}`, shape, ...own },
    { kind: 'distances', name: `distances of ${output}`, shape: logits.shape, ...own },
  ];
}

/** A training step before it is encoded. */
export interface StepGraph extends Omit<TrainingStep, 'model'> {
  readonly name: string;
  /** What holds the operators. */
  readonly builder: StepBuilder;
  /** The values that become the outputs, in the same order. */
  readonly results: readonly StepOutput[];
}

/** A training step as the bytes of an ONNX file, with what goes in and comes out. */
export function trainingStep(request: StepRequest): TrainingStep {
  const { name, builder, results, ...step } = stepGraph(request);
  return { model: stepModel(name, builder, step.inputs, results), ...step };
}

/**
 * Forward, loss, backward and optimizer as one graph. It takes the parameters, the state of the optimizer and a batch, and
 * gives the loss, the new parameters and the new state.
 */
export function stepGraph(request: StepRequest): StepGraph {
  const { graph, optimizer, clip } = request;
  const builder = new StepBuilder(undefined, request.lacking);
  const forward = forwardHalf(graph, builder, request.batch, request.size);
  const weights = request.outputWeights ?? graph.outputs.map((_, i) => (i === 0 ? 1 : 0));
  const seeds = new Map<ValueId, StepValue>();
  const scales = outputScales(graph);
  const targets: BatchInput[] = [];
  let total: StepValue | undefined;
  for (const [i, { name, value }] of graph.outputs.entries()) {
    const weight = weights[i] ?? 0;
    if (weight === 0) continue;
    const node = logitsOf(graph, value);
    const logits = forward.values[node.id];
    if (!logits) throw new Error(`${node.path} has no value`);
    const truth = lossInputs(name, logits, scales[i] ?? []);
    targets.push(...truth);
    builder.scope = `loss/${name}`;
    const loss = request.loss(builder, logits, truthOf(truth));
    const share = builder.times(loss.value, weight);
    total = total ? builder.add(total, share) : share;
    seeds.set(node.id, builder.times(loss.gradient, weight));
  }
  if (!total) throw new Error('no output has a loss');
  let gradients = forward.backward(seeds);
  builder.scope = 'optimizer';
  if (clip !== undefined) gradients = clipped(builder, gradients, clip);
  const scalars = {
    rate: { kind: 'learning_rate', name: 'learning_rate', shape: [] },
    firstCorrection: { kind: 'first_correction', name: 'first_correction', shape: [] },
    secondCorrection: { kind: 'second_correction', name: 'second_correction', shape: [] },
  } as const;
  const parameters = parametersOf(graph);
  const trained = parameters.filter((parameter) => gradients.has(parameter));
  const state = stateOf(optimizer, trained);
  const results: StepOutput[] = [{ name: LOSS_OUTPUT, value: total }];
  const outputs: TrainingOutput[] = [{ kind: 'loss', name: LOSS_OUTPUT, shape: [] }];
  const give = (of: string, value: StepValue) => {
    results.push({ name: nextOf(of), value });
    outputs.push({ kind: 'next', name: nextOf(of), shape: value.shape, of });
  };
  for (const parameter of trained) {
    const gradient = gradients.get(parameter);
    if (!gradient) continue;
    builder.scope = `optimizer/${parameter.name}`;
    const own = state.filter((one) => one.parameter === parameter);
    const value = { name: parameter.name, shape: parameter.shape };
    const kept = own.map(({ name }) => ({ name, shape: parameter.shape }));
    const next = updated(builder, optimizer, value, gradient, kept, scalars);
    give(parameter.name, next.value);
    for (const [i, { name }] of own.entries()) {
      const after = next.state[i];
      if (after) give(name, after);
    }
  }
  for (const [{ name }, value] of forward.updates) give(name, value);
  const inputs: TrainingInput[] = [
    ...forward.inputs.map(inputOf),
    ...targets,
    ...Object.values(scalars),
    ...parameters.map(({ name, shape }) => ({ kind: 'parameter', name, shape }) as const),
    ...state.map(({ name, parameter }) => ({ kind: 'state', name, shape: parameter.shape }) as const),
  ];
  return {
    name: graph.name,
    builder,
    results,
    inputs: inputsOf(builder, inputs, results),
    outputs,
    parameters,
    state,
  };
}

function inputOf({ kind, value, rate = 0 }: StepInput): TrainingInput {
  if (kind === 'mask') return { kind, ...value, rate };
  return { kind: kind === 'input' ? 'image' : kind, ...value };
}

/** The inputs of lossInputs, by their kinds. */
export function truthOf(inputs: readonly BatchInput[]): LossTruth {
  const of = (kind: BatchInput['kind']) => {
    const found = inputs.find((one) => one.kind === kind);
    if (!found) throw new Error(`a loss has no ${kind}`);
    return found;
  };
  return { labels: of('labels'), weights: of('weights'), distances: of('distances') };
}

/** The node of the logits of an output: losses work on these, not on the probabilities. */
export function logitsOf(graph: Graph, output: ValueId): Node {
  const node = graph.nodes[output];
  if (!node) throw new Error(`there is no value ${output}`);
  const [input] = node.inputs;
  const before = input === undefined ? undefined : graph.nodes[input];
  return before && (node.kind === 'softmax' || node.kind === 'sigmoid') ? before : node;
}
