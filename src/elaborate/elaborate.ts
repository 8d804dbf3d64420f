import { GraphBuilder } from '../ir/builder.js';
import type { Graph, Origin, ValueId } from '../ir/graph.js';
import type { LevelSpec, NetworkSpec, PooledLevelSpec, Setting } from '../semantics/network-spec.js';
import type { Params } from '../semantics/params.js';
import type { Value } from '../semantics/values.js';
import type { Reporter } from '../source/diagnostic.js';
import type { Span } from '../source/span.js';
import { Elaboration, type Maybe } from './context.js';
import { goDown, poolStride } from './down.js';
import { type Ambient, expandBlock } from './expand-block.js';
import { Heads, type Supervised } from './heads.js';
import { Layers } from './layers.js';
import { withoutUnused } from './prune.js';
import { skipMode } from './skip/skip-modes.js';
import { goUp } from './up.js';

/** What a spec describes. */
export interface Elaborated {
  /** For inference: one output, `output`, and only what it needs. */
  readonly graph: Graph;
  /** For training: with the outputs of the heads that are supervised too; the same graph where there are none. */
  readonly training: Graph;
}

/**
 * NetworkSpec to Graph: encoder, bottleneck, decoder, heads. Undefined after an error.
 *
 * @param declaredSize the input size that tables of positions are made for
 */
export function elaborate(
  spec: NetworkSpec,
  params: Params,
  reporter: Reporter,
  declaredSize = spec.input.value.spatial,
): Elaborated | undefined {
  const errors = reporter.diagnostics.length;
  const builder = new GraphBuilder(spec.name, spec.rank);
  const { spatial } = spec.input.value;
  const elaboration = new Elaboration(builder, reporter, spec.nameSpan, spatial, declaredSize);
  const network = new NetworkElaborator(spec, elaboration, params);
  const outputs = network.run();
  const failed = reporter.diagnostics.slice(errors).some((diagnostic) => diagnostic.severity === 'error');
  if (!outputs || failed) return undefined;
  for (const { name, value } of outputs) {
    builder.output(name, value);
    builder.stage(name, value);
  }
  const whole = builder.finish(spatial);
  const training = withoutUnused(whole);
  const inference = { ...whole, outputs: whole.outputs.slice(0, 1) };
  return { training, graph: outputs.length === 1 ? training : withoutUnused(inference) };
}

class NetworkElaborator {
  constructor(
    private readonly spec: NetworkSpec,
    private readonly elaboration: Elaboration,
    private readonly params: Params,
  ) {}

  /** The outputs, the network's own first; undefined after an error. */
  run(): readonly NamedValue[] | undefined {
    const { input, levels, bottleneck } = this.spec;
    const { channels } = input.value;
    let value = this.elaboration.add('input', [], { channels }, 'input', originOf(input));
    this.mark('input', value);
    const skips: Maybe[] = [];
    for (const level of levels) {
      const encoder = `encoder[${level.level}]`;
      value = this.block(level, encoder, value, level.channels.value, level.block, true);
      this.mark(encoder, value);
      skips.push(value);
      const pool = `pool[${level.level}]`;
      value = value === undefined ? undefined : this.down(level, pool, value);
      this.mark(pool, value);
    }
    value = this.block(bottleneck, 'bottleneck', value, bottleneck.channels.value, bottleneck.block, true);
    this.mark('bottleneck', value);
    return this.outputs(this.decode(skips, value));
  }

  /**
   * The way up, column by column: node j of a level takes what comes up from node j - 1 of the level below, where
   * node 0 is the encoder's map. A level has its last node, `decoder[l]`, and, where its skip mode is dense, every
   * other for which there is a node below. So a U is the diagonal of a grid.
   */
  private decode(encoded: readonly Maybe[], bottom: Maybe): readonly ReadonlyMap<number, Maybe>[] {
    const { levels, depth } = this.spec;
    const nodes = [...encoded, bottom].map((value) => new Map([[0, value]]));
    for (let column = 1; column <= depth.value; column += 1) {
      for (const level of levels.slice(0, depth.value - column + 1).toReversed()) {
        const last = column === depth.value - level.level + 1;
        const below = nodes[level.level]?.get(column - 1);
        if ((!last && !skipMode(level.skip.value).dense) || !nodes[level.level]?.has(column - 1)) continue;
        const own = nodes[level.level - 1] ?? new Map<number, Maybe>();
        own.set(column, this.node(level, [...own.values()], below, last ? undefined : column));
      }
    }
    return nodes;
  }

  /** One node of the way up: the level's last one where no column is given. */
  private node(
    level: PooledLevelSpec,
    maps: readonly Maybe[],
    below: Maybe,
    column: number | undefined,
  ): Maybe {
    const [skip, ...earlier] = maps.filter((map) => map !== undefined);
    if (skip === undefined || earlier.length + 1 < maps.length || below === undefined) return undefined;
    const place = column === undefined ? `[${level.level}]` : `[${level.level},${column}]`;
    const [upPath, decoder] = [`up${place}`, `${column === undefined ? 'decoder' : 'node'}${place}`];
    const up = goUp(
      this.layers(level, upPath),
      level.up,
      poolStride(level),
      {
        skip: this.elaboration.channels(skip),
        below: this.channelsBelow(level),
        level: level.channels.value,
      },
      this.ambient(level, level.channels.value),
      below,
      originOf(level.up),
    );
    this.mark(upPath, up);
    if (up === undefined) return undefined;
    const joined = skipMode(level.skip.value).join({
      setting: level.skip.value,
      level,
      skip,
      earlier,
      up,
      below,
      crop: level.crop.value,
      last: column === undefined,
      skipLayers: this.layers(level, `skip${place}`),
      decoderLayers: this.layers(level, decoder),
      origin: originOf(level.skip),
    });
    const result = this.block(level, decoder, joined, level.decoderChannels.value, level.decoderBlock, false);
    this.mark(decoder, result);
    // The same node by its place in the grid.
    if (column === undefined && earlier.length > 0)
      this.mark(`node[${level.level},${earlier.length + 1}]`, result);
    return result;
  }

