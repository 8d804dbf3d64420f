import type { Reporter } from '../../diagnostics/diagnostic.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import type { Module } from '../modules/modules.js';
import { reportUnknownDeclaration } from '../modules/unknown-declaration.js';
import type { BlockUse, BlockWord } from '../schema/attributes.js';
import { matchArguments } from '../schema/value-schema.js';
import type { ResolvedBlock, Setting, WithBlock } from './network-spec.js';

/**
 * The block that an attribute names. Its first parameter is the channels of the level, which the
 * compiler gives; the arguments as written fill the others.
 */
export function resolveBlock(use: BlockUse, module: Module, reporter: Reporter): ResolvedBlock | undefined {
  const found = module.names.get(use.name);
  if (found?.declaration.kind !== 'block') {
    if (module.poisoned.has(use.name)) return undefined;
    return reportUnknownDeclaration('block', use.name, use.nameSpan, module, reporter);
  }
  const { declaration } = found;
  // What is wrong with the block itself has been reported.
  if (found.module.parsed.damaged.has(declaration) || found.module.poisoned.has(use.name)) return undefined;
  const names = declaration.parameters.slice(1).map((parameter) => parameter.name.name);
  const args = matchArguments(use.args, names, use.name, reporter);
  if (!args) return undefined;
  return { block: { declaration, module: found.module }, args, module, scope: use.scope, span: use.span };
}

/** A setting that is one of its words or names a block, with that block: `pool = max`, `pool = strided`. */
export function resolveWord<T extends { readonly kind: string }>(
  attribute: string,
  words: readonly string[],
  setting: Setting<T | BlockWord>,
  module: Module,
  reporter: Reporter,
): Setting<WithBlock<T>> | undefined {
  const { value } = setting;
  // What is no block is one of the words.
  if (!isBlockWord(value)) return setting as Setting<WithBlock<T>>;
  const { use } = value;
  const { names, poisoned } = module;
  if (names.get(use.name)?.declaration.kind !== 'block' && !poisoned.has(use.name)) {
    const blocks = [...names].filter(([, { declaration }]) => declaration.kind === 'block');
    return reporter.report(
      'unknown-option',
      use.nameSpan,
      { what: `\`${attribute}\``, option: use.name },
      suggestionFor(use.name, use.nameSpan, [...words, ...blocks.map(([name]) => name)]),
    );
  }
  const block = resolveBlock(use, module, reporter);
  return block && { ...setting, value: { kind: 'block', block } };
}

function isBlockWord(value: { readonly kind: string }): value is BlockWord {
  return value.kind === 'block';
}
