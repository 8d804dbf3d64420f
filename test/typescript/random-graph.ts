import { SourceFile } from '../../src/diagnostics/source-file.js';
import { GraphBuilder } from '../../src/ir/builder.js';
import type { Graph, Origin, ValueId } from '../../src/ir/graph.js';
import { type StageName, StagePath } from '../../src/ir/stage-path.js';
import { Random } from '../grammar/random.js';

const span = { file: new SourceFile('random.unet', ''), start: 0, end: 0 };
const CHANNELS = 4;
const parts: readonly (readonly StageName[])[] = [
  ['encoder', 'pool'],
  ['bottleneck'],
  ['up', 'skip', 'decoder'],
];
const ends = { before: [1, 1], after: [1, 1] };
const conv = {
  stride: [1, 1],
  dilation: [1, 1],
  ...ends,
  residue: [0, 0],
  groups: 1,
  init: 'he_normal',
} as const;

/** Where a step takes a value from: so many values back, so many in another run of its level, or the network's input. */
type From = { readonly back: number } | { readonly ofLevel: number } | 'input';

interface StepPlan {
  readonly kind: 'conv' | 'relu' | 'add' | 'dropout';
  readonly from: readonly [From, From];
  readonly block: string | undefined;
  readonly channels: number;
}

/**
 * A random graph whose values all have one shape, so that any of them can be joined. Levels do nearly the same, on the
 * way down and on the way up; here and there one does not, takes a value of another level, or is an output.
 */
export function randomGraph(seed: number): Graph {
  return new GraphMaker(new Random(seed)).make();
}

class GraphMaker {
  private readonly builder = new GraphBuilder('Random', 2);
  private readonly values: ValueId[] = [];
  private readonly used = new Set<ValueId>();
  private readonly ofLevel = new Map<number, ValueId[]>();

  constructor(private readonly random: Random) {}

  make(): Graph {
    const { builder } = this;
    const random = this.random;
    this.values.push(
      this.add('input', [], { channels: CHANNELS }, StagePath.of('input'), { span, uses: [] }),
    );
    const levels = Array.from({ length: 1 + random.below(5) }, (_, index) => index + 1);
    const oddity = random.pick([0, 0, 0.02, 0.1, 0.5]);
    for (const names of parts) {
      const plan = names.map((name) => ({ name, steps: this.plan(names[0] !== 'encoder') }));
      const order = random.chance(0.9) === (names[0] === 'encoder') ? levels : levels.toReversed();
      for (const level of names.length === 1 ? [0] : order) {
        for (const { name, steps } of plan) {
          const stage = StagePath.of(name, level === 0 ? undefined : level);
          this.stage(random.chance(oddity) ? StagePath.of('node', 1, 2) : stage, level, steps, oddity);
        }
        if (!random.chance(oddity))
          this.join(
            level === 0 ? StagePath.of('bottleneck') : StagePath.of(names.at(-1) ?? 'decoder', level),
            level,
          );
      }
    }
    const loose = this.values.filter((id) => !this.used.has(id) && id !== 0);
    for (const [index, value] of loose.entries()) builder.output(`output${index}`, value);
    if (random.chance(oddity)) builder.output('another', random.pick(this.values.slice(1)));
    return builder.finish([8, 12]);
  }

  private plan(isLater: boolean): readonly StepPlan[] {
    const { random } = this;
    const from = (): From => {
      if (random.chance(0.85)) return { back: random.pick([1, 1, 1, 1, 2, 3]) };
      return isLater && random.chance(0.8) ? { ofLevel: 1 + random.below(2) } : 'input';
    };
    const steps = Array.from(
      { length: 1 + random.below(4) },
      (): StepPlan => ({
        kind: random.pick(['conv', 'conv', 'relu', 'add', 'dropout']),
        from: [from(), from()],
        block: random.chance(0.6) ? random.pick(['double', 'residual', 'apply']) : undefined,
        channels: random.pick([2, 4, 8]),
      }),
    );
    return random.chance(0.4) ? [...steps, ...steps] : steps;
  }

  private stage(stage: StagePath, level: number, steps: readonly StepPlan[], oddity: number): void {
    const { random } = this;
    const inner = random.chance(oddity) ? this.builder.childPath(stage, 'inner') : stage;
    for (const { kind, from, block, channels } of steps) {
      const origin: Origin = { span, uses: block === undefined ? [] : [{ block, span }] };
      const first = this.value(random.chance(oddity) ? { back: 1 + random.below(9) } : from[0], level);
      if (kind === 'conv') {
        const kernel = random.chance(oddity) ? [1, 3] : [3, 3];
        const inside = { ...conv, kernel, before: kernel.map(half), after: kernel.map(half), bias: true };
        const wide = this.add(
          'conv',
          [first],
          { ...inside, channels: channels * (level + 1) },
          inner,
          origin,
        );
        this.keep(this.add('conv', [wide], { ...inside, channels: CHANNELS }, inner, origin), level);
      } else if (kind === 'add') {
        this.keep(this.add('add', [first, this.value(from[1], level)], {}, inner, origin), level);
      } else if (kind === 'relu') this.keep(this.add('relu', [first], {}, inner, origin), level);
      else this.keep(this.add('dropout', [first], { rate: level / 10 }, inner, origin), level);
    }
  }

  /** Adds up what nobody has taken: it would be an output of the level. */
  private join(stage: StagePath, level: number): void {
    for (const value of this.values.filter((id) => !this.used.has(id))) {
      const last = this.values.at(-1) ?? 0;
      if (value === last) continue;
      this.used.add(value).add(last);
      this.keep(this.add('add', [last, value], {}, stage, { span, uses: [] }), level);
    }
  }

  private value(from: From, level: number): ValueId {
    const own = this.ofLevel.get(level) ?? [];
    const id =
      from === 'input'
        ? 0
        : 'back' in from
          ? this.values.at(-from.back)
          : own[Math.min(from.ofLevel, own.length) - 1];
    const found = id ?? this.values.at(-1) ?? 0;
    this.used.add(found);
    return found;
  }

  private keep(id: ValueId, level: number): void {
    this.values.push(id);
    this.ofLevel.set(level, [...(this.ofLevel.get(level) ?? []), id]);
  }

  private add(...args: Parameters<GraphBuilder['add']>): ValueId {
    const id = this.builder.add(...args);
    if (typeof id !== 'number') throw new Error(id);
    return id;
  }
}

function half(size: number): number {
  return (size - 1) / 2;
}
