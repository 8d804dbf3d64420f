import type { StagePath } from '../../../src/ir/stage-path.js';
import type { OwnName } from '../template/own-name.js';
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
  /** The path of the block's use: the start of the names of the layers inside. */
  readonly path: StagePath;
  readonly inputs: readonly string[];
  readonly output: string;
  /** The layers inside, by name. */
  readonly layers: readonly string[];
}

/** A repetition of equal statements, each round on the result of the round before. */
export interface RepeatStatement {
  readonly kind: 'repeat';
  readonly rounds: readonly (readonly PlainStatement[])[];
  /** How much the number in the name of each statement of a round grows from round to round. */
  readonly growth: readonly number[];
  readonly inputs: readonly string[];
  readonly output: string;
}

export type PlainStatement = LayerItem | CallStatement;

/** An entry of the code of a function or of the network: a layer, a call of a block's function, or a repetition. */
export type Statement = PlainStatement | RepeatStatement;

/** An argument of a layer or of a function. */
export interface StatementArgument {
  readonly key: string;
  readonly value: LiteralValue;
  readonly rule: ArgumentRule;
}

export function argumentsOfStatement(statement: PlainStatement): readonly StatementArgument[] {
  return statement.kind === 'layer' ? argumentsOf(statement.call) : statement.args;
}

/** The layers of a statement, by name. */
export function layersOfStatement(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'layer':
      return [statement.name];
    case 'call':
      return statement.layers;
    case 'repeat':
      return statement.rounds.flat().flatMap(layersOfStatement);
    default:
      return statement satisfies never;
  }
}

/** The part of a statement's name below a path: `.conv_2`, `.conv_2.pad`, or nothing for the path's own block. */
export function ownNameOf(statement: PlainStatement, { segments }: StagePath): OwnName {
  const own = statement.path.segments.slice(segments.length);
  const part = statement.kind === 'layer' ? statement.call.part : undefined;
  return { segments: own, ...(part === undefined ? {} : { part }) };
}
