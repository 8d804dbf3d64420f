import type { LayerItem } from './items.js';
import type { ArgumentRule } from './layer-arguments.js';
import { argumentsOf } from './layer-arguments.js';
import type { Value } from './value.js';

/** A call of a block's function. */
export interface CallStep {
  readonly kind: 'call';
  /** The function's number. */
  readonly function: number;
  readonly args: readonly StepArgument[];
  /** What the names of the layers inside begin with. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** The layers inside, by name. */
  readonly layers: readonly string[];
}

/** Equal steps again and again, each round on the result of the one before. */
export interface RepeatStep {
  readonly kind: 'repeat';
  readonly rounds: readonly (readonly PlainStep[])[];
  /** By how much the number in the name of each step of a round grows from round to round. */
  readonly growth: readonly number[];
  readonly inputs: readonly string[];
  readonly output: string;
}

export type PlainStep = LayerItem | CallStep;

/** What a function or the network's own code does one after the other. */
export type Step = PlainStep | RepeatStep;

/** An argument of a layer or of a function. */
export interface StepArgument {
  readonly key: string;
  readonly value: Value;
  readonly rule: ArgumentRule;
}

export function stepArguments(step: PlainStep): readonly StepArgument[] {
  return step.kind === 'layer' ? argumentsOf(step.call) : step.args;
}

/** The layers of a step, by name. */
export function stepLayers(step: Step): readonly string[] {
  switch (step.kind) {
    case 'layer':
      return [step.name];
    case 'call':
      return step.layers;
    case 'repeat':
      return step.rounds.flat().flatMap(stepLayers);
    default:
      return step satisfies never;
  }
}
