import type { StagePath } from '../../../src/ir/stage-path.js';
import { numberedName } from '../template/own-name.js';
import { CHANNELS, parameterFamilyOf } from '../template/parameters.js';
import { sameValue } from '../template/value.js';
import { type LayerItem, type Users, usedOutside } from './items.js';
import {
  argumentsOfStatement,
  layersOfStatement,
  ownNameOf,
  type PlainStatement,
  type RepeatStatement,
  type Statement,
  type StatementArgument,
} from './statements.js';

/** The longest round: readers do not see longer ones as repetitions. */
const LONGEST_ROUND = 20;
/** A loop needs at least this many statements, or this many rounds. */
const LEAST_STATEMENTS = 4;
const LEAST_ROUNDS = 3;

/** The pattern of a round, to find single rounds elsewhere. */
export interface RoundPattern {
  readonly key: string;
  readonly length: number;
  readonly growth: readonly number[];
}

type Round = readonly PlainStatement[];

/**
 * Finds repetitions in the statements of a block. A round takes only the result of the round before. Rounds differ only
 * in the numbers in the names of their layers, and in their channels.
 */
export class RepeatFinder {
  private readonly known = new Map<PlainStatement, readonly StatementArgument[]>();

  /** @param path the block's use: all layers are below it */
  constructor(
    private readonly path: StagePath,
    private readonly users: Users,
  ) {}

  /** The statements with their repetitions. A single round that matches a pattern becomes a repetition too. */
  rolled(
    statements: readonly PlainStatement[],
    patterns: readonly RoundPattern[] = [],
  ): readonly Statement[] {
    const result: Statement[] = [];
    let at = 0;
    while (at < statements.length) {
      const found = this.bestAt(statements, at) ?? this.singleAt(statements, at, patterns);
      const statement = statements[at];
      if (found) result.push(found);
      else if (statement) result.push(statement);
      at += found ? found.rounds.reduce((sum, round) => sum + round.length, 0) : 1;
    }
    return result;
  }

  /** The patterns of the repetitions among the statements. */
  patterns(statements: readonly Statement[]): readonly RoundPattern[] {
    return statements.flatMap((statement) => {
      const [first] = statement.kind === 'repeat' ? statement.rounds : [];
      if (statement.kind !== 'repeat' || !first) return [];
      return [
        { key: this.keyOf(first, statement.inputs[0]), length: first.length, growth: statement.growth },
      ];
    });
  }

  private bestAt(statements: readonly PlainStatement[], at: number): RepeatStatement | undefined {
    const [first] = statements.slice(at, at + 1);
    if (at > 0 && first?.kind === 'layer' && !beginsRounds(first)) return undefined;
    let best: RepeatStatement | undefined;
    let covered = 0;
    for (let length = 1; length <= LONGEST_ROUND && at + 2 * length <= statements.length; length += 1) {
      // A round that is a multiple of the best one is not better.
      if (best && length % (best.rounds[0]?.length ?? 1) === 0) continue;
      const found = this.repeatAt(statements, at, length);
      const count = found ? found.rounds.length : 0;
      if (count * length > covered && (count * length >= LEAST_STATEMENTS || count >= LEAST_ROUNDS)) {
        best = found;
        covered = count * length;
      }
    }
    return best;
  }

  /** The repetition of rounds of this length that starts here; undefined for fewer than two rounds. */
  private repeatAt(
    statements: readonly PlainStatement[],
    at: number,
    length: number,
  ): RepeatStatement | undefined {
    const first = statements.slice(at, at + length);
    const carry = carryOf(first);
    const key = this.keyOf(first, carry);
    const rounds: Round[] = [first];
    let growth: readonly number[] = [];
    for (let next = at + length; next + length <= statements.length; next += length) {
      const before = rounds.at(-1) ?? first;
      const round = statements.slice(next, next + length);
      const grown = round.map((statement, index) => this.numberIn(statement) - this.numberIn(before[index]));
      if (rounds.length === 1) growth = grown;
      const follows =
        this.keyOf(round, before.at(-1)?.output) === key &&
        grown.every((amount, index) => amount === growth[index] && amount !== 0) &&
        this.passesOnlyTo(before, round) &&
        round.every((statement, index) => this.isLike(statement, first[index]));
      if (!follows) break;
      rounds.push(round);
    }
    const taken = rounds.slice(0, this.longest(rounds));
    return taken.length > 1 ? this.repeat(taken, growth, carry) : undefined;
  }

