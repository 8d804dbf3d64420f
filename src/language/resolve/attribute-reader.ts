import { type AstNode, children } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import { scopeOf } from '../expressions/scope.js';
import type { Scope } from '../expressions/values.js';
import { numberText, type Value } from '../expressions/values.js';
import type { Module } from '../modules/modules.js';
import type { NetworkRequest } from '../modules/network-request.js';
import type { Params } from '../modules/params.js';
import type { AttributeDefinition, AttributeTable } from '../schema/attribute-definition.js';
import { CHANNEL_LIMIT } from '../schema/attributes.js';
import { type DeclaredAttributes, depthNotes, type Entry, type EntryTable } from './attribute-entries.js';
import type { Setting } from './network-spec.js';
import { isBlockUse, resolveBlock } from './resolve-block.js';

/** A setting, or why there is none: an error was reported, or the attribute may stay unset and is not set. */
export type Reading = Setting<unknown> | 'failed' | 'unset';

/** Reads the attributes of a network: the nearest written value, or else the default. */
export class AttributeReader {
  /** The axes and the poolings of the network, which the other attributes depend on. */
  rank = 2;
  depth = 4;

  constructor(
    private readonly request: NetworkRequest,
    private readonly layers: readonly DeclaredAttributes[],
    private readonly params: Params,
    private readonly reporter: Reporter,
    private readonly attributes: AttributeTable,
    private readonly entries: EntryTable,
  ) {}

  /** The names that the value of an attribute can use: the params of its file, and at a level `level` and `depth`. */
  scopeAt(module: Module, level?: number): Scope {
    const numbers = new Map<string, Value>();
    const number = (name: string, value: number) =>
      numbers.set(name, { type: 'number', value, span: this.request.nameSpan });
    if (level !== undefined) {
      number('level', level);
      number('depth', this.depth);
    }
    return scopeOf(numbers, this.params.scopeOf(module));
  }

  /** Reads an attribute for the whole network. */
  whole(name: string, definition: AttributeDefinition): Reading {
    const entry = this.entries.get(name)?.whole;
    if (entry) return this.read(name, definition, entry, undefined);
    if (definition.required) return this.reportMissing(name, definition);
    return this.fallback(name, definition);
  }

  /** Reads an attribute for a level. */
  at(name: string, definition: AttributeDefinition, level: number): Reading {
    const entry = this.entryAt(name, level);
    const reading = entry ? this.read(name, definition, entry, level) : this.fallback(name, definition);
    return definition.doubles ? this.doubled(name, reading, level) : reading;
  }

  /** Names the outermost base: whatever it lacks, every network that extends it lacks too. */
  private reportMissing(name: string, { summary }: AttributeDefinition): 'failed' {
    const names = Object.keys(this.attributes);
    // If a misspelt attribute has been reported, what it should have set is not a second error.
    const written = this.layers.flatMap((layer) => layer.attributes.map((attribute) => attribute.name.name));
    if (written.some((one) => !Object.hasOwn(this.attributes, one) && didYouMean(one, names) === name))
      return 'failed';
    const { located, edits } = this.request;
    const root = this.layers[0]?.declaration?.name ?? located.declaration.name;
    const example = name === 'input' ? '`input = 1 x 572 x 572`' : `\`${name} = 2\``;
    this.reporter.report(
      'missing-attribute',
      edits.length === 0 && !located.declaration.base ? this.request.nameSpan : root.span,
      { attribute: name, network: root.name },
      { help: `write ${example}: ${summary}` },
    );
    return 'failed';
  }

  private entryAt(name: string, level: number): Entry | undefined {
    const entries = this.entries.get(name);
    return entries?.levels.get(level) ?? entries?.whole;
  }

