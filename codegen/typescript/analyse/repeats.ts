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

/** Rounds of more steps than these are no repetition to a reader. */
const LONGEST_ROUND = 20;
/** What a loop is worth writing for: this many steps, or this many rounds. */
const LEAST_STEPS = 4;
const LEAST_ROUNDS = 3;

/** What a round of a repetition is like, for rounds that stand alone elsewhere. */
export interface RoundPattern {
  readonly key: string;
  readonly length: number;
  readonly growth: readonly number[];
}

type Round = readonly PlainStatement[];

/**
 * Finds repetitions in the steps of a block. A round uses no other value than the result of the round before, and
 * rounds differ in nothing but the numbers in their layers' names and the number of channels.
 */
export class RepeatFinder {
  private readonly known = new Map<PlainStatement, readonly StatementArgument[]>();

  /** @param path the block's use, which all layers are below */
  constructor(
    private readonly path: StagePath,
    private readonly users: Users,
  ) {}

  /** The steps with their repetitions put together; rounds like one of the patterns are so where they stand alone. */
  rolled(steps: readonly PlainStatement[], patterns: readonly RoundPattern[] = []): readonly Statement[] {
    const result: Statement[] = [];
    let at = 0;
    while (at < steps.length) {
      const found = this.bestAt(steps, at) ?? this.singleAt(steps, at, patterns);
      const step = steps[at];
      if (found) result.push(found);
      else if (step) result.push(step);
      at += found ? found.rounds.reduce((sum, round) => sum + round.length, 0) : 1;
    }
    return result;
  }

  /** What the repetitions among the steps repeat. */
  patterns(steps: readonly Statement[]): readonly RoundPattern[] {
    return steps.flatMap((step) => {
      const [first] = step.kind === 'repeat' ? step.rounds : [];
      if (step.kind !== 'repeat' || !first) return [];
      return [{ key: this.keyOf(first, step.inputs[0]), length: first.length, growth: step.growth }];
    });
  }

  private bestAt(steps: readonly PlainStatement[], at: number): RepeatStatement | undefined {
    const [first] = steps.slice(at, at + 1);
    if (at > 0 && first?.kind === 'layer' && !beginsRounds(first)) return undefined;
    let best: RepeatStatement | undefined;
    let covered = 0;
    for (let length = 1; length <= LONGEST_ROUND && at + 2 * length <= steps.length; length += 1) {
      // Two rounds as one are no better.
      if (best && length % (best.rounds[0]?.length ?? 1) === 0) continue;
      const found = this.repeatAt(steps, at, length);
      const count = found ? found.rounds.length : 0;
      if (count * length > covered && (count * length >= LEAST_STEPS || count >= LEAST_ROUNDS)) {
        best = found;
        covered = count * length;
      }
    }
    return best;
  }

  /** The repetition of rounds of a length that begins here, where there are two rounds at least. */
  private repeatAt(
    steps: readonly PlainStatement[],
    at: number,
    length: number,
  ): RepeatStatement | undefined {
    const first = steps.slice(at, at + length);
    const carry = carryOf(first);
    const key = this.keyOf(first, carry);
    const rounds: Round[] = [first];
    let growth: readonly number[] = [];
    for (let next = at + length; next + length <= steps.length; next += length) {
      const before = rounds.at(-1) ?? first;
      const round = steps.slice(next, next + length);
      const grown = round.map((step, index) => this.numberIn(step) - this.numberIn(before[index]));
      if (rounds.length === 1) growth = grown;
      const follows =
        this.keyOf(round, before.at(-1)?.output) === key &&
        grown.every((amount, index) => amount === growth[index] && amount !== 0) &&
        this.passesOnlyTo(before, round) &&
        round.every((step, index) => this.isLike(step, first[index]));
      if (!follows) break;
      rounds.push(round);
    }
    const taken = rounds.slice(0, this.longest(rounds));
    return taken.length > 1 ? this.repeat(taken, growth, carry) : undefined;
  }

