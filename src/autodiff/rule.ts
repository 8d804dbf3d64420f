import type { NodeOf } from '../ir/graph.js';
import type { OpKind } from '../ir/op-attributes.js';
import type { ParameterRole } from '../ir/parameter.js';
import type { StepBuilder, StepValue } from './step/step-builder.js';

/** What a rule knows of a node while the step runs forward. All values are (N, C, ...spatial). */
export interface ForwardStep<K extends OpKind> {
  readonly node: NodeOf<K>;
  readonly inputs: readonly StepValue[];
  /** The shape (N, C, ...spatial) of the node's value. */
  readonly shape: readonly number[];
  readonly builder: StepBuilder;
  /** A parameter of the node; undefined where it has none of that role. */
  parameter(role: ParameterRole): StepValue | undefined;
  /** The random factors of a dropout, of the value's shape, an input of the step. */
  mask(): StepValue;
  /** Running statistics have this value after the step. */
  update(role: ParameterRole, value: StepValue): void;
}

/** What runs forward in training in another way than in inference, and what it keeps for its gradient. */
export interface ForwardResult {
  readonly output: StepValue;
  readonly saved?: readonly StepValue[];
}

/** What a rule knows of a node while the step runs backward. */
export interface BackwardStep<K extends OpKind> {
  readonly node: NodeOf<K>;
  readonly inputs: readonly StepValue[];
  readonly output: StepValue;
  /** What the forward step kept. */
  readonly saved: readonly StepValue[];
  /** The gradient of the loss by the node's value. */
  readonly dy: StepValue;
  readonly builder: StepBuilder;
  /** Whether the gradient of an input is wanted: not of the network's own inputs. */
  wants(input: number): boolean;
  parameter(role: ParameterRole): StepValue | undefined;
}

/** The gradients by the inputs, in their order, and by the parameters, each in the shape of what it belongs to. */
export interface Gradients {
  readonly inputs: readonly (StepValue | undefined)[];
  readonly parameters?: Partial<Readonly<Record<ParameterRole, StepValue>>>;
}

/** How an op is differentiated. Without `forward` it runs in training as it does in inference. */
export interface Rule<K extends OpKind> {
  forward?(step: ForwardStep<K>): ForwardResult;
  backward(step: BackwardStep<K>): Gradients;
}

/** The value at a place, which has to be there. */
export function at(values: readonly StepValue[], index: number): StepValue {
  const value = values[index];
  if (!value) throw new Error(`there is no value ${index}`);
  return value;
}

/** The axes of the positions: all but samples and channels. */
export function spatialAxes({ shape }: StepValue): readonly number[] {
  return shape.slice(2).map((_, axis) => axis + 2);
}
