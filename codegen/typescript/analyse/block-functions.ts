import type { StagePath } from '../../../src/ir/stage-path.js';
import {
  changesInRounds,
  type FunctionParameter,
  type HoleUse,
  templateParameters,
} from '../template/parameters.js';
import {
  type Hole,
  type Instance,
  instanceOf,
  keyOf,
  prefixed,
  type StatementTemplate,
} from '../template/template.js';
import { grouped } from './groups.js';
import type { BlockItem, Network, NetworkItem, Users } from './items.js';
import type { ArgumentRule } from './layer-arguments.js';
import { RepeatFinder, type RoundPattern } from './repeats.js';
import {
  type CallStatement,
  layersOfStatement,
  type PlainStatement,
  type Statement,
  type StatementArgument,
} from './statements.js';

/** A function that applies a block of the language. Its uses in the network differ only in their arguments. */
export interface BlockFunction {
  readonly block: string;
  readonly template: readonly StatementTemplate[];
  readonly holes: readonly Hole[];
  /** The values of the holes, in their order. */
  readonly uses: readonly HoleUse[];
  readonly parameters: readonly FunctionParameter[];
  /** The number of values that it takes. */
  readonly inputs: number;
  /** The statement whose value it returns. */
  readonly result: number;
  /** The path of each use: the start of the names of its layers. */
  readonly paths: readonly StagePath[];
}

/** A network whose blocks are functions. */
export interface FunctionNetwork {
  readonly functions: readonly BlockFunction[];
  readonly stages: readonly StageStatements[];
}

export interface StageStatements {
  readonly stage: StagePath;
  readonly statements: readonly PlainStatement[];
}

/**
 * A block that is used once gets a function if it has at least this many statements; a shorter one is written inline.
 */
const LONG = 6;
/** The most layers that are split off the end of a block to make it equal to others. */
const LONGEST_TAIL = 2;

/** Makes functions of the blocks that a network uses more than once, and of long ones. */
export function withFunctions({ stages, users }: Network): FunctionNetwork {
  const byHeight: BlockItem[][] = [];
  const collect = (item: NetworkItem): number => {
    if (item.kind === 'layer') return 0;
    const height = Math.max(...item.items.map(collect));
    while (byHeight.length <= height) byHeight.push([]);
    byHeight[height]?.push(item);
    return height + 1;
  };
  for (const { items } of stages) for (const item of items) collect(item);
  const maker = new FunctionMaker(users);
  // Inner blocks come first, so that outer blocks call their functions.
  for (const blocks of byHeight) maker.addBlocks(blocks);
  return {
    functions: maker.functions,
    stages: stages.map(({ stage, items }) => ({ stage, statements: maker.statementsOf(items) })),
  };
}

/** A use of a block that may become a call. */
interface Candidate {
  readonly item: BlockItem;
  /** The statements of the function, without repetitions. */
  readonly plain: readonly PlainStatement[];
  /** The statements with their repetitions. */
  readonly statements: readonly Statement[];
  /** Layers at the end of the block that the function leaves out. */
  readonly tail: readonly PlainStatement[];
  readonly instance: Instance;
  readonly key: string;
}

class FunctionMaker {
  readonly functions: BlockFunction[] = [];
  private readonly resolved = new Map<BlockItem, readonly PlainStatement[]>();

  constructor(private readonly users: Users) {}

  statementsOf(items: readonly NetworkItem[]): readonly PlainStatement[] {
    return items.flatMap((item) => (item.kind === 'layer' ? [item] : (this.resolved.get(item) ?? [])));
  }

  addBlocks(items: readonly BlockItem[]): void {
    for (const sameBlock of grouped(items, ({ block }) => block).values()) {
      const whole = sameBlock.map((item) => this.candidate(item, this.statementsOf(item.items)));
      const patterns = new Map(
        whole
          .flatMap(({ item, statements }) => this.finder(item).patterns(statements))
          .map((one) => [one.key, one]),
      );
      const keys = new Set(whole.map(({ key }) => key));
      const rounds = whole.map((one) => this.asSingleRound(one, [...patterns.values()], keys));
      const candidates = rounds.map((one) => this.withoutTail(one, [...patterns.values()], keys));
      for (const cluster of grouped(candidates, ({ key }) => key).values()) {
        if (changingLists(cluster) <= 1) this.resolve(cluster);
        else {
          const unrolled = cluster.map(({ item, plain, tail }) => candidateOf(item, plain, plain, tail));
          for (const one of grouped(unrolled, ({ key }) => key).values()) this.resolve(one);
        }
      }
    }
  }

