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
import {
  type AttributeName,
  type AttributeValue,
  attributeNames,
  attributeTable,
  CHANNEL_LIMIT,
  isAttributeName,
} from '../schema/attributes.js';
import type { ValueSchema } from '../schema/value-schema.js';
import { type DeclaredAttributes, depthNotes, type Entry, type EntryTable } from './attribute-entries.js';
import type { Setting } from './network-spec.js';

/** Reads a network's attributes: the nearest value that is written, or the default, each as its kind says. */
export class AttributeReader {
  /** The network's axes and poolings, which later attributes are read by. */
  rank = 2;
  depth = 4;

  constructor(
    private readonly request: NetworkRequest,
    private readonly layers: readonly DeclaredAttributes[],
    private readonly params: Params,
    private readonly reporter: Reporter,
    private readonly table: EntryTable,
  ) {}

  /** The module in which a setting was written: its block names mean what they mean there. */
  moduleOf(setting: Setting<unknown>): Module {
    return (
      this.layers.find((layer) => layer.module.file === setting.span.file)?.module ??
      this.request.located.module
    );
  }

  /** Names in an attribute's value: the params of its file, and `level` and `depth`. */
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

  whole<N extends AttributeName>(name: N): Setting<AttributeValue<N>> | undefined {
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

  optional<N extends AttributeName>(name: N): Setting<AttributeValue<N>> | undefined {
    const entry = this.table.get(name)?.whole;
    return entry && this.read(name, entry, undefined);
  }

  at<N extends AttributeName>(name: N, level: number): Setting<AttributeValue<N>> | undefined {
    if (this.entryAt(name, level)) return this.optionalAt(name, level);
    return this.fallback(name, attributeTable[name].fallback ?? '');
  }

  optionalAt<N extends AttributeName>(name: N, level: number): Setting<AttributeValue<N>> | undefined {
    const entry = this.entryAt(name, level);
    return entry && this.read(name, entry, level);
  }

  private entryAt(name: AttributeName, level: number): Entry | undefined {
    const entries = this.table.get(name);
    return entries?.levels.get(level) ?? entries?.whole;
  }

  /** A base number doubles at every level; a list, an expression in `level` and a single level's number do not. */
  channelsAt(level: number): Setting<number> | undefined {
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
    const kind = attributeTable[name].kind as ValueSchema<AttributeValue<N>>;
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
    const kind = attributeTable[name].kind as ValueSchema<AttributeValue<N>>;
    const read = kind.read(value, { reporter: this.reporter, rank: this.rank, what: name });
    return read === undefined
      ? undefined
      : { value: read, span, origin: 'default', network: this.request.name };
  }
}

function mentionsLevel(node: AstNode): boolean {
  return (node.kind === 'name' && node.name === 'level') || children(node).some(mentionsLevel);
}