  private down(level: PooledLevelSpec, path: string, value: ValueId): Maybe {
    const below = this.spec.levels[level.level] ?? this.spec.bottleneck;
    const channels = below.channels.value;
    const ambient = this.ambient(level, channels);
    return goDown(this.layers(level, path), level, channels, ambient, value, originOf(level.pool));
  }

  /** The setting that says how many channels come from below a level. */
  private channelsBelow(level: PooledLevelSpec): Setting<number> {
    return this.spec.levels[level.level]?.decoderChannels ?? this.spec.bottleneck.channels;
  }

  /** The network's output from the last node of level 1, and those of the heads that are supervised. */
  private outputs(nodes: readonly ReadonlyMap<number, Maybe>[]): readonly NamedValue[] | undefined {
    const { levels, depth, deepSupervision } = this.spec;
    const [first] = levels;
    if (!first) return undefined;
    const ambient = this.ambient(first, first.channels.value);
    const heads = new Heads(this.spec, ambient, (path) => this.layers(first, path));
    const mode = skipMode(first.skip.value);
    const chosen = mode.outputNode?.(first.skip.value) ?? depth.value;
    const supervised: Supervised[] = [];
    const add = (path: string, level: number, column: number) => {
      const value = nodes[level - 1]?.get(column);
      if (value !== undefined) supervised.push({ path, value, level });
    };
    const everyNode = mode.supervised?.(first.skip.value) ?? false;
    const nodePath = (column: number) => (column === depth.value ? 'head' : `head[1,${column}]`);
    add(everyNode ? nodePath(chosen) : 'head', 1, chosen);
    if (everyNode) {
      for (let column = depth.value; column >= 1; column -= 1) {
        if (column !== chosen) add(nodePath(column), 1, column);
      }
    }
    const setting = deepSupervision.value;
    const inner = setting.kind === 'levels' ? setting.n : 0;
    if (inner >= depth.value) {
      return this.elaboration.reporter.report(
        'contradiction',
        deepSupervision.span,
        {
          text: `\`deep_supervision\` asks for ${inner} inner levels, and there are ${depth.value - 1} below the first`,
        },
        { help: `\`levels(n: ${Math.max(1, depth.value - 1)})\` supervises all of them` },
      );
    }
    for (let level = 2; level <= inner + 1; level += 1) add(`head[${level}]`, level, depth.value - level + 1);
    const [main, ...others] = supervised;
    if (!main) return undefined;
    if (setting.kind === 'levels' && setting.fuse.kind !== 'none') {
      return named([['output', heads.fused([{ ...main, path: 'head[1]' }, ...others], setting.fuse.kind)]]);
    }
    return named([
      ['output', heads.output(main)],
      ...others.map((map): [string, Maybe] => [map.path, heads.output(map)]),
    ]);
  }

  private block(
    level: LevelSpec,
    path: string,
    input: Maybe,
    channels: number,
    block: LevelSpec['block'],
    encoder: boolean,
  ): Maybe {
    const halves = encoder && this.spec.doubling.value.kind === 'before_pool';
    const ambient = this.ambient(level, halves ? channels / 2 : channels);
    return expandBlock(block.value, input, channels, this.layers(level, path), ambient);
  }

  private ambient(level: LevelSpec, inner: number): Ambient {
    const values = new Map<string, Value>();
    const number = (name: string, value: number, span = this.spec.nameSpan) =>
      values.set(name, { type: 'number', value, span });
    number('inner', inner);
    number('level', level.level);
    number('depth', this.spec.depth.value);
    number('classes', this.spec.classes.value);
    number('repeat', level.repeat.value, level.repeat.span);
    const perAxis = (name: string, axes: readonly number[], span: Span) =>
      values.set(name, {
        type: 'dims',
        sizes: axes.map((value) => ({ type: 'number', value, span })),
        span,
      });
    perAxis('kernel', level.kernel.value, level.kernel.span);
    const pooled = this.spec.levels[level.level - 1];
    const { kernel } = level;
    perAxis(
      'stride',
      pooled ? poolStride(pooled) : kernel.value.map(() => 1),
      pooled?.stride.span ?? kernel.span,
    );
    return { values, paramsOf: (module) => this.params.scopeOf(module) };
  }

  private layers(level: LevelSpec, path: string): Layers {
    return new Layers(this.elaboration, level, path);
  }

  private mark(stage: string, value: Maybe): void {
    if (value !== undefined) this.elaboration.builder.stage(stage, value);
  }
}

interface NamedValue {
  readonly name: string;
  readonly value: ValueId;
}

/** The values by name, or undefined where one could not be made. */
function named(values: readonly (readonly [string, Maybe])[]): readonly NamedValue[] | undefined {
  const made = values.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return made.length === values.length ? made : undefined;
}

function originOf(setting: Setting<unknown>): Origin {
  return { span: setting.span, uses: [] };
}