  private candidate(
    item: BlockItem,
    plain: readonly PlainStatement[],
    tail: readonly PlainStatement[] = [],
  ): Candidate {
    return candidateOf(item, plain, this.finder(item).rolled(plain), tail);
  }

  private finder({ path }: BlockItem): RepeatFinder {
    return new RepeatFinder(path, this.users);
  }

  /** Turns a block that does once what others repeat into a repetition of one round. */
  private asSingleRound(
    candidate: Candidate,
    patterns: readonly RoundPattern[],
    keys: ReadonlySet<string>,
  ): Candidate {
    const { item, plain, tail } = candidate;
    if (patterns.length === 0) return candidate;
    const rolled = candidateOf(item, plain, this.finder(item).rolled(plain, patterns), tail);
    return keys.has(rolled.key) ? rolled : candidate;
  }

  /** Splits a block that is another one plus layers, such as a dropout, into the other block and these layers. */
  private withoutTail(
    candidate: Candidate,
    patterns: readonly RoundPattern[],
    keys: ReadonlySet<string>,
  ): Candidate {
    const { item, plain, statements } = candidate;
    const single = statements.length - 1 - statements.findLastIndex(({ kind }) => kind === 'repeat');
    for (let length = 1; length <= Math.min(LONGEST_TAIL, single, plain.length - 1); length += 1) {
      const head = plain.slice(0, -length);
      const tail = plain.slice(-length);
      const chained = tail.every(({ kind, inputs }, index) => {
        const before = index === 0 ? head.at(-1) : tail[index - 1];
        return kind === 'layer' && inputs.length === 1 && inputs[0] === before?.output;
      });
      if (!chained) return candidate;
      const shorter = this.asSingleRound(this.candidate(item, head, tail), patterns, keys);
      if (keys.has(shorter.key)) return shorter;
    }
    return candidate;
  }

  /** Turns equal candidates into calls of a function, or leaves them as they are. */
  private resolve(cluster: readonly Candidate[]): void {
    const [first] = cluster;
    if (!first) return;
    const { length } = first.plain;
    if (cluster.length > 1 ? length === 1 : length < LONG) {
      for (const { item, plain, tail } of cluster) this.resolved.set(item, [...plain, ...tail]);
      return;
    }
    const { parameters, uses } = templateParameters(cluster.map(({ instance }) => instance.holes));
    const number = this.functions.length;
    this.functions.push({
      block: first.item.block,
      template: first.instance.template,
      holes: first.instance.holes,
      uses,
      parameters,
      inputs: first.instance.outers.length,
      result: first.statements.findIndex(({ output }) => output === outputOf(first)),
      paths: cluster.map(({ item }) => item.path),
    });
    for (const [index, candidate] of cluster.entries()) {
      const { item, plain, tail, instance } = candidate;
      const call: CallStatement = {
        kind: 'call',
        function: number,
        args: parameters.map((parameter) => argumentAt(parameter, index)),
        path: item.path,
        inputs: instance.outers,
        output: outputOf(candidate),
        layers: plain.flatMap(layersOfStatement),
      };
      this.resolved.set(item, [call, ...tail]);
    }
  }
}

function candidateOf(
  item: BlockItem,
  plain: readonly PlainStatement[],
  statements: readonly Statement[],
  tail: readonly PlainStatement[],
): Candidate {
  const instance = instanceOf(statements, prefixed(item.path), item.inputs);
  return { item, plain, statements, tail, instance, key: keyOf(instance) };
}

function outputOf({ item, tail }: Candidate): string {
  return tail[0]?.inputs[0] ?? item.output;
}

const plainRule: ArgumentRule = { form: 'plain', short: false };
const eachRule: ArgumentRule = { form: 'each', short: false };

function argumentAt({ name, column, each, defaultValue }: FunctionParameter, use: number): StatementArgument {
  const rule = each ? eachRule : { ...plainRule, ...(defaultValue === undefined ? {} : { defaultValue }) };
  return { key: name, value: column.entries[use] ?? 0, rule };
}

/** The number of different lists, with one entry per round, that the repetitions of a cluster would need. */
function changingLists(cluster: readonly Candidate[]): number {
  const lists = (cluster[0]?.instance.holes ?? []).flatMap((hole, index) => {
    const all = cluster.map(({ instance }) => instance.holes[index] ?? hole);
    return changesInRounds(all) ? [JSON.stringify(all.map(({ rounds }) => rounds))] : [];
  });
  return new Set(lists).size;
}
