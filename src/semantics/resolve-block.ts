import type { Reporter } from '../source/diagnostic.js';
import { suggestionFor } from '../source/suggest.js';
import type { BlockUse } from './attributes.js';
import { matchArguments } from './kinds.js';
import type { Module } from './modules.js';
import type { ResolvedBlock } from './network-spec.js';

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
    const blocks = [...module.names].filter(([, located]) => located.declaration.kind === 'block');
    const extras = suggestionFor(
      use.name,
      use.nameSpan,
      blocks.map(([name]) => name),
    );
    return reporter.report('unknown-name', use.nameSpan, { what: 'block', name: use.name }, extras);
  }
  const { declaration } = found;
  if (found.module.parsed.damaged.has(declaration)) return undefined;
  const names = declaration.parameters.slice(1).map((parameter) => parameter.name.name);
  const args = matchArguments(use.args, names, use.name, reporter);
  if (!args) return undefined;
  return { block: { declaration, module: found.module }, args, scope: use.scope, span: use.span };
}
