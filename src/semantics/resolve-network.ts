import { type AstNode, children, type UnetDeclaration } from '../../grammar/ast.js';
import type { Reporter } from '../source/diagnostic.js';
import type { Span } from '../source/span.js';
import { didYouMean } from '../source/suggest.js';
import {
  collectLevels,
  collectWhole,
  depthNotes,
  type Entry,
  type EntryTable,
  type Layer,
} from './attribute-entries.js';
import {
  type AttributeName,
  type AttributeValue,
  attributeNames,
  attributeTable,
  type BlockUse,
  type BlockWord,
  CHANNEL_LIMIT,
  isAttributeName,
  poolKind,
  upKind,
} from './attributes.js';
import { checkConsistency } from './consistency.js';
import { evaluate } from './evaluate.js';
import type { Kind } from './kinds.js';
import type { Located, Module } from './modules.js';
import type {
  LevelSpec,
  NetworkSpec,
  PooledLevelSpec,
  ResolvedBlock,
  Setting,
  WithBlock,
} from './network-spec.js';
import type { Params } from './params.js';
import { resolveBlock, resolveWord } from './resolve-block.js';
import { type Scope, scopeOf } from './scope.js';
import { reportUnknownDeclaration } from './unknown-declaration.js';
import { numberText, type Value } from './values.js';

/** A network to resolve: its declaration, and edits on top of it for a variant of an ablation. */
export interface NetworkRequest {
  readonly name: string;
  readonly nameSpan: Span;
  readonly located: Located<UnetDeclaration>;
  readonly edits: readonly Layer[];
}

/**
 * Resolves inheritance, levels, defaults and expressions. Undefined where an error makes the rest
 * meaningless; errors in single attributes are all reported.
 */
export function resolveNetwork(
  request: NetworkRequest,
  params: Params,
  reporter: Reporter,
): NetworkSpec | undefined {
  const layers = inheritanceOf(request, reporter);
  if (!layers) return undefined;
  return new Resolver(request, layers, params, reporter).resolve();
}

