import type { LiteralValue } from '../template/value.js';
import type { LayerItem } from './items.js';
import type { ArgumentRule } from './layer-arguments.js';
import { argumentsOf } from './layer-arguments.js';

/** A call of a block's function. */
export interface CallStatement {
  readonly kind: 'call';
  /** The function's number. */
  readonly function: number;
  readonly args: readonly StatementArgument[];
  /** What the names of the layers inside begin with. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** The layers inside, by name. */
  readonly layers: readonly string[];
}

/** Equal steps again and again, each round on the result of the one before. */
export interface RepeatStatement {
  readonly kind: 'repeat';
  readonly rounds: readonly (readonly PlainStatement[])[];
  /** By how much the number in the name of each step of a round grows from round to round. */
  readonly growth: readonly number[];
  readonly inputs: readonly string[];
  readonly output: string;
}

export type PlainStatement = LayerItem | CallStatement;

/** What a function or the network's own code does one after the other. */
export type Statement = PlainStatement | RepeatStatement;

/** An argument of a layer or of a function. */
export interface StatementArgument {
  readonly key: string;
  readonly value: LiteralValue;
  readonly rule: ArgumentRule;
}

export function stepArguments(step: PlainStatement): readonly StatementArgument[] {
  return step.kind === 'layer' ? argumentsOf(step.call) : step.args;
}

/** The layers of a step, by name. */
export function stepLayers(step: Statement): readonly string[] {
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
