import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import type { Module, Named } from './modules.js';

/** The name of each kind of declaration in messages. */
const words: { readonly [K in Named['kind']]: string } = {
  unet: 'network',
  block: 'block',
  training: 'recipe',
  param: 'param',
  ablation: 'ablation',
};

/** Reports a name that is not the name of a declaration of the needed kind. */
export function reportUnknownDeclaration(
  kind: Named['kind'],
  name: string,
  span: Span,
  module: Module,
  reporter: Reporter,
): undefined {
  const what = words[kind];
  const other = module.names.get(name)?.declaration;
  const known = [...module.names].filter(([, located]) => located.declaration.kind === kind).map(([n]) => n);
  const suggestion = suggestionFor(name, span, known, `no ${what} is declared or imported here`);
  const notes = other
    ? [{ message: `\`${name}\` is declared here, as ${article(words[other.kind])}`, span: other.name.span }]
    : [];
  return reporter.report('unknown-name', span, { what, name }, { ...suggestion, notes });
}

function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
