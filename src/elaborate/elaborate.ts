import { type Diagnosed, hasErrors } from '../diagnostics/diagnostic.js';
import { GraphBuilder } from '../ir/builder.js';
import type { Graph, Node, Origin, ValueId } from '../ir/graph.js';
import { StagePath } from '../ir/stage-path.js';
import type { Params } from '../language/modules/params.js';
import type {
  LevelSpec,
  NetworkSpec,
  PooledLevelSpec,
  ResolvedBlock,
  Setting,
} from '../language/resolve/network-spec.js';
import { type BlockEnvironment, environmentOf } from './block/environment.js';
import { expandBlock } from './block/expand-block.js';
import { Elaboration, type Maybe } from './context.js';
import { goDown } from './down.js';
import { Heads } from './heads.js';
import { Layers } from './layers.js';
import { type NamedValue, networkOutputs } from './outputs.js';
import { poolStride } from './pool-stride.js';
import { withoutUnused } from './prune.js';
import { skipMode } from './skip/skip-modes.js';
import { goUp } from './up.js';

const INPUT = StagePath.of('input');
const TIME = StagePath.of('time');
const STEM = StagePath.of('stem');
const BOTTLENECK = StagePath.of('bottleneck');

/** The graphs that a spec describes. */
export interface Elaborated {
  /** For inference: one output, `output`, and only what it needs. */
  readonly graph: Graph;
  /** For training: with the outputs of supervised heads too; the same graph if there are none. */
  readonly training: Graph;
  /** Ops that blocks made and that no output reads. */
  readonly unused: readonly Node[];
}

/**
 * NetworkSpec to Graph: encoder, bottleneck, decoder, heads. The value is undefined after an error.
 *
 * @param declaredSize the size of tables of positions, if the spec has another input than the file declares
 */
export function elaborate(
  spec: NetworkSpec,
  params: Params,
  declaredSize = spec.input.value.spatial,
): Diagnosed<Elaborated | undefined> {
  const builder = new GraphBuilder(spec.name, spec.rank);
  const elaboration = new Elaboration(builder, spec.nameSpan, spec.input.value.spatial, declaredSize);
  const outputs = new NetworkElaborator(spec, elaboration, params).run();
  const { diagnostics } = elaboration;
  const failed = !outputs || hasErrors(diagnostics);
  return { value: failed ? undefined : graphsOf(spec, builder, outputs), diagnostics };
}

/** The graphs for inference and for training, from what the builder holds. */
function graphsOf(spec: NetworkSpec, builder: GraphBuilder, outputs: readonly NamedValue[]): Elaborated {
  for (const { path, value } of outputs) {
    builder.output(path.text, value);
    builder.stage(path, value);
  }
  const whole = builder.finish(spec.input.value.spatial);
  const training = withoutUnused(whole);
  const inference = { ...whole, outputs: whole.outputs.slice(0, 1) };
  const paths = new Set(training.nodes.map(({ path }) => path.text));
  const unused = whole.nodes.filter(({ path }) => !paths.has(path.text));
  return { training, graph: outputs.length === 1 ? training : withoutUnused(inference), unused };
}

class NetworkElaborator {
  constructor(
    private readonly spec: NetworkSpec,
    private readonly elaboration: Elaboration,
    private readonly params: Params,
  ) {}

  /** The outputs, the network's own first. Undefined after an error. */
  run(): readonly NamedValue[] | undefined {
    const { input, levels, bottleneck } = this.spec;
    const { channels } = input.value;
    let value = this.elaboration.add('input', [], { channels }, INPUT, originOf(input));
    this.mark(INPUT, value);
    this.embedTime();
    value = this.stem(value);
    const encoded: (readonly EncodedMap[])[] = [];
    for (const level of levels) {
      const maps = this.encode(level, value);
      encoded.push(maps);
      value = maps.at(-1)?.value;
      const pool = StagePath.of('pool', level.level);
      value = value === undefined ? undefined : this.down(level, pool, value);
      this.mark(pool, value);
    }
    value = this.block(bottleneck, BOTTLENECK, value, bottleneck.channels.value, bottleneck.block, true);
    this.mark(BOTTLENECK, value);
    return this.outputs(this.decode(encoded, value));
  }