  private singleAt(
    statements: readonly PlainStatement[],
    at: number,
    patterns: readonly RoundPattern[],
  ): RepeatStatement | undefined {
    for (const { key, length, growth } of patterns) {
      const round = statements.slice(at, at + length);
      const carry = carryOf(round);
      if (this.keyOf(round, carry) === key) return this.repeat([round], growth, carry);
    }
    return undefined;
  }

  private repeat(
    rounds: readonly Round[],
    growth: readonly number[],
    carry: string | undefined,
  ): RepeatStatement | undefined {
    const last = rounds.at(-1) ?? [];
    const output = last.at(-1)?.output;
    if (carry === undefined || output === undefined || !this.keepsInside(last)) return undefined;
    return { kind: 'repeat', rounds, growth, inputs: [carry], output };
  }

  /** A key that is equal for rounds that differ only in arguments and in numbers in names. */
  private keyOf(round: Round, carry: string | undefined): string {
    const indices = new Map(round.map(({ output }, index) => [output, String(index)]));
    const described = round.map((statement) => ({
      what:
        statement.kind === 'layer' ? `${statement.call.source} ${statement.call.layer}` : statement.function,
      args: this.argumentsOf(statement).map(({ key, value }) => [
        key,
        typeof value === 'object' ? value.length : 0,
      ]),
      name: this.nameWithoutNumber(statement),
      inputs: statement.inputs.map((value) => indices.get(value) ?? (value === carry ? 'carry' : value)),
    }));
    return JSON.stringify(described);
  }

  /** Whether only the round itself uses its values, and only the next round uses its result. */
  private passesOnlyTo(round: Round, next: Round): boolean {
    const inNext = new Set(next.flatMap(layersOfStatement));
    return this.keepsInside(round) && !usedOutside(round.at(-1)?.output ?? '', inNext, this.users);
  }

  private keepsInside(round: Round): boolean {
    const inside = new Set(round.flatMap(layersOfStatement));
    return round.slice(0, -1).every(({ output }) => !usedOutside(output, inside, this.users));
  }

  /** Whether statements of two rounds have the same arguments, except for numbers of channels. */
  private isLike(statement: PlainStatement, other: PlainStatement | undefined): boolean {
    const others = other ? this.argumentsOf(other) : [];
    return this.argumentsOf(statement).every(({ key, value, rule }, index) => {
      const mayChange = parameterFamilyOf(key) === CHANNELS && rule.form === 'plain';
      return mayChange || sameValue(value, others[index]?.value);
    });
  }

  /** The number of rounds, from the first on, for which one list of channels suffices. */
  private longest(rounds: readonly Round[]): number {
    // More rounds never need fewer lists.
    let [fits, tooMany] = [1, rounds.length + 1];
    while (tooMany - fits > 1) {
      const middle = tooMany > rounds.length ? rounds.length : Math.floor((fits + tooMany) / 2);
      if (this.changes(rounds.slice(0, middle)) <= 1) fits = middle;
      else tooMany = middle;
    }
    return fits;
  }

  /** The number of different lists of channels that the rounds need. */
  private changes(rounds: readonly Round[]): number {
    const lists = new Set<string>();
    for (const [index, statement] of (rounds[0] ?? []).entries()) {
      for (const [position] of this.argumentsOf(statement).entries()) {
        const values = rounds.map((round) => {
          const same = round[index];
          return same && this.argumentsOf(same)[position]?.value;
        });
        if (values.some((value) => !sameValue(value, values[0]))) lists.add(JSON.stringify(values));
      }
    }
    return lists.size;
  }

  private argumentsOf(statement: PlainStatement): readonly StatementArgument[] {
    const known = this.known.get(statement) ?? argumentsOfStatement(statement);
    this.known.set(statement, known);
    return known;
  }

  private nameWithoutNumber(statement: PlainStatement): string {
    const { before, after } = numberedName(ownNameOf(statement, this.path));
    return `${before}#${after}`;
  }

  private numberIn(statement: PlainStatement | undefined): number {
    return (statement && numberedName(ownNameOf(statement, this.path)).number) ?? 0;
  }
}

/** Whether a round in the middle of a block can start with a layer: a norm belongs to the layer before it. */
function beginsRounds({ call }: LayerItem): boolean {
  return /conv|pool|padding|cropping|upsampling/i.test(call.layer);
}

/** The one value that a round takes from outside; undefined if it takes several. */
function carryOf(round: Round): string | undefined {
  const made = new Set(round.map(({ output }) => output));
  const outside = new Set(round.flatMap(({ inputs }) => inputs.filter((value) => !made.has(value))));
  const [carry, ...more] = outside;
  return more.length === 0 ? carry : undefined;
}
