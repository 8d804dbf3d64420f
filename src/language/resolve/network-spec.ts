import type { Argument, BlockDeclaration, ExpectBlock } from '../../../grammar/ast.js';
import type { Span } from '../../diagnostics/span.js';
import type { Scope } from '../expressions/values.js';
import type { Located, Module } from '../modules/modules.js';
import type { AttributeScope, AttributeTable } from '../schema/attribute-definition.js';
import { type AttributeValue, attributeTable, type UnetAttributes } from '../schema/attributes.js';
import type { BlockUse } from '../schema/block-schema.js';
import type { SchemaValue } from '../schema/value-schema.js';

/** A value with the line that set it. */
export interface Setting<T> {
  readonly value: T;
  /** The written value; for a default, the network's name. */
  readonly span: Span;
  readonly origin: 'written' | 'inherited' | 'default';
  /** The network whose declaration set it. */
  readonly network: string;
}

/** A block that an attribute names, with its arguments as they are written there. */
export interface ResolvedBlock {
  readonly kind: 'block';
  readonly block: Located<BlockDeclaration>;
  readonly args: ReadonlyMap<string, Argument>;
  /** The module in which the arguments are written. */
  readonly module: Module;
  /** What the names in the arguments mean. */
  readonly scope: Scope;
  readonly span: Span;
}

/** A value as its schema reads it, with the declaration of the block that it names. */
export type Resolved<V> = V extends BlockUse ? ResolvedBlock : V;

/** `headBlock` for the attribute `head_block`: the field of an attribute in a resolved network. */
export type FieldName<N extends string> = N extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<FieldName<Rest>>}`
  : N;

/** A setting; undefined is possible only for an attribute that may stay unset. */
type SettingOf<D extends AttributeTable[string]> =
  | Setting<Resolved<SchemaValue<D['schema']>>>
  | (D extends { readonly required: true } | { readonly fallback: string } | { readonly like: string }
      ? never
      : undefined);

/** The settings of all attributes of a scope. An attribute that replaces another one has no setting of its own. */
export type SettingsOf<S extends AttributeScope, T extends AttributeTable = UnetAttributes> = {
  readonly [N in keyof T & string as T[N] extends { readonly replaces: string }
    ? never
    : T[N]['scope'] extends S
      ? FieldName<N>
      : never]: SettingOf<T[N]>;
};

/** What holds at one level, in the encoder and in the decoder. */
export type LevelSpec<T extends AttributeTable = UnetAttributes> = SettingsOf<'levels-and-bottleneck', T> & {
  readonly level: number;
};

/** A level with a pooling, and what joins it to the level below and to the decoder. */
export type PooledLevelSpec<T extends AttributeTable = UnetAttributes> = LevelSpec<T> &
  SettingsOf<'levels', T>;

/** A network with every attribute resolved: nothing remains to be looked up. */
export type NetworkSpec<T extends AttributeTable = UnetAttributes> = SettingsOf<'network', T> & {
  readonly name: string;
  readonly nameSpan: Span;
  readonly module: Module;
  /** The table that the attributes were read by. */
  readonly attributes: AttributeTable;
  /** The number of spatial axes: 2 or 3. */
  readonly rank: number;
  /** Levels 1 to `depth`. */
  readonly levels: readonly PooledLevelSpec<T>[];
  /** The level below the last pooling. */
  readonly bottleneck: LevelSpec<T>;
  /** The network's own expectations. */
  readonly expects: readonly ExpectBlock[];
  /** The names that the expectations can use. */
  readonly scope: Scope;
};

export type PoolSetting = Resolved<AttributeValue<'pool'>>;
export type UpSetting = Resolved<AttributeValue<'up'>>;

/** The field of an attribute in a resolved network. */
export function fieldNameOf(attribute: string): string {
  return attribute.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function defaultOf(attribute: string): string {
  const table: AttributeTable = attributeTable;
  const fallback = table[attribute]?.fallback;
  return fallback === undefined ? '' : ` \`${fallback}\``;
}

/** Where a value comes from, for messages: "`head` is set here". */
export function originText(setting: Setting<unknown>, attribute: string): string {
  switch (setting.origin) {
    case 'written':
      return `\`${attribute}\` is set here`;
    case 'inherited':
      return `\`${attribute}\` is set here, inherited from ${setting.network}`;
    case 'default':
      return `\`${attribute}\` is not set: the default${defaultOf(attribute)} holds`;
    default:
      return setting.origin satisfies never;
  }
}
