import { GraphBuilder } from '../ir/builder.js';
import type { Graph, Origin } from '../ir/graph.js';
import type { LevelSpec, NetworkSpec, PooledLevelSpec, Setting } from '../semantics/network-spec.js';
import type { Params } from '../semantics/params.js';
import type { Value } from '../semantics/values.js';
import type { Reporter } from '../source/diagnostic.js';
import { Elaboration, type Maybe } from './context.js';
import { goDown, poolStride } from './down.js';
import { type Ambient, expandBlock } from './expand-block.js';
import { Layers } from './layers.js';
import { withoutUnused } from './prune.js';
import { joinSkip } from './skip/skip-modes.js';
import { goUp } from './up.js';

/** NetworkSpec to Graph: encoder, bottleneck, decoder, head. Undefined after an error. */
export function elaborate(spec: NetworkSpec, params: Params, reporter: Reporter): Graph | undefined {
  const errors = reporter.diagnostics.length;
  const builder = new GraphBuilder(spec.name, spec.rank);
  const elaboration = new Elaboration(builder, reporter, spec.nameSpan, spec.input.value.spatial);
  const network = new NetworkElaborator(spec, elaboration, params);
  const output = network.run();
  const failed = reporter.diagnostics.slice(errors).some((diagnostic) => diagnostic.severity === 'error');
  if (output === undefined || failed) return undefined;
  builder.output('output', output);
  builder.stage('output', output);
  return withoutUnused(builder.finish(spec.input.value.spatial));
}

class NetworkElaborator {
  constructor(
    private readonly spec: NetworkSpec,
    private readonly elaboration: Elaboration,
    private readonly params: Params,
  ) {}

  run(): Maybe {
    const { builder } = this.elaboration;
    const { input, levels, bottleneck, deepSupervision } = this.spec;
    if (deepSupervision.value.kind !== 'none') {
      const feature = '`deep_supervision`';
      this.elaboration.reporter.report('unsupported', deepSupervision.span, { feature });
    }
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
      value = value && goDown(this.layers(level, pool), level.pool.value, value, originOf(level.pool));
      this.mark(pool, value);
    }
    value = this.block(bottleneck, 'bottleneck', value, bottleneck.channels.value, bottleneck.block, true);
    this.mark('bottleneck', value);
    for (const level of levels.toReversed()) {
      value = this.decoder(level, skips[level.level - 1], value, builder.rank);
    }
    return this.head(value);
  }

  private decoder(level: PooledLevelSpec, skip: Maybe, below: Maybe, rank: number): Maybe {
    if (skip === undefined || below === undefined) return undefined;
    const upPath = `up[${level.level}]`;
    const decoder = `decoder[${level.level}]`;
    const up = goUp(
      this.layers(level, upPath),
      level.up,
      poolStride(level.pool.value, rank),
      { skip: this.elaboration.channels(skip), below: this.channelsBelow(level) },
      below,
      originOf(level.up),
    );
    this.mark(upPath, up);
    if (up === undefined) return undefined;
    const joined = joinSkip({
      setting: level.skip.value,
      level,
      skip,
      up,
      crop: level.crop.value,
      skipLayers: this.layers(level, `skip[${level.level}]`),
      decoderLayers: this.layers(level, decoder),
      origin: originOf(level.skip),
    });
    const result = this.block(level, decoder, joined, level.decoderChannels.value, level.decoderBlock, false);
    this.mark(decoder, result);
    return result;
  }

  /** The setting that says how many channels come from below a level. */
  private channelsBelow(level: PooledLevelSpec): Setting<number> {
    return this.spec.levels[level.level]?.decoderChannels ?? this.spec.bottleneck.channels;
  }

  /** The 1x1 conv to the classes always has a bias, and what turns its logits into probabilities. */
  private head(input: Maybe): Maybe {
    const { classes, head, levels } = this.spec;
    const level = levels[0];
    if (!level) return undefined;
    const layers = this.layers(level, 'head');
    const ones = Array.from({ length: this.spec.rank }, () => 1);
    const request = { kernel: ones, channels: classes.value, bias: true };
    const logits = layers.conv(input, request, originOf(classes));
    const { kind } = head.value;
    if (kind === 'logits') return logits;
    return this.elaboration.add(kind, [logits], {}, 'head', originOf(head));
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
    const { span } = level.kernel;
    const sizes = level.kernel.value.map((value) => ({ type: 'number' as const, value, span }));
    values.set('kernel', { type: 'dims', sizes, span });
    return { values, paramsOf: (module) => this.params.scopeOf(module) };
  }

  private layers(level: LevelSpec, path: string): Layers {
    return new Layers(this.elaboration, level, path);
  }

  private mark(stage: string, value: Maybe): void {
    if (value !== undefined) this.elaboration.builder.stage(stage, value);
  }
}

function originOf(setting: Setting<unknown>): Origin {
  return { span: setting.span, uses: [] };
}
