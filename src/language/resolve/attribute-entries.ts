import type { Attribute, Identifier, UnetDeclaration } from '../../../grammar/ast.js';
import type { Note, Reporter } from '../../diagnostics/diagnostic.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import type { Scope } from '../expressions/values.js';
import { numberText, valueText } from '../expressions/values.js';
import type { Module } from '../modules/modules.js';
import { reportDuplicateAttribute } from '../modules/report-duplicate.js';
import type { AttributeDefinition, AttributeTable } from '../schema/attribute-definition.js';

/** The attributes that one declaration of an inheritance chain sets. */
export interface DeclaredAttributes {
  readonly network: string;
  /** Undefined for the edits of a variant. */
  readonly declaration?: UnetDeclaration;
  readonly module: Module;
  readonly attributes: readonly Attribute[];
  /** Whether the network inherits these attributes; false for its own. */
  readonly inherited: boolean;
}

/** A setting as it is written, before it is evaluated for a level. */
export interface Entry {
  readonly attribute: Attribute;
  readonly layer: DeclaredAttributes;
}

/** The settings of one attribute: for the whole network, and for single levels, which take precedence. */
export interface AttributeEntries {
  whole?: Entry;
  readonly levels: Map<number, Entry>;
}

export type EntryTable = Map<string, AttributeEntries>;

/** Collects the settings for the whole network; the last layer wins. Unknown and repeated names are reported. */
export function collectWhole(
  layers: readonly DeclaredAttributes[],
  attributes: AttributeTable,
  reporter: Reporter,
): EntryTable {
  const table: EntryTable = new Map();
  for (const layer of layers) {
    const seen = new Map<string, Attribute>();
    for (const attribute of layer.attributes) {
      const { name, span } = attribute.name;
      const definition = attributeDefinition(attributes, name);
      if (!definition) {
        reportUnknownAttribute(attribute.name, attributes, reporter);
        continue;
      }
      if (attribute.levels) {
        if (definition.scope === 'network')
          reporter.report('not-per-level', span, { attribute: name, owner: 'network' });
        continue;
      }
      const earlier = seen.get(name);
      if (earlier) {
        reportDuplicateAttribute(name, span, earlier.span, reporter);
        continue;
      }
      seen.set(name, attribute);
      const entries = table.get(name) ?? { levels: new Map<number, Entry>() };
      entries.whole = { attribute, layer };
      table.set(name, entries);
    }
  }
  return table;
}

/**
 * Adds the settings for single levels.
 *
 * @param scopeFor the names that the brackets of a layer can use
 */
export function collectLevels(
  table: EntryTable,
  layers: readonly DeclaredAttributes[],
  attributes: AttributeTable,
  depth: number,
  scopeFor: (layer: DeclaredAttributes) => Scope,
  reporter: Reporter,
): void {
  for (const layer of layers) {
    const seen = new Map<string, Attribute>();
    for (const attribute of layer.attributes) {
      const { name } = attribute.name;
      const scope = attributeDefinition(attributes, name)?.scope;
      if (!attribute.levels || !scope || scope === 'network') continue;
      const entries = table.get(name) ?? { levels: new Map<number, Entry>() };
      table.set(name, entries);
      const last = scope === 'levels' ? depth : depth + 1;
      for (const level of selectedLevels(
        attribute,
        depth,
        last,
        scopeFor(layer),
        reporter,
        depthNotes(table),
      )) {
        const key = `${name}[${level}]`;
        const earlier = seen.get(key);
        if (earlier && earlier !== attribute) {
          reportDuplicateAttribute(key, attribute.name.span, earlier.span, reporter);
          continue;
        }
        seen.set(key, attribute);
        entries.levels.set(level, { attribute, layer });
      }
    }
  }
}

/** A note at the line that sets the depth, if a line sets it. */
export function depthNotes(table: EntryTable): readonly Note[] {
  const span = table.get('depth')?.whole?.attribute.span;
  return span ? [{ message: '`depth` is set here', span }] : [];
}

function selectedLevels(
  attribute: Attribute,
  depth: number,
  last: number,
  scope: Scope,
  reporter: Reporter,
  depthSetting: readonly Note[],
): number[] {
  const levels: number[] = [];
  for (const selector of attribute.levels ?? []) {
    const value = evaluate(selector, scope, reporter);
    if (!value) continue;
    if (value.type === 'symbol' && value.name === 'bottleneck' && last > depth) {
      levels.push(last);
      continue;
    }
    const [from, to] =
      value.type === 'number'
        ? [value.value, value.value]
        : value.type === 'range'
          ? [value.from, value.to]
          : [undefined, undefined];
    if (from === undefined || to === undefined || !Number.isInteger(from) || !Number.isInteger(to)) {
      const bottleneck = last > depth ? ', or `bottleneck`' : '';
      reporter.report('wrong-kind', selector.span, {
        what: `\`${attribute.name.name}[...]\``,
        expected: `a level from 1 to ${last}, a range such as \`1..2\`${bottleneck}`,
        found: valueText(value),
      });
      continue;
    }
    if (from > to) {
      const newText = `${to}..${from}`;
      reporter.report(
        'wrong-kind',
        selector.span,
        { what: 'a range of levels', expected: 'the smaller number first', found: `${from}..${to}` },
        { fixes: [{ title: `Change to \`${newText}\``, edits: [{ span: selector.span, newText }] }] },
      );
      continue;
    }
    if (from < 1 || to > last) {
      const attributeName = attribute.name.name;
      reporter.report(
        'level-out-of-range',
        selector.span,
        { attribute: attributeName, level: numberText(from < 1 ? from : to), last },
        {
          notes: depthSetting,
          help:
            last > depth
              ? `with a depth of ${depth}, the levels are 1 to ${depth}, and the bottleneck is level ${last}`
              : `with a depth of ${depth}, the levels are 1 to ${depth}; the bottleneck has no \`${attributeName}\``,
        },
      );
      continue;
    }
    for (let level = from; level <= to; level += 1) levels.push(level);
  }
  return levels;
}

/** Reports a name that is not an attribute of a network. */
export function reportUnknownAttribute(
  { name, span }: Identifier,
  attributes: AttributeTable,
  reporter: Reporter,
): void {
  const extras = suggestionFor(name, span, Object.keys(attributes));
  reporter.report('unknown-attribute', span, { name, owner: 'a network' }, extras);
}

/** The definition of an attribute; undefined for an unknown name. */
export function attributeDefinition(
  attributes: AttributeTable,
  name: string,
): AttributeDefinition | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}