  /** A base number doubles at every level; a list, an expression in `level` and the number of a single level do not. */
  private doubled(name: string, reading: Reading, level: number): Reading {
    if (typeof reading === 'string' || typeof reading.value !== 'number') return reading;
    const entry = this.entryAt(name, level);
    const single = this.entries.get(name)?.levels.has(level) ?? false;
    const { kind } = entry?.attribute.value ?? { kind: 'number' };
    const isBase = !single && kind !== 'list' && !(entry && mentionsLevel(entry.attribute.value));
    if (!isBase) return reading;
    const value = reading.value * 2 ** (level - 1);
    if (value <= CHANNEL_LIMIT) return { ...reading, value };
    const most = Math.floor(CHANNEL_LIMIT / 2 ** this.depth);
    this.reporter.report(
      'out-of-range',
      reading.span,
      {
        what: `\`${name}\` of level ${level}`,
        value: numberText(value),
        minimum: '1',
        maximum: numberText(CHANNEL_LIMIT),
      },
      {
        help: `a number doubles at every level: with a depth of ${this.depth} use at most ${numberText(most)}`,
      },
    );
    return 'failed';
  }

  private read(
    name: string,
    definition: AttributeDefinition,
    { attribute, layer }: Entry,
    level: number | undefined,
  ): Reading {
    const written = evaluate(attribute.value, this.scopeAt(layer.module, level), this.reporter);
    const isList = written?.type === 'list' && level !== undefined && !attribute.levels;
    const value = isList ? this.pick(name, definition, written, level) : written;
    const inputSpan = this.entries.get('input')?.whole?.attribute.span;
    const read =
      value &&
      definition.schema.read(value, {
        reporter: this.reporter,
        rank: this.rank,
        what: name,
        ...(inputSpan ? { rankFrom: inputSpan } : {}),
      });
    if (value === undefined || read === undefined) return 'failed';
    const origin = layer.inherited ? 'inherited' : 'written';
    return this.resolved(name, definition, layer.module, {
      ...{ value: read, span: value.span, origin, network: layer.network },
    });
  }

  /** The item of a list for a level. The list must have one item for each level. */
  private pick(
    name: string,
    { scope }: AttributeDefinition,
    list: Value & { type: 'list' },
    level: number,
  ): Value | undefined {
    const expected = scope === 'levels' ? this.depth : this.depth + 1;
    if (list.items.length === expected) return list.items[level - 1];
    if (level > 1) return undefined;
    return this.reporter.report(
      'list-length',
      list.span,
      { attribute: name, found: list.items.length, expected, depth: this.depth },
      {
        notes: depthNotes(this.entries),
        help: `give ${expected} values, or an expression in \`level\``,
      },
    );
  }

  private fallback(name: string, definition: AttributeDefinition): Reading {
    const { fallback: text, schema } = definition;
    if (text === undefined) return 'unset';
    const { nameSpan: span, located } = this.request;
    const module = this.layers.find((layer) => layer.module.file === span.file)?.module ?? located.module;
    const value: Value =
      text === 'true' || text === 'false'
        ? { type: 'boolean', value: text === 'true', span }
        : /^\d/.test(text)
          ? { type: 'number', value: Number(text), span }
          : { type: 'symbol', name: text, nameSpan: span, scope: scopeOf(new Map()), span };
    const read = schema.read(value, { reporter: this.reporter, rank: this.rank, what: name });
    if (read === undefined) return 'failed';
    return this.resolved(name, definition, module, {
      ...{ value: read, span, origin: 'default', network: this.request.name },
    });
  }

  /** The setting with the block that it names, if it names one: the name means what it means in `module`. */
  private resolved(
    name: string,
    { schema: { words = [] } }: AttributeDefinition,
    module: Module,
    setting: Setting<unknown>,
  ): Reading {
    if (!isBlockUse(setting.value)) return setting;
    const value = resolveBlock(name, words, setting.value, module, this.reporter);
    return value ? { ...setting, value } : 'failed';
  }
}

function mentionsLevel(node: AstNode): boolean {
  return (node.kind === 'name' && node.name === 'level') || children(node).some(mentionsLevel);
}
