import type { UnetDeclaration } from '../../../grammar/ast.js';
import { type Diagnosed, diagnose, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import type { Located, Module } from '../modules/modules.js';
import type { NetworkRequest } from '../modules/network-request.js';
import type { Params } from '../modules/params.js';
import { reportUnknownDeclaration } from '../modules/unknown-declaration.js';
import { type BlockUse, type BlockWord, poolSchema, upSchema } from '../schema/attributes.js';
import {
  collectLevels,
  collectWhole,
  type DeclaredAttributes,
  type EntryTable,
} from './attribute-entries.js';
import { AttributeReader } from './attribute-reader.js';
import { checkConsistency } from './consistency.js';
import type {
  LevelSpec,
  NetworkSpec,
  PooledLevelSpec,
  ResolvedBlock,
  Setting,
  WithBlock,
} from './network-spec.js';
import { resolveBlock, resolveWord } from './resolve-block.js';

/**
 * Resolves inheritance, levels, defaults and expressions. Undefined where an error makes the rest
 * meaningless; errors in single attributes are all reported.
 */
export function resolveNetwork(request: NetworkRequest, params: Params): Diagnosed<NetworkSpec | undefined> {
  return diagnose((reporter) => {
    const layers = inheritanceOf(request, reporter);
    if (!layers) return undefined;
    // An unknown or doubled name is an error of its own: the settings around it still resolve.
    const table = collectWhole(layers, reporter);
    return reporter.take(new Resolver(request, layers, params, table).resolve());
  });
}

/** The declarations from the outermost base to the network itself, then the edits. */
function inheritanceOf(
  request: NetworkRequest,
  reporter: Reporter,
): readonly DeclaredAttributes[] | undefined {
  const layers: DeclaredAttributes[] = [];
  const seen: UnetDeclaration[] = [];
  let current: Located<UnetDeclaration> | undefined = request.located;
  while (current) {
    const { declaration, module }: Located<UnetDeclaration> = current;
    if (module.parsed.damaged.has(declaration)) return undefined;
    if (seen.includes(declaration)) {
      reportCycle(seen.slice(seen.indexOf(declaration)), reporter);
      return undefined;
    }
    seen.push(declaration);
    layers.unshift({
      network: declaration.name.name,
      declaration,
      module,
      attributes: declaration.members.filter((member) => member.kind === 'attribute'),
      inherited: declaration !== request.located.declaration || request.edits.length > 0,
    });
    if (!declaration.base) break;
    const base = networkNamed(declaration.base.name, declaration.base.span, module, reporter);
    if (!base) return undefined;
    current = base;
  }
  return [...layers, ...request.edits];
}

/** Reports a circle of bases, from whichever network it was found, at the one that stands first. */
function reportCycle(circle: readonly UnetDeclaration[], reporter: Reporter): void {
  const order = (one: UnetDeclaration) => `${one.span.file.path}\0${String(one.span.start).padStart(9, '0')}`;
  const first = circle.reduce((a, b) => (order(b) < order(a) ? b : a));
  const at = circle.indexOf(first);
  const chain = [...circle.slice(at), ...circle.slice(0, at)];
  reporter.report(
    'reference-cycle',
    first.base?.span ?? first.name.span,
    { what: 'network', chain: chain.map((one) => one.name.name) },
    {
      notes: chain.slice(1).map((one) => ({
        message: `\`${one.name.name}\` extends \`${one.base?.name}\` here`,
        span: one.base?.span ?? one.name.span,
      })),
    },
  );
}

/** The network of that name in a module; reports where there is none. */
export function networkNamed(
  name: string,
  span: Span,
  module: Module,
  reporter: Reporter,
): Located<UnetDeclaration> | undefined {
  const found = module.names.get(name);
  if (found?.declaration.kind === 'unet') return { declaration: found.declaration, module: found.module };
  if (module.poisoned.has(name)) return undefined;
  return reportUnknownDeclaration('unet', name, span, module, reporter);
}

class Resolver {
  private readonly reporter = new Reporter();
  private readonly read: AttributeReader;

  constructor(
    private readonly request: NetworkRequest,
    private readonly layers: readonly DeclaredAttributes[],
    private readonly params: Params,
    private readonly table: EntryTable,
  ) {
    this.read = new AttributeReader(request, layers, params, this.reporter, table);
  }

  resolve(): Diagnosed<NetworkSpec | undefined> {
    const value = this.spec();
    return { value, diagnostics: this.reporter.diagnostics };
  }

  private spec(): NetworkSpec | undefined {
    const input = this.read.whole('input');
    if (input) this.read.rank = input.value.spatial.length;
    const depth = this.read.whole('depth');
    if (depth) this.read.depth = depth.value;
    collectLevels(
      this.table,
      this.layers,
      this.read.depth,
      (layer) => this.read.scopeAt(layer.module),
      this.reporter,
    );
    const classes = this.read.whole('classes');
    const doubling = this.read.whole('doubling');
    const head = this.read.whole('head');
    const [stem, time, headBlock] = (['stem', 'time', 'head_block'] as const).map((name) => {
      const use = this.read.optional(name);
      return use && this.block(use);
    });
    const deepSupervision = this.read.whole('deep_supervision');
    const spacing = this.read.optional('spacing');
    const bottleneckUse = this.read.optional('bottleneck');
    const all = Array.from({ length: this.read.depth + 1 }, (_, i) => this.level(i + 1, bottleneckUse));
    const levels = all.slice(0, -1).map((level, i) => this.pooledLevel(level, i + 1));
    const bottleneck = all[this.read.depth];
    if (
      this.reporter.hasErrors ||
      !input ||
      !depth ||
      !classes ||
      !doubling ||
      !head ||
      !deepSupervision ||
      !bottleneck
    ) {
      return undefined;
    }
    const whole = levels.filter((level) => level !== undefined);
    if (whole.length < levels.length) return undefined;
    const { name, nameSpan, located } = this.request;
    const spec: NetworkSpec = {
      name,
      nameSpan,
      module: located.module,
      rank: this.read.rank,
      input,
      classes,
      depth,
      doubling,
      head,
      stem,
      time,
      headBlock,
      deepSupervision,
      spacing,
      levels: whole,
      bottleneck,
      expects:
        this.request.edits.length > 0
          ? []
          : located.declaration.members.filter((member) => member.kind === 'expect'),
      scope: this.params.scopeOf(located.module),
    };
    return this.reporter.take(checkConsistency(spec, this.table)) ? spec : undefined;
  }

  private level(level: number, bottleneckUse: Setting<BlockUse> | undefined): LevelSpec | undefined {
    const isBottleneck = level === this.read.depth + 1;
    const ownBlock = isBottleneck && bottleneckUse ? bottleneckUse : this.read.at('block', level);
    const channels = this.read.channelsAt(level);
    const block = ownBlock && this.block(ownBlock);
    const repeat = this.read.at('repeat', level);
    const kernel = this.read.at('kernel', level);
    const padding = this.read.at('padding', level);
    const norm = this.read.at('norm', level);
    const activation = this.read.at('activation', level);
    const bias = this.read.at('bias', level);
    const dropout = this.read.at('dropout', level);
    const init = this.read.at('init', level);
    if (!channels || !block || !repeat || !kernel || !padding || !norm) return undefined;
    if (!activation || !bias || !dropout || !init) return undefined;
    return { level, channels, block, repeat, kernel, padding, norm, activation, bias, dropout, init };
  }

  /** Reads what a pooled level has besides, also where `base` failed: all errors at once. */
  private pooledLevel(base: LevelSpec | undefined, level: number): PooledLevelSpec | undefined {
    const stride = this.read.at('stride', level);
    const pool = this.orBlock('pool', poolSchema.words, this.read.at('pool', level));
    const up = this.orBlock('up', upSchema.words, this.read.at('up', level));
    const skip = this.read.at('skip', level);
    const crop = this.read.at('crop', level);
    const decoderUse = this.read.optionalAt('decoder_block', level);
    const decoderBlock = decoderUse ? this.block(decoderUse) : base?.block;
    const decoderChannels = this.read.optionalAt('decoder_channels', level) ?? base?.channels;
    if (!base || !decoderChannels || !stride || !pool || !up || !skip || !crop || !decoderBlock)
      return undefined;
    return { ...base, stride, pool, up, skip, crop, decoderBlock, decoderChannels };
  }

  private block(use: Setting<BlockUse>): Setting<ResolvedBlock> | undefined {
    const layerModule = this.read.moduleOf(use);
    const resolved = resolveBlock(use.value, layerModule, this.reporter);
    return resolved && { ...use, value: resolved };
  }

  private orBlock<T extends { readonly kind: string }>(
    name: string,
    words: readonly string[],
    setting: Setting<T | BlockWord> | undefined,
  ): Setting<WithBlock<T>> | undefined {
    return setting && resolveWord(name, words, setting, this.read.moduleOf(setting), this.reporter);
  }
}