  private singleAt(
    steps: readonly PlainStatement[],
    at: number,
    patterns: readonly RoundPattern[],
  ): RepeatStatement | undefined {
    for (const { key, length, growth } of patterns) {
      const round = steps.slice(at, at + length);
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

  /** Equal for rounds that do the same up to arguments and numbers in names. */
  private keyOf(round: Round, carry: string | undefined): string {
    const places = new Map(round.map(({ output }, index) => [output, String(index)]));
    const described = round.map((step) => ({
      what: step.kind === 'layer' ? `${step.call.source} ${step.call.layer}` : step.function,
      args: this.argumentsOf(step).map(({ key, value }) => [
        key,
        typeof value === 'object' ? value.length : 0,
      ]),
      name: this.nameWithoutNumber(step),
      inputs: step.inputs.map((value) => places.get(value) ?? (value === carry ? 'carry' : value)),
    }));
    return JSON.stringify(described);
  }

  /** The values of a round but its result are used in it alone, and its result by the next round alone. */
  private passesOnlyTo(round: Round, next: Round): boolean {
    const inNext = new Set(next.flatMap(layersOfStatement));
    return this.keepsInside(round) && !usedOutside(round.at(-1)?.output ?? '', inNext, this.users);
  }

  private keepsInside(round: Round): boolean {
    const inside = new Set(round.flatMap(layersOfStatement));
    return round.slice(0, -1).every(({ output }) => !usedOutside(output, inside, this.users));
  }

  /** Whether two steps of different rounds have the same arguments, up to numbers of channels. */
  private isLike(step: PlainStatement, other: PlainStatement | undefined): boolean {
    const others = other ? this.argumentsOf(other) : [];
    return this.argumentsOf(step).every(({ key, value, rule }, index) => {
      const mayChange = parameterFamilyOf(key) === CHANNELS && rule.form === 'plain';
      return mayChange || sameValue(value, others[index]?.value);
    });
  }

  /** How many of the rounds, from the first on, one list of numbers of channels is enough for. */
  private longest(rounds: readonly Round[]): number {
    // More rounds need no fewer lists.
    let [fits, tooMany] = [1, rounds.length + 1];
    while (tooMany - fits > 1) {
      const middle = tooMany > rounds.length ? rounds.length : Math.floor((fits + tooMany) / 2);
      if (this.changes(rounds.slice(0, middle)) <= 1) fits = middle;
      else tooMany = middle;
    }
    return fits;
  }

  /** How many different lists of numbers of channels the rounds need. */
  private changes(rounds: readonly Round[]): number {
    const lists = new Set<string>();
    for (const [index, step] of (rounds[0] ?? []).entries()) {
      for (const [place] of this.argumentsOf(step).entries()) {
        const values = rounds.map((round) => {
          const same = round[index];
          return same && this.argumentsOf(same)[place]?.value;
        });
        if (values.some((value) => !sameValue(value, values[0]))) lists.add(JSON.stringify(values));
      }
    }
    return lists.size;
  }

  private argumentsOf(step: PlainStatement): readonly StatementArgument[] {
    const known = this.known.get(step) ?? argumentsOfStatement(step);
    this.known.set(step, known);
    return known;
  }

  private nameWithoutNumber(step: PlainStatement): string {
    const { before, after } = numberedName(ownNameOf(step, this.path));
    return `${before}#${after}`;
  }

  private numberIn(step: PlainStatement | undefined): number {
    return (step && numberedName(ownNameOf(step, this.path)).number) ?? 0;
  }
}

/** A round in the middle of a block begins with a convolution or the like: a norm belongs to what is before it. */
function beginsRounds({ call }: LayerItem): boolean {
  return /conv|pool|padding|cropping|upsampling/i.test(call.layer);
}

/** The one value from outside that a round works on. */
function carryOf(round: Round): string | undefined {
  const made = new Set(round.map(({ output }) => output));
  const outside = new Set(round.flatMap(({ inputs }) => inputs.filter((value) => !made.has(value))));
  const [carry, ...more] = outside;
  return more.length === 0 ? carry : undefined;
}
