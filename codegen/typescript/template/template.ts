import type { StagePath } from '../../../src/ir/stage-path.js';
import { layerName } from '../../tfjs/lower/layer-call.js';
import type { ArgumentRule } from '../analyse/layer-arguments.js';
import {
  argumentsOfStatement,
  ownNameOf,
  type PlainStatement,
  type RepeatStatement,
  type Statement,
  type StatementArgument,
} from '../analyse/statements.js';
import { camel, capital, type NamePart } from './names.js';
import { numberedName, type OwnName, ownNameText } from './own-name.js';
import type { LiteralValue } from './value.js';

/*
 * A template is code with holes for the values of arguments. Statements that differ only in these values have equal
 * templates, so that one function or one loop replaces all of them.
 */

/** A value in a template: the result of one of its statements, or one from outside. */
export type Ref = { readonly statement: number } | { readonly outer: number };

/** An argument: a hole or, for a list of separate numbers, one hole per entry. */
export type ArgumentTemplate =
  | { readonly key: string; readonly hole: number }
  | { readonly key: string; readonly holes: readonly number[] };

export interface LayerTemplate {
  readonly kind: 'layer';
  readonly source: 'tfjs' | 'unet';
  readonly layer: string;
  readonly args: readonly ArgumentTemplate[];
  readonly name: readonly NamePart[];
  /** The blocks and the op that the name has after its start: `conv` of `.conv_2`. */
  readonly words: readonly string[];
  readonly inputs: readonly Ref[];
}

export interface CallTemplate {
  readonly kind: 'call';
  readonly function: number;
  readonly args: readonly ArgumentTemplate[];
  readonly name: readonly NamePart[];
  /** The blocks and the op that the name has after its start: `conv` of `.conv_2`. */
  readonly words: readonly string[];
  readonly inputs: readonly Ref[];
}

export interface RepeatTemplate {
  readonly kind: 'repeat';
  /** Outer value 0 is the result of the round before. The last statement's value is the round's result. */
  readonly body: readonly PlainTemplate[];
  /** The number of rounds. */
  readonly count: number;
  readonly inputs: readonly Ref[];
}

export type PlainTemplate = LayerTemplate | CallTemplate;
export type StatementTemplate = PlainTemplate | RepeatTemplate;

/** A hole of a template: instances have a value for it. */
export interface Hole {
  readonly key: string;
  readonly rule: ArgumentRule;
  readonly value: LiteralValue;
  /** The name of the layer, without the start of the template's names. */
  readonly layer: string;
  /** In a repetition, the value of each round. */
  readonly rounds?: readonly LiteralValue[];
}

/** Statements as a template, with the values of this instance. */
export interface Instance {
  readonly template: readonly StatementTemplate[];
  readonly holes: readonly Hole[];
  /** The values from outside. */
  readonly outers: readonly string[];
}

/** The key of `count` holes. */
export const REPEAT = 'repeat';

/** Whether a hole with this key has the first number of a kind of layer: `firstAdd`. */
export function isNumbering(key: string): boolean {
  return /^first[A-Z]/.test(key);
}

const plainRule: ArgumentRule = { form: 'plain', short: false };

/** How the names of layers are written. */
export interface Naming {
  /** The start of a statement's name, and the rest of it. */
  parts(statement: PlainStatement): { readonly start: readonly NamePart[]; readonly own: OwnName };
  /**
   * Whether the numbers of layers start from a hole. A block's layers are numbered with the layers of its stage: the
   * first `add` of a block can be the second one of its stage.
   */
  readonly numbered: boolean;
}

/**
 * The statements as a template. Values from outside are numbered in the order of `outers`, then in the order of use.
 */
export function instanceOf(
  statements: readonly Statement[],
  naming: Naming,
  outers: readonly string[] = [],
): Instance {
  const holes: Hole[] = [];
  const scope = new ValueScope(outers);
  const maker = new TemplateMaker(
    holes,
    naming,
    naming.numbered ? firstNumbers(statements, naming, holes) : new Map(),
  );
  const template = statements.map((statement) => {
    const made = statement.kind === 'repeat' ? maker.repeat(statement, scope) : maker.plain(statement, scope);
    scope.add(statement.output);
    return made;
  });
  return { template, holes, outers: scope.outers };
}

/** A key that is equal for statements with the same template. */
export function keyOf({ template }: Instance): string {
  return JSON.stringify(template);
}

/** Names in a function: its caller hands in their start, such as `encoder_1` before `.conv_1`. */
export function prefixed(path: StagePath): Naming {
  return {
    parts: (statement) => ({ start: [{ of: 'name' }], own: ownNameOf(statement, path) }),
    numbered: true,
  };
}

/** Names as they are. */
export const writtenOut: Naming = {
  parts: (statement) => {
    const { root } = statement.path;
    return { start: [layerName(root)], own: ownNameOf(statement, root) };
  },
  numbered: false,
};