/** The declarations from the outermost base to the network itself, then the edits. */
function inheritanceOf(request: NetworkRequest, reporter: Reporter): readonly Layer[] | undefined {
  const layers: Layer[] = [];
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
  private rank = 2;
  private depth = 4;
  private readonly table: EntryTable;

  constructor(
    private readonly request: NetworkRequest,
    private readonly layers: readonly Layer[],
    private readonly params: Params,
    private readonly reporter: Reporter,
  ) {
    this.table = collectWhole(layers, reporter);
  }

  resolve(): NetworkSpec | undefined {
    const errorsBefore = this.reporter.diagnostics.length;
    const input = this.whole('input');
    if (input) this.rank = input.value.spatial.length;
    const depth = this.whole('depth');
    if (depth) this.depth = depth.value;
    collectLevels(this.table, this.layers, this.depth, (layer) => this.scopeAt(layer.module), this.reporter);
    const classes = this.whole('classes');
    const doubling = this.whole('doubling');
    const head = this.whole('head');
    const [stem, time, headBlock] = (['stem', 'time', 'head_block'] as const).map((name) => {
      const use = this.optional(name);
      return use && this.block(use);
    });
    const deepSupervision = this.whole('deep_supervision');
    const spacing = this.optional('spacing');
    const bottleneckUse = this.optional('bottleneck');
    const all = Array.from({ length: this.depth + 1 }, (_, i) => this.level(i + 1, bottleneckUse));
    const levels = all.slice(0, -1).map((level, i) => this.pooledLevel(level, i + 1));
    const bottleneck = all[this.depth];
    const failed = this.reporter.diagnostics
      .slice(errorsBefore)
      .some((diagnostic) => diagnostic.severity === 'error');
    if (failed || !input || !depth || !classes || !doubling || !head || !deepSupervision || !bottleneck) {
      return undefined;
    }
    const whole = levels.filter((level) => level !== undefined);
    if (whole.length < levels.length) return undefined;
    const { name, nameSpan, located } = this.request;
    const spec: NetworkSpec = {
      name,
      nameSpan,
      module: located.module,
      rank: this.rank,
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
    return checkConsistency(spec, this.table, this.reporter) ? spec : undefined;
  }

  private level(level: number, bottleneckUse: Setting<BlockUse> | undefined): LevelSpec | undefined {
    const isBottleneck = level === this.depth + 1;
    const ownBlock = isBottleneck && bottleneckUse ? bottleneckUse : this.at('block', level);
    const channels = this.channelsAt(level);
    const block = ownBlock && this.block(ownBlock);
    const repeat = this.at('repeat', level);
    const kernel = this.at('kernel', level);
    const padding = this.at('padding', level);
    const norm = this.at('norm', level);
    const activation = this.at('activation', level);
    const bias = this.at('bias', level);
    const dropout = this.at('dropout', level);
    const init = this.at('init', level);
    if (!channels || !block || !repeat || !kernel || !padding || !norm) return undefined;
    if (!activation || !bias || !dropout || !init) return undefined;
    return { level, channels, block, repeat, kernel, padding, norm, activation, bias, dropout, init };
  }

  /** Reads what a pooled level has besides, also where `base` failed: all errors at once. */
  private pooledLevel(base: LevelSpec | undefined, level: number): PooledLevelSpec | undefined {
    const stride = this.at('stride', level);
    const pool = this.orBlock('pool', poolKind.words, this.at('pool', level));
    const up = this.orBlock('up', upKind.words, this.at('up', level));
    const skip = this.at('skip', level);
    const crop = this.at('crop', level);
    const decoderUse = this.optionalAt('decoder_block', level);
    const decoderBlock = decoderUse ? this.block(decoderUse) : base?.block;
    const decoderChannels = this.optionalAt('decoder_channels', level) ?? base?.channels;
    if (!base || !decoderChannels || !stride || !pool || !up || !skip || !crop || !decoderBlock)
      return undefined;
    return { ...base, stride, pool, up, skip, crop, decoderBlock, decoderChannels };
  }

  private block(use: Setting<BlockUse>): Setting<ResolvedBlock> | undefined {
    const layerModule = this.moduleOf(use);
    const resolved = resolveBlock(use.value, layerModule, this.reporter);
    return resolved && { ...use, value: resolved };
  }

  private orBlock<T extends { readonly kind: string }>(
    name: string,
    words: readonly string[],
    setting: Setting<T | BlockWord> | undefined,
  ): Setting<WithBlock<T>> | undefined {
    return setting && resolveWord(name, words, setting, this.moduleOf(setting), this.reporter);
  }

  /** The module in which a setting was written: its block names mean what they mean there. */
  private moduleOf(setting: Setting<unknown>): Module {
    return (
      this.layers.find((layer) => layer.module.file === setting.span.file)?.module ??
      this.request.located.module
    );
  }

  /** Names in an attribute's value: the params of its file, and `level` and `depth`. */
  private scopeAt(module: Module, level?: number): Scope {
    const numbers = new Map<string, Value>();
    const number = (name: string, value: number) =>
      numbers.set(name, { type: 'number', value, span: this.request.nameSpan });
    if (level !== undefined) {
      number('level', level);
      number('depth', this.depth);
    }
    return scopeOf(numbers, this.params.scopeOf(module));
  }

  private whole<N extends AttributeName>(name: N): Setting<AttributeValue<N>> | undefined {
    const definition = attributeTable[name];
    const setting = this.optional(name);
    if (setting || this.table.get(name)?.whole) return setting;
    if (definition.fallback !== undefined) return this.fallback(name, definition.fallback);
    return this.reportMissing(name);
  }

  /** The outermost base is named: what it lacks, every network that extends it lacks. */
  private reportMissing(name: AttributeName): undefined {
    // A misspelt attribute has been reported; what it should have set is no second error.
    const written = this.layers.flatMap((layer) => layer.attributes.map((attribute) => attribute.name.name));
    if (written.some((one) => !isAttributeName(one) && didYouMean(one, attributeNames) === name))
      return undefined;
    const { located, edits } = this.request;
    const root = this.layers[0]?.declaration?.name ?? located.declaration.name;
    const example = name === 'input' ? '`input = 1 x 572 x 572`' : `\`${name} = 2\``;
    return this.reporter.report(
      'missing-attribute',
      edits.length === 0 && !located.declaration.base ? this.request.nameSpan : root.span,
      { attribute: name, network: root.name },
      { help: `write ${example}: ${attributeTable[name].summary}` },
    );
  }

  private optional<N extends AttributeName>(name: N): Setting<AttributeValue<N>> | undefined {
    const entry = this.table.get(name)?.whole;
    return entry && this.read(name, entry, undefined);
  }

  private at<N extends AttributeName>(name: N, level: number): Setting<AttributeValue<N>> | undefined {
    if (this.entryAt(name, level)) return this.optionalAt(name, level);
    return this.fallback(name, attributeTable[name].fallback ?? '');
  }

  private optionalAt<N extends AttributeName>(
    name: N,
    level: number,
  ): Setting<AttributeValue<N>> | undefined {
    const entry = this.entryAt(name, level);
    return entry && this.read(name, entry, level);
  }

  private entryAt(name: AttributeName, level: number): Entry | undefined {
    const entries = this.table.get(name);
    return entries?.levels.get(level) ?? entries?.whole;
  }

  /** A base number doubles at every level; a list, an expression in `level` and a single level's number do not. */
  private channelsAt(level: number): Setting<number> | undefined {
    const setting = this.at('channels', level);
    if (!setting) return undefined;
    const entry = this.entryAt('channels', level);
    const single = this.table.get('channels')?.levels.has(level) ?? false;
    const { kind } = entry?.attribute.value ?? { kind: 'number' };
    const isBase = !single && kind !== 'list' && !(entry && mentionsLevel(entry.attribute.value));
    if (!isBase) return setting;
    const value = setting.value * 2 ** (level - 1);
    if (value <= CHANNEL_LIMIT) return { ...setting, value };
    const most = Math.floor(CHANNEL_LIMIT / 2 ** this.depth);
    return this.reporter.report(
      'out-of-range',
      setting.span,
      {
        what: `\`channels\` of level ${level}`,
        value: numberText(value),
        minimum: '1',
        maximum: numberText(CHANNEL_LIMIT),
      },
      {
        help: `a number doubles at every level: with a depth of ${this.depth} use at most ${numberText(most)}`,
      },
    );
  }

  private read<N extends AttributeName>(
    name: N,
    entry: Entry,
    level: number | undefined,
  ): Setting<AttributeValue<N>> | undefined {
    const { attribute, layer } = entry;
    let value = evaluate(attribute.value, this.scopeAt(layer.module, level), this.reporter);
    if (value?.type === 'list' && level !== undefined && !attribute.levels) {
      value = this.pick(name, value, level);
    }
    if (!value) return undefined;
    // The table's kind for N reads exactly AttributeValue<N>; TypeScript can't follow that for a generic N.
    const kind = attributeTable[name].kind as Kind<AttributeValue<N>>;
    const inputSpan = this.table.get('input')?.whole?.attribute.span;
    const read = kind.read(value, {
      reporter: this.reporter,
      rank: this.rank,
      what: name,
      ...(inputSpan ? { rankFrom: inputSpan } : {}),
    });
    if (read === undefined) return undefined;
    return {
      value: read,
      span: value.span,
      origin: layer.inherited ? 'inherited' : 'written',
      network: layer.network,
    };
  }

  /** The item of a list for a level; the list has one item a level. */
  private pick(name: AttributeName, list: Value & { type: 'list' }, level: number): Value | undefined {
    const expected = attributeTable[name].reach === 'levels' ? this.depth : this.depth + 1;
    if (list.items.length === expected) return list.items[level - 1];
    if (level > 1) return undefined;
    return this.reporter.report(
      'list-length',
      list.span,
      { attribute: name, found: list.items.length, expected, depth: this.depth },
      {
        notes: depthNotes(this.table),
        help: `give ${expected} values, or an expression in \`level\``,
      },
    );
  }

  private fallback<N extends AttributeName>(name: N, text: string): Setting<AttributeValue<N>> | undefined {
    const span = this.request.nameSpan;
    const value: Value =
      text === 'true' || text === 'false'
        ? { type: 'boolean', value: text === 'true', span }
        : /^\d/.test(text)
          ? { type: 'number', value: Number(text), span }
          : { type: 'symbol', name: text, nameSpan: span, scope: scopeOf(new Map()), span };
    // See `read`.
    const kind = attributeTable[name].kind as Kind<AttributeValue<N>>;
    const read = kind.read(value, { reporter: this.reporter, rank: this.rank, what: name });
    return read === undefined
      ? undefined
      : { value: read, span, origin: 'default', network: this.request.name };
  }
}

function mentionsLevel(node: AstNode): boolean {
  return (node.kind === 'name' && node.name === 'level') || children(node).some(mentionsLevel);
}