  /** Embeds the time step, if the network takes one, so that every block can use it. */
  private embedTime(): void {
    const { time, levels } = this.spec;
    const [first] = levels;
    if (!time || !first) return;
    const step = this.elaboration.add('time', [], {}, TIME, originOf(time));
    const channels = first.channels.value;
    const layers = this.layers(first, TIME);
    this.elaboration.time = 'unknown';
    const embedding = expandBlock(time.value, step, channels, layers, this.environment(first, channels));
    if (embedding !== undefined) this.elaboration.time = embedding;
    this.mark(TIME, embedding);
  }

  /** The input of level 1: the network's input, or the output of the stem. */
  private stem(input: Maybe): Maybe {
    const { stem, levels } = this.spec;
    const [first] = levels;
    if (!stem || !first) return input;
    const value = this.block(first, STEM, input, first.channels.value, stem, false);
    this.mark(STEM, value);
    return value;
  }

  /**
   * The maps of a level that have a skip; the last one also goes down. A level usually has one: the output of its
   * block. If every block has a skip, they are the level's input, `encoder[l,0]`, and the output of each use of the
   * block.
   */
  private encode(level: PooledLevelSpec, input: Maybe): readonly EncodedMap[] {
    const stage = StagePath.of('encoder', level.level);
    const count = skipMode(level.skip.value).blocks?.(level.skip.value);
    const maps: EncodedMap[] =
      count === undefined ? [] : [{ stage: StagePath.of('encoder', level.level, 0), value: input }];
    let value = input;
    for (let use = 1; use <= (count ?? 1); use += 1) {
      const path = count === undefined ? stage : this.pathOfUse(stage, level.block.value);
      value = this.block(level, path, value, level.channels.value, level.block, true);
      maps.push({ stage: use === (count ?? 1) ? stage : StagePath.of('encoder', level.level, use), value });
    }
    for (const map of maps) this.mark(map.stage, map.value);
    return maps;
  }

  /** The path of the next use of a block, in a stage that uses it several times: `encoder[2].residual[1]`. */
  private pathOfUse(stage: StagePath, { block }: ResolvedBlock): StagePath {
    return this.elaboration.builder.childPath(stage, block.declaration.name.name);
  }

  /**
   * The decoder path, column by column. Node j of a level takes the map that comes up from node j - 1 of the level
   * below; node 0 is the encoder's map. Every level has its last node, `decoder[l]`. If its skip mode is dense, it also
   * has every other node that has a node below it. So a U is the diagonal of a grid.
   */
  private decode(
    encoded: readonly (readonly EncodedMap[])[],
    bottom: Maybe,
  ): readonly ReadonlyMap<number, Maybe>[] {
    const { levels, depth } = this.spec;
    const nodes = [...encoded.map((maps) => maps.at(-1)?.value), bottom].map(
      (value) => new Map([[0, value]]),
    );
    for (let column = 1; column <= depth.value; column += 1) {
      for (const level of levels.slice(0, depth.value - column + 1).toReversed()) {
        const last = column === depth.value - level.level + 1;
        const below = nodes[level.level]?.get(column - 1);
        if ((!last && !skipMode(level.skip.value).dense) || !nodes[level.level]?.has(column - 1)) continue;
        const own = nodes[level.level - 1] ?? new Map<number, Maybe>();
        const earlier = [...own].slice(1).map(([at, value]) => ({ column: at, value }));
        own.set(column, this.node(level, encoded[level.level - 1] ?? [], earlier, below, column, last));
      }
    }
    return nodes;
  }

