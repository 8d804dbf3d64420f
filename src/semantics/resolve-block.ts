import type { Reporter } from '../source/diagnostic.js';
import type { BlockUse } from './attributes.js';
import { matchArguments } from './kinds.js';
import type { Module } from './modules.js';
import type { ResolvedBlock } from './network-spec.js';
import { reportUnknownDeclaration } from './unknown-declaration.js';

/**
 * The block that an attribute names. Its first parameter is the channels of the level, which the
 * compiler gives; the arguments as written fill the others.
 */
export function resolveBlock(use: BlockUse, module: Module, reporter: Reporter): ResolvedBlock | undefined {
  const found = module.names.get(use.name);
  if (found?.declaration.kind !== 'block') {
    if (module.poisoned.has(use.name)) return undefined;
    if (use.name === 'transformer') {
      return reporter.report('unsupported', use.nameSpan, { feature: '`bottleneck = transformer`' });
    }
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
