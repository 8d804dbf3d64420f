import type { Reporter } from '../../diagnostics/diagnostic.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import type { Module } from '../modules/modules.js';
import { reportUnknownDeclaration } from '../modules/unknown-declaration.js';
import type { BlockUse } from '../schema/block-schema.js';
import { matchArguments } from '../schema/match-arguments.js';
import type { ResolvedBlock } from './network-spec.js';

/** Whether a value that a schema read is the name of a block. */
export function isBlockUse(value: unknown): value is BlockUse {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'block-use';
}

/**
 * Finds the block that an attribute names. The compiler gives the channels of the level to its first parameter; the
 * written arguments fill the others.
 *
 * @param words what else the attribute accepts: `max` and others for `pool`
 */
export function resolveBlock(
  attribute: string,
  words: readonly string[],
  use: BlockUse,
  module: Module,
  reporter: Reporter,
): ResolvedBlock | undefined {
  const { name, nameSpan, span, scope } = use;
  const { names, poisoned } = module;
  const found = names.get(name);
  if (found?.declaration.kind !== 'block') {
    if (poisoned.has(name)) return undefined;
    if (words.length === 0) return reportUnknownDeclaration('block', name, nameSpan, module, reporter);
    const blocks = [...names].filter(([, { declaration }]) => declaration.kind === 'block');
    return reporter.report(
      'unknown-option',
      nameSpan,
      { what: `\`${attribute}\``, option: name },
      suggestionFor(name, nameSpan, [...words, ...blocks.map(([block]) => block)]),
    );
  }
  const { declaration } = found;
  // The errors inside the block have been reported.
  if (found.module.parsed.damaged.has(declaration) || found.module.poisoned.has(name)) return undefined;
  const parameters = declaration.parameters.slice(1).map((parameter) => parameter.name.name);
  const args = matchArguments(use.args, parameters, name, reporter);
  if (!args) return undefined;
  return { kind: 'block', block: { declaration, module: found.module }, args, module, scope, span };
}
