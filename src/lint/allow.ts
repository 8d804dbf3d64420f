import type { Comment } from '../../grammar/ast.js';
import { type CodeArguments, type DiagnosticCode, diagnosticCodes } from '../diagnostics/codes.js';
import { type Diagnostic, diagnostic, type Extras } from '../diagnostics/diagnostic.js';
import { contains, type Span } from '../diagnostics/span.js';
import { suggestionFor } from '../diagnostics/suggest.js';
import type { Module } from '../language/modules/modules.js';
import { AllowScope } from './allow-scope.js';

/** A warning that the text allows: `// allow(bias-before-norm): as published`. */
interface Allowance {
  readonly code: DiagnosticCode;
  /** The place of the code in the comment. */
  readonly span: Span;
  /** Where the warning may be. */
  readonly covers: Span;
}

/** The diagnosticCodes that can be allowed: those of warnings, but for those about allowing. */
const allowable = Object.entries(diagnosticCodes).flatMap(([code, { severity }]) =>
  severity === 'warning' && !code.endsWith('-allow') ? [code] : [],
);

/**
 * The diagnostics without the warnings that comments allow, and with those about such comments. A comment
 * `// allow(code, code): reason` covers what follows it, a declaration or a part of one; behind code on the same line
 * it covers the part that ends there.
 *
 * @param modules whose comments count
 * @param complete a module all of whose warnings are among the diagnostics: an allowance in it that allows none is
 * needless
 * @param isUsed whether a network has an op that comes from a place: an allowance in a block that none uses here is for
 * networks of other files
 */
export function withAllowances(
  diagnostics: readonly Diagnostic[],
  modules: Iterable<Module>,
  complete: Module | undefined,
  isUsed: (place: Span) => boolean,
): readonly Diagnostic[] {
  const about: Diagnostic[] = [];
  const allowances = [...modules].flatMap((module) => allowancesOf(module, about));
  const used = new Set<Allowance>();
  const kept = diagnostics.filter(({ code, severity, span }) => {
    const found = allowances.filter((one) => one.code === code && contains(one.covers, span));
    if (severity === 'error' || found.length === 0) return true;
    for (const one of found) used.add(one);
    return false;
  });
  const blocks = (complete?.parsed.tree.declarations ?? []).filter(({ kind }) => kind === 'block');
  const needless = allowances
    .filter((one) => one.span.file === complete?.file && !used.has(one))
    .filter(({ covers }) => blocks.every(({ span }) => !contains(span, covers) || isUsed(span)))
    .map(({ code, span }) => diagnostic('needless-allow', span, { code }, { help: 'take the comment away' }));
  return [...kept, ...about, ...needless];
}

function allowancesOf({ parsed: { tree } }: Module, problems: Diagnostic[]): readonly Allowance[] {
  const comments = tree.comments.filter(({ text }) => pattern.test(text));
  if (comments.length === 0) return [];
  const reach = new AllowScope(tree);
  return comments.flatMap((comment) => readAllowances(comment, reach.of(comment), problems));
}

/** `// allow(diagnosticCodes): reason`, also between `/*` and its end. */
const pattern = /^(\/[/*]\s*allow\()([^)]*)\)\s*:?\s*(.*?)\s*(\*\/)?$/s;

function readAllowances(
  { text, span }: Comment,
  covers: Span | undefined,
  problems: Diagnostic[],
): readonly Allowance[] {
  const [, before = '', list = '', reason = ''] = pattern.exec(text) ?? [];
  const malformed = (at: Span, args: CodeArguments<'malformed-allow'>, extras?: Extras) => {
    problems.push(diagnostic('malformed-allow', at, args, extras));
    return [];
  };
  if (reason === '') {
    const help = 'write why it is meant: `// allow(bias-before-norm): as published`';
    malformed(span, { problem: 'no-reason' }, { help });
  }
  if (!covers) return malformed(span, { problem: 'nothing-covered' });
  let start = span.start + before.length;
  return list.split(',').flatMap((part): readonly Allowance[] => {
    const name = part.trim();
    const from = start + part.indexOf(name);
    const at: Span = { ...span, start: from, end: Math.max(from + name.length, from + 1) };
    start += part.length + 1;
    if (name === '') {
      const help = `known here: ${allowable.map((one) => `\`${one}\``).join(', ')}`;
      return malformed(at, { problem: 'no-code' }, { help });
    }
    if (!isCode(name)) {
      return malformed(at, { problem: 'unknown-code', code: name }, suggestionFor(name, at, allowable));
    }
    if (allowable.includes(name)) return [{ code: name, span: at, covers }];
    const isError = diagnosticCodes[name].severity === 'error';
    return malformed(at, { problem: isError ? 'error-code' : 'code-about-allow', code: name });
  });
}

function isCode(name: string): name is DiagnosticCode {
  return Object.hasOwn(diagnosticCodes, name);
}
