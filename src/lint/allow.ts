import type { Comment } from '../../grammar/ast.js';
import { type CodeArguments, type DiagnosticCode, diagnosticCodes } from '../diagnostics/codes.js';
import { type Diagnosed, type Diagnostic, diagnostic, type Extras } from '../diagnostics/diagnostic.js';
import { contains, type Span } from '../diagnostics/span.js';
import { suggestionFor } from '../diagnostics/suggest.js';
import type { Module } from '../language/modules/modules.js';
import { AllowScope } from './allow-scope.js';

/** A warning that the text allows: `// allow(bias-before-norm): as published`. */
interface Allowance {
  readonly code: DiagnosticCode;
  /** The span of the code in the comment. */
  readonly span: Span;
  /** The span in which the warning is allowed. */
  readonly covers: Span;
}

/** The codes that can be allowed: all warnings except those about `allow` itself. */
const allowable = Object.entries(diagnosticCodes).flatMap(([code, { severity }]) =>
  severity === 'warning' && !code.endsWith('-allow') ? [code] : [],
);

/**
 * Removes the warnings that comments allow. The diagnostics beside the value are the warnings about these comments. A
 * comment `// allow(code, code): reason` covers the declaration that follows it, or a part of one; after code on the same
 * line it covers the part that ends with that code.
 *
 * @param modules the modules whose comments count
 * @param complete a module all of whose warnings are among the diagnostics: in it, an allowance that allows nothing is
 * needless
 * @param isUsed whether a network has an op that comes from a span: an allowance in a block that no network uses here may
 * be for networks of other files
 */
export function withAllowances(
  diagnostics: readonly Diagnostic[],
  modules: Iterable<Module>,
  complete: Module | undefined,
  isUsed: (span: Span) => boolean,
): Diagnosed<readonly Diagnostic[]> {
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
    .map(({ code, span }) => diagnostic('needless-allow', span, { code }, { help: 'remove the comment' }));
  return { value: kept, diagnostics: [...about, ...needless] };
}

function allowancesOf({ parsed: { tree } }: Module, problems: Diagnostic[]): readonly Allowance[] {
  const comments = tree.comments.filter(({ text }) => pattern.test(text));
  if (comments.length === 0) return [];
  const scope = new AllowScope(tree);
  return comments.flatMap((comment) => readAllowances(comment, scope.of(comment), problems));
}

/** Matches `// allow(codes): reason`, also as a comment that begins with `/*`. */
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
    const help = 'give the reason: `// allow(bias-before-norm): as published`';
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
      const help = `the warnings are ${allowable.map((one) => `\`${one}\``).join(', ')}`;
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