  /**
   * One node of the decoder path. The map that comes up from below is joined with the encoder's maps, the last one
   * first, and a block follows each join.
   */
  private node(
    level: PooledLevelSpec,
    encoded: readonly EncodedMap[],
    earlier: readonly { readonly column: number; readonly value: Maybe }[],
    below: Maybe,
    column: number,
    last: boolean,
  ): Maybe {
    const known = earlier.flatMap(({ column: at, value }) =>
      value === undefined ? [] : [{ column: at, value }],
    );
    if (known.length < earlier.length || below === undefined) return undefined;
    const place = last ? undefined : column;
    const upPath = StagePath.of('up', level.level, place);
    const decoder = StagePath.of(last ? 'decoder' : 'node', level.level, place);
    let value = this.up(level, upPath, encoded.at(-1)?.value, below);
    let upStage = upPath;
    this.mark(upPath, value);
    for (let index = encoded.length - 1; index >= 0; index -= 1) {
      const { stage, value: skip } = encoded[index] ?? {};
      if (!stage || skip === undefined || value === undefined) return undefined;
      const isFirst = index === encoded.length - 1;
      const path = encoded.length === 1 ? decoder : this.pathOfUse(decoder, level.decoderBlock.value);
      const joined = skipMode(level.skip.value).join({
        setting: level.skip.value,
        level,
        skip,
        skipStage: stage,
        earlier: known,
        up: value,
        upStage,
        below,
        crop: level.crop.value,
        last: last && isFirst,
        skipLayers: this.layers(level, StagePath.of('skip', level.level, isFirst ? place : index)),
        decoderLayers: this.layers(level, path),
        origin: originOf(level.skip),
      });
      value = this.block(level, path, joined, level.decoderChannels.value, level.decoderBlock, false);
      upStage = index === 0 ? decoder : StagePath.of('decoder', level.level, index);
      this.mark(upStage, value);
    }
    // The same node, named by its position in the grid.
    if (last && known.length > 0) this.mark(StagePath.of('node', level.level, column), value);
    return value;
  }

  private up(level: PooledLevelSpec, path: StagePath, skip: Maybe, below: ValueId): Maybe {
    if (skip === undefined) return undefined;
    const channels = {
      skip: this.elaboration.channels(skip),
      below: this.channelsBelow(level),
      level: level.channels.value,
    };
    const environment = this.environment(level, level.channels.value);
    const factors = poolStride(level);
    return goUp(
      this.layers(level, path),
      level.up,
      factors,
      channels,
      environment,
      below,
      originOf(level.up),
    );
  }

  private down(level: PooledLevelSpec, path: StagePath, value: ValueId): Maybe {
    const below = this.spec.levels[level.level] ?? this.spec.bottleneck;
    const channels = below.channels.value;
    const environment = this.environment(level, channels);
    return goDown(this.layers(level, path), level, channels, environment, value, originOf(level.pool));
  }

  /** The setting of the channels that come up from the level below. */
  private channelsBelow(level: PooledLevelSpec): Setting<number> {
    return this.spec.levels[level.level]?.decoderChannels ?? this.spec.bottleneck.channels;
  }

  private outputs(nodes: readonly ReadonlyMap<number, Maybe>[]): readonly NamedValue[] | undefined {
    const [first] = this.spec.levels;
    if (!first) return undefined;
    const environment = this.environment(first, first.channels.value);
    const heads = new Heads(this.spec, environment, (path) => this.layers(first, path));
    return networkOutputs(this.spec, heads, nodes, this.elaboration.reporter);
  }

  private block(
    level: LevelSpec,
    path: StagePath,
    input: Maybe,
    channels: number,
    block: LevelSpec['block'],
    encoder: boolean,
  ): Maybe {
    const halves = encoder && this.spec.doubling.value.kind === 'before_pool';
    const environment = this.environment(level, halves ? channels / 2 : channels);
    return expandBlock(block.value, input, channels, this.layers(level, path), environment);
  }

  private environment(level: LevelSpec, inner: number): BlockEnvironment {
    return environmentOf(this.spec, this.params, level, inner);
  }

  private layers(level: LevelSpec, path: StagePath): Layers {
    return new Layers(this.elaboration, level, path);
  }

  private mark(stage: StagePath, value: Maybe): void {
    if (value !== undefined) this.elaboration.builder.stage(stage, value);
  }
}

/** A map of the encoder that has a skip. */
interface EncodedMap {
  readonly stage: StagePath;
  readonly value: Maybe;
}

function originOf(setting: Setting<unknown>): Origin {
  return { span: setting.span, uses: [] };
}
