import type { NodeOf } from '../ir/graph.js';
import type { OpKind } from '../ir/op-attributes.js';
import type { ParameterRole } from '../ir/parameter.js';
import type { StepBuilder } from './step/step-builder.js';
import type { StepValue } from './step/step-value.js';

/** What a rule receives for a node in the forward half of a step. All values are (N, C, ...spatial). */
export interface ForwardStep<K extends OpKind> {
  readonly node: NodeOf<K>;
  readonly inputs: readonly StepValue[];
  /** The shape (N, C, ...spatial) of the node's value. */
  readonly shape: readonly number[];
  readonly builder: StepBuilder;
  /** A parameter of the node; undefined if it has none with that role. */
  parameter(role: ParameterRole): StepValue | undefined;
  /** The random factors of a dropout, of the value's shape, an input of the step. */
  mask(): StepValue;
  /** Sets the value that running statistics have after the step. */
  update(role: ParameterRole, value: StepValue): void;
}

/** The value of an op that runs differently in training than in inference, and what it keeps for its gradient. */
export interface ForwardResult {
  readonly output: StepValue;
  readonly saved?: readonly StepValue[];
}

/** What a rule receives for a node in the backward half of a step. */
export interface BackwardStep<K extends OpKind> {
  readonly node: NodeOf<K>;
  readonly inputs: readonly StepValue[];
  readonly output: StepValue;
  /** What the forward half kept. */
  readonly saved: readonly StepValue[];
  /** The gradient of the loss by the node's value. */
  readonly dy: StepValue;
  readonly builder: StepBuilder;
  /** Whether the gradient by an input is needed. The gradients by the network's own inputs are not. */
  wants(input: number): boolean;
  parameter(role: ParameterRole): StepValue | undefined;
}

/** The gradients by the inputs, in their order, and by the parameters. Each has the shape of its input or parameter. */
export interface Gradients {
  readonly inputs: readonly (StepValue | undefined)[];
  readonly parameters?: Partial<Readonly<Record<ParameterRole, StepValue>>>;
}

/** How an op is differentiated. Without `forward`, it runs in training as in inference. */
export interface Rule<K extends OpKind> {
  forward?(step: ForwardStep<K>): ForwardResult;
  backward(step: BackwardStep<K>): Gradients;
}

/** The value at an index, which must exist. */
export function at(values: readonly StepValue[], index: number): StepValue {
  const value = values[index];
  if (!value) throw new Error(`there is no value ${index}`);
  return value;
}

/** The axes of the positions: all but samples and channels. */
export function spatialAxes({ shape }: StepValue): readonly number[] {
  return shape.slice(2).map((_, axis) => axis + 2);
}

/** The offset of every element of a kernel or a window, (...spatial), row-major. */
export function kernelOffsets(kernel: readonly number[]): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (offsets, size) =>
      offsets.flatMap((offset) => Array.from({ length: size }, (_, index) => [...offset, index])),
    [[]],
  );
}
