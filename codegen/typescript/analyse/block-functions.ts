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
  type StepTemplate,
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

/** A function that applies a block of the language; its uses in the network differ in its arguments alone. */
export interface BlockFunction {
  readonly block: string;
  readonly template: readonly StepTemplate[];
  readonly holes: readonly Hole[];
  /** What fills the holes, in their order. */
  readonly uses: readonly HoleUse[];
  readonly parameters: readonly FunctionParameter[];
  /** The number of values that it works on. */
  readonly inputs: number;
  /** The step whose value it gives. */
  readonly result: number;
  /** The path of each use: what the names of its layers begin with. */
  readonly paths: readonly StagePath[];
}

/** A network whose blocks are functions. */
export interface FunctionNetwork {
  readonly functions: readonly BlockFunction[];
  readonly stages: readonly StageSteps[];
}

export interface StageSteps {
  readonly stage: StagePath;
  readonly steps: readonly PlainStatement[];
}

/** A block that is used once has a function from this many steps on; shorter ones are written where they are used. */
const LONG = 6;
/** At most so many layers are taken off the end of a block to make it equal to others. */
const LONGEST_TAIL = 2;

/** Makes functions of the blocks that a network uses again and again, and of long ones. */
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
  // Blocks inside first: those around them then call functions.
  for (const blocks of byHeight) maker.addBlocks(blocks);
  return {
    functions: maker.functions,
    stages: stages.map(({ stage, items }) => ({ stage, steps: maker.stepsOf(items) })),
  };
}

/** A use of a block that may become a call. */
interface Candidate {
  readonly item: BlockItem;
  /** The steps that a function would do, one by one. */
  readonly plain: readonly PlainStatement[];
  /** The steps with their repetitions put together. */
  readonly steps: readonly Statement[];
  /** Layers at the end of the block that are left out of the function. */
  readonly tail: readonly PlainStatement[];
  readonly instance: Instance;
  readonly key: string;
}

class FunctionMaker {
  readonly functions: BlockFunction[] = [];
  private readonly resolved = new Map<BlockItem, readonly PlainStatement[]>();

  constructor(private readonly users: Users) {}

  stepsOf(items: readonly NetworkItem[]): readonly PlainStatement[] {
    return items.flatMap((item) => (item.kind === 'layer' ? [item] : (this.resolved.get(item) ?? [])));
  }

  addBlocks(items: readonly BlockItem[]): void {
    for (const sameBlock of grouped(items, ({ block }) => block).values()) {
      const whole = sameBlock.map((item) => this.candidate(item, this.stepsOf(item.items)));
      const patterns = new Map(
        whole.flatMap(({ item, steps }) => this.finder(item).patterns(steps)).map((one) => [one.key, one]),
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

  /** A block that does once what others do several times, as a repetition of one round. */
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

  /** A block that is another one with layers behind it, such as a dropout, as the other one and these layers. */
  private withoutTail(
    candidate: Candidate,
    patterns: readonly RoundPattern[],
    keys: ReadonlySet<string>,
  ): Candidate {
    const { item, plain, steps } = candidate;
    const single = steps.length - 1 - steps.findLastIndex(({ kind }) => kind === 'repeat');
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

  /** Makes equal candidates calls of a function, or leaves them as they are. */
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
      result: first.steps.findIndex(({ output }) => output === outputOf(first)),
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
  steps: readonly Statement[],
  tail: readonly PlainStatement[],
): Candidate {
  const instance = instanceOf(steps, prefixed(item.path), item.inputs);
  return { item, plain, steps, tail, instance, key: keyOf(instance) };
}

function outputOf({ item, tail }: Candidate): string {
  return tail[0]?.inputs[0] ?? item.output;
}

const plainRule: ArgumentRule = { form: 'plain', short: false };
const eachRule: ArgumentRule = { form: 'each', short: false };

function argumentAt({ name, column, each, standard }: FunctionParameter, use: number): StatementArgument {
  const rule = each ? eachRule : { ...plainRule, ...(standard === undefined ? {} : { standard }) };
  return { key: name, value: column.entries[use] ?? 0, rule };
}

/** How many different lists with an entry a round a cluster's repetitions would need. */
function changingLists(cluster: readonly Candidate[]): number {
  const lists = (cluster[0]?.instance.holes ?? []).flatMap((hole, index) => {
    const all = cluster.map(({ instance }) => instance.holes[index] ?? hole);
    return changesInRounds(all) ? [JSON.stringify(all.map(({ rounds }) => rounds))] : [];
  });
  return new Set(lists).size;
}