/** The parts of a name, with neighbouring texts joined. */
export function joinTexts(parts: readonly NamePart[]): readonly NamePart[] {
  const result: NamePart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part !== '') result.push(part);
  }
  return result;
}

/** Adds a hole for the first number of each kind of layer, by the text before the number. */
function firstNumbers(
  statements: readonly Statement[],
  { parts }: Naming,
  holes: Hole[],
): ReadonlyMap<string, Hole & { readonly index: number }> {
  const numbers = new Map<string, Hole & { readonly index: number }>();
  for (const statement of statements.flatMap((one) => (one.kind === 'repeat' ? one.rounds.flat() : [one]))) {
    const { own } = parts(statement);
    const { before, number } = numberedName(own);
    if (number === undefined || numbers.has(before)) continue;
    const layer = ownNameText(own);
    const hole: Hole = { key: `first${capital(camel(before))}`, rule: plainRule, value: number, layer };
    numbers.set(before, { ...hole, index: holes.length });
    holes.push(hole);
  }
  return numbers;
}

/** The values that statements can take, with their references. */
class ValueScope {
  private readonly made = new Map<string, number>();
  private readonly outside = new Map<string, number>();

  constructor(outers: readonly string[]) {
    for (const value of outers) this.outside.set(value, this.outside.size);
  }

  get outers(): readonly string[] {
    return [...this.outside.keys()];
  }

  add(value: string): void {
    this.made.set(value, this.made.size);
  }

  ref(value: string): Ref {
    const statement = this.made.get(value);
    if (statement !== undefined) return { statement };
    const outer = this.outside.get(value) ?? this.outside.size;
    this.outside.set(value, outer);
    return { outer };
  }
}

class TemplateMaker {
  constructor(
    private readonly holes: Hole[],
    private readonly naming: Naming,
    /** The hole with the first number of each kind of layer, by the text before the number. */
    private readonly numbers: ReadonlyMap<string, Hole & { readonly index: number }>,
  ) {}

  plain(statement: PlainStatement, scope: ValueScope, growth = 0): PlainTemplate {
    const { start, own } = this.naming.parts(statement);
    const name = joinTexts([...start, ...this.numbered(own, growth)]);
    const words = own.segments.map((segment) => segment.name);
    const args = argumentsOfStatement(statement).map((argument) => this.argument(argument, ownNameText(own)));
    const inputs = statement.inputs.map((value) => scope.ref(value));
    return statement.kind === 'layer'
      ? {
          kind: 'layer',
          source: statement.call.source,
          layer: statement.call.layer,
          args,
          name,
          words,
          inputs,
        }
      : { kind: 'call', function: statement.function, args, name, words, inputs };
  }

  private numbered(own: OwnName, growth: number): readonly NamePart[] {
    const { before, number, after } = numberedName(own);
    const first = this.numbers.get(before);
    if (number === undefined || !first) return [ownNameText(own)];
    const plus = number - Number(first.value);
    return [before, { of: 'number', hole: first.index, plus, growth }, after];
  }

  repeat(statement: RepeatStatement, scope: ValueScope): RepeatTemplate {
    const [carry = ''] = statement.inputs;
    const inputs = [scope.ref(carry)];
    const count = this.hole({ key: REPEAT, rule: plainRule, value: statement.rounds.length, layer: '' });
    const first = this.holes.length;
    // The holes of the other rounds have the same order.
    const others = statement.rounds.map((round, index) => {
      const holes = index === 0 ? this.holes : [];
      const maker = index === 0 ? this : new TemplateMaker(holes, this.naming, this.numbers);
      return { body: maker.round(round, statement.growth, carry), holes };
    });
    const length = this.holes.length - first;
    for (let index = 0; index < length; index += 1) {
      const hole = this.holes[first + index];
      const rounds = others.map(({ holes }, round) => holes[round === 0 ? first + index : index]?.value ?? 0);
      if (hole) this.holes[first + index] = { ...hole, rounds };
    }
    return { kind: 'repeat', body: others[0]?.body ?? [], count, inputs };
  }

  private round(
    statements: readonly PlainStatement[],
    growth: readonly number[],
    carry: string,
  ): readonly PlainTemplate[] {
    const scope = new ValueScope([carry]);
    return statements.map((statement, index) => {
      const made = this.plain(statement, scope, growth[index]);
      scope.add(statement.output);
      return made;
    });
  }

  private argument({ key, value, rule }: StatementArgument, layer: string): ArgumentTemplate {
    if (rule.form !== 'each' || typeof value !== 'object') {
      return { key, hole: this.hole({ key, rule, value, layer }) };
    }
    return { key, holes: value.map((entry) => this.hole({ key, rule: plainRule, value: entry, layer })) };
  }

  private hole(hole: Hole): number {
    this.holes.push(hole);
    return this.holes.length - 1;
  }
}
