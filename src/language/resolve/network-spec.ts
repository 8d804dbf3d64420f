import type { Argument, BlockDeclaration, ExpectBlock } from '../../../grammar/ast.js';
import type { Span } from '../../diagnostics/span.js';
import type { Scope } from '../expressions/values.js';
import type { Located, Module } from '../modules/modules.js';
import { type AttributeValue, attributeTable, isAttributeName } from '../schema/attributes.js';

/** A value with the line that set it. */
export interface Setting<T> {
  readonly value: T;
  /** The written value; for a default, the network's name. */
  readonly span: Span;
  readonly origin: 'written' | 'inherited' | 'default';
  /** The network whose declaration set it. */
  readonly network: string;
}

/** A block that is used, with its arguments as written where it is used. */
export interface ResolvedBlock {
  readonly block: Located<BlockDeclaration>;
  readonly args: ReadonlyMap<string, Argument>;
  /** Where the arguments are written, and what their names mean there. */
  readonly module: Module;
  readonly scope: Scope;
  readonly span: Span;
}

/** A value in which a block, where one is named, has been found. */
export type WithBlock<T> =
  | Exclude<T, { readonly kind: 'block' }>
  | { readonly kind: 'block'; readonly block: ResolvedBlock };
export type PoolSetting = WithBlock<AttributeValue<'pool'>>;
export type UpSetting = WithBlock<AttributeValue<'up'>>;

/** What holds at one level, on both sides of the U. */
export interface LevelSpec {
  readonly level: number;
  readonly channels: Setting<number>;
  readonly block: Setting<ResolvedBlock>;
  readonly repeat: Setting<number>;
  readonly kernel: Setting<readonly number[]>;
  readonly padding: Setting<AttributeValue<'padding'>>;
  readonly norm: Setting<AttributeValue<'norm'>>;
  readonly activation: Setting<AttributeValue<'activation'>>;
  readonly bias: Setting<boolean>;
  readonly dropout: Setting<number>;
  readonly init: Setting<AttributeValue<'init'>>;
}

/** A level with a pooling: everything that joins it to the level below and to the decoder. */
export interface PooledLevelSpec extends LevelSpec {
  readonly decoderChannels: Setting<number>;
  readonly decoderBlock: Setting<ResolvedBlock>;
  readonly stride: Setting<readonly number[]>;
  readonly pool: Setting<PoolSetting>;
  readonly up: Setting<UpSetting>;
  readonly skip: Setting<AttributeValue<'skip'>>;
  readonly crop: Setting<AttributeValue<'crop'>>;
}

/** A network with every attribute resolved: nothing is left to look up. */
export interface NetworkSpec {
  readonly name: string;
  readonly nameSpan: Span;
  readonly module: Module;
  readonly rank: number;
  readonly input: Setting<AttributeValue<'input'>>;
  readonly classes: Setting<number>;
  readonly depth: Setting<number>;
  readonly doubling: Setting<AttributeValue<'doubling'>>;
  readonly head: Setting<AttributeValue<'head'>>;
  /** The block between the input and level 1, where there is one. */
  readonly stem: Setting<ResolvedBlock> | undefined;
  /** The block that embeds the time step, of a network that takes one. */
  readonly time: Setting<ResolvedBlock> | undefined;
  /** The block that makes the classes, where it is not a 1x1 conv. */
  readonly headBlock: Setting<ResolvedBlock> | undefined;
  readonly deepSupervision: Setting<AttributeValue<'deep_supervision'>>;
  readonly spacing: Setting<AttributeValue<'spacing'>> | undefined;
  /** Levels 1..depth. */
  readonly levels: readonly PooledLevelSpec[];
  /** The level below the last pooling. */
  readonly bottleneck: LevelSpec;
  /** The network's own expectations and the names they may use. */
  readonly expects: readonly ExpectBlock[];
  readonly scope: Scope;
}

function defaultOf(attribute: string): string {
  const fallback = isAttributeName(attribute) ? attributeTable[attribute].fallback : undefined;
  return fallback === undefined ? '' : ` \`${fallback}\``;
}

/** "set here" for messages: where a value comes from. */
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
