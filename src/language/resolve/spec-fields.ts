import { type AstNode, children } from '../../../grammar/ast.js';
import { normalizationText } from '../../normalize/normalization.js';
import { isStandard, type Located, type Module, type Named } from '../modules/modules.js';
import type { AttributeName, AttributeValue } from '../schema/attributes.js';
import type { BlockUse } from '../schema/block-schema.js';
import { fieldNameOf, type NetworkSpec, type ResolvedBlock, type Setting } from './network-spec.js';

/** A setting of a network, or a block or param that the settings use. */
export interface SpecField {
  /** `classes`, level by level `skip[4]`; `block Own`, `param width`. */
  readonly path: string;
  /** The path without the level. */
  readonly name: string;
  readonly text: string;
  readonly source: Setting<unknown> | Named;
}

/** Every field of a network as text, by its path. Networks with equal fields are built alike. */
export function specFields(spec: NetworkSpec): Map<string, string> {
  return new Map(settingFields(spec).map(({ path, text }) => [path, text]));
}

/** The settings of a network in the order of the attributes, level by level, then the blocks and params that they use. */
export function settingFields(spec: NetworkSpec): readonly SpecField[] {
  const fields: SpecField[] = [];
  const blocks: ResolvedBlock[] = [];
  const add = (name: string, path: string, holder: object) => {
    const setting = settingAt(holder, name);
    if (!setting) return;
    fields.push({ path, name, text: settingText(name, setting.value), source: setting });
    if (isResolvedBlock(setting.value)) blocks.push(setting.value);
  };
  for (const [name, { scope, replaces }] of Object.entries(spec.attributes)) {
    if (replaces) continue;
    if (scope === 'network') add(name, name, spec);
    else {
      for (const level of spec.levels) add(name, `${name}[${level.level}]`, level);
      if (scope !== 'levels') add(name, `${name}[bottleneck]`, spec.bottleneck);
    }
  }
  return [...fields, ...declaredFields(blocks)];
}

function settingAt(holder: object, attribute: string): Setting<unknown> | undefined {
  // Under the field of an attribute, a network and a level hold a setting or undefined: see SettingsOf.
  return (holder as Readonly<Record<string, Setting<unknown> | undefined>>)[fieldNameOf(attribute)];
}

/** The given blocks, the blocks that these use, and the params that any of them mentions. */
function declaredFields(blocks: readonly ResolvedBlock[]): readonly SpecField[] {
  const fields: SpecField[] = [];
  const seen = new Set<Named>();
  const follow = (node: AstNode, module: Module): void => {
    const name = node.kind === 'name' ? node.name : node.kind === 'call' ? node.callee.name : undefined;
    const located = name === undefined ? undefined : module.names.get(name);
    if (located) add(located);
    for (const child of children(node)) follow(child, module);
  };
  const add = ({ declaration, module }: Located): void => {
    if ((declaration.kind !== 'block' && declaration.kind !== 'param') || seen.has(declaration)) return;
    seen.add(declaration);
    if (!isStandard(module.file)) {
      const { file, start, end } = declaration.span;
      const text = file.text.slice(start, end).replace(/\s+/g, ' ');
      const path = `${declaration.kind} ${declaration.name.name}`;
      fields.push({ path, name: path, text, source: declaration });
    }
    for (const child of children(declaration)) follow(child, module);
  };
  for (const { block, args, module } of blocks) {
    add(block);
    for (const argument of args.values()) follow(argument, module);
  }
  return fields;
}

/** Values that `plainText` writes: numbers, words with their options, and lists of these. */
type Plain =
  | string
  | number
  | boolean
  | undefined
  | readonly Plain[]
  | { readonly kind: string; readonly [option: string]: Plain };

/** The attributes with other values than these and blocks. An entry of `otherTexts` that is missing is a type error. */
type OtherAttribute = {
  [N in AttributeName]: [Exclude<AttributeValue<N>, BlockUse>] extends [Plain] ? never : N;
}[AttributeName];

const otherTexts: { readonly [N in OtherAttribute]: (value: AttributeValue<N>) => string } = {
  input: ({ channels, spatial }) => [channels, ...spatial].join(' x '),
  normalize: normalizationText,
  spacing: (lengths) => lengths.map(({ value, unit }) => `${value}${unit}`).join(' x '),
};

/** The value of an attribute as a spec could write it. */
export function settingText(attribute: string, value: unknown): string {
  if (isResolvedBlock(value)) return blockText(value);
  const table: Readonly<Record<string, (value: never) => string>> = otherTexts;
  const other = Object.hasOwn(table, attribute) ? table[attribute] : undefined;
  // The value is the attribute's own, which its function takes; values of all other attributes are plain.
  return other ? other(value as never) : plainText(value as Plain);
}

function isResolvedBlock(value: unknown): value is ResolvedBlock {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'block';
}

function blockText(block: ResolvedBlock): string {
  const args = [...block.args].map(([name, { value }]) => {
    const { file, start, end } = value.span;
    return `${name}: ${file.text.slice(start, end).replace(/\s+/g, ' ')}`;
  });
  const { name } = block.block.declaration.name;
  return args.length === 0 ? name : `${name}(${args.join(', ')})`;
}

/** Options that were left out and have no default stay out. */
function plainText(value: Plain): string {
  if (isList(value)) return value.map(plainText).join('x');
  if (typeof value !== 'object') return String(value);
  const { kind, ...options } = value;
  const texts = Object.entries(options)
    .filter(([, option]) => option !== undefined)
    .map(([name, option]) => `${name}: ${plainText(option)}`);
  return texts.length === 0 ? kind : `${kind}(${texts.join(', ')})`;
}

/** Array.isArray does not narrow a union with read-only arrays. */
function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
