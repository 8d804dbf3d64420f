import type { IRecognitionException, IToken } from 'chevrotain';
import { type Diagnostic, Reporter } from '../../src/diagnostics/diagnostic.js';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Span } from '../../src/diagnostics/span.js';
import { didYouMean, suggestionFor } from '../../src/diagnostics/suggest.js';
import type { Declaration, Expression, SourceTree } from '../ast.js';
import { declarationChunks } from './declaration-chunks.js';
import { type Chunk, explain, indexOfError, shown } from './explain-syntax-error.js';
import { unetParser } from './parser.js';
import * as t from './tokens.js';

/** The length of the longest file that the compiler reads, in UTF-16 code units. */
export const FILE_LIMIT = 1_048_576;
/** The deepest nesting of brackets. The parser and all later passes recurse over them. */
export const NESTING_LIMIT = 100;
/** The most syntax errors of a file that are reported; more would not help. */
const ERROR_LIMIT = 100;

export interface ParsedFile {
  readonly file: SourceFile;
  readonly tree: SourceTree;
  readonly diagnostics: readonly Diagnostic[];
  /** The declarations with a syntax error. Later passes ignore them. */
  readonly damaged: ReadonlySet<Declaration>;
}

/** Parses a text. The tree contains whatever could be read; no text makes this function throw. */
export function parse(file: SourceFile): ParsedFile {
  const reporter = new Reporter();
  const at = (start: number, end: number): Span => ({ file, start, end });
  const nothing = (): ParsedFile => ({
    file,
    tree: { kind: 'file', declarations: [], comments: [], span: at(0, file.text.length) },
    diagnostics: reporter.diagnostics,
    damaged: new Set(),
  });
  if (file.text.length > FILE_LIMIT) {
    reporter.report('file-too-large', at(0, 0), { size: file.text.length, limit: FILE_LIMIT });
    return nothing();
  }
  const junk = firstBinary(file.text);
  if (junk >= 0) {
    reporter.report('not-text', at(junk, junk + 1), {});
    return nothing();
  }
  const lexed = t.unetLexer().tokenize(file.text);
  for (const error of lexed.errors.slice(0, ERROR_LIMIT)) {
    const span = at(error.offset, error.offset + error.length);
    reporter.report('unexpected-character', span, {
      text: file.text.slice(span.start, span.end).slice(0, 20),
    });
  }
  for (const token of (lexed.groups.unclosed ?? []).slice(0, ERROR_LIMIT)) {
    const what = token.tokenType === t.OpenString ? 'string' : 'comment';
    reporter.report('unclosed', at(token.startOffset, token.startOffset + (what === 'string' ? 1 : 2)), {
      what,
    });
  }
  const deep = deepestBracket(lexed.tokens);
  if (deep) {
    reporter.report('nesting-too-deep', spanOf(file, deep), { limit: NESTING_LIMIT });
    return nothing();
  }
  const lexicalLines = new Set(reporter.diagnostics.map((one) => file.positionAt(one.span.start).line));
  const declarations: Declaration[] = [];
  const damaged = new Set<Declaration>();
  for (const chunk of declarationChunks(lexed.tokens)) {
    const first = chunk[0];
    if (!first) continue;
    if (!t.declarationKeywords.has(first.tokenType)) {
      reportJunk(reporter, file, first);
      continue;
    }
    const parser = unetParser();
    const left = ERROR_LIMIT - reporter.diagnostics.length;
    // More errors would not help, and recovery from very many takes long.
    if (left <= 0) break;
    const declaration = parser.parseDeclaration(file, chunk, left);
    const last = chunk[chunk.length - 1] ?? first;
    const endsFile = last === lexed.tokens[lexed.tokens.length - 1];
    reportSyntax(reporter, parser.errors, { file, tokens: chunk, endsFile }, lexicalLines);
    const lexicalDamage = reporter.diagnostics.some(
      (d) => d.span.start >= first.startOffset && d.span.start <= (last.endOffset ?? 0) + 1,
    );
    if (declaration) {
      declarations.push(declaration);
      if (parser.errors.length > 0 || lexicalDamage) damaged.add(declaration);
    }
  }
  const comments = (lexed.groups.comments ?? []).map((token) => ({
    text: token.image.trimEnd(),
    span: spanOf(file, token),
  }));
  return {
    file,
    tree: { kind: 'file', declarations, comments, span: at(0, file.text.length) },
    diagnostics: reporter.diagnostics.toSorted((a, b) => a.span.start - b.span.start).slice(0, ERROR_LIMIT),
    damaged,
  };
}

/** Parses a text that is one value, such as `1 x 188 x 188`; undefined if it is not a value. */
export function parseValue(file: SourceFile): Expression | undefined {
  const lexed = t.unetLexer().tokenize(file.text);
  const unclosed = lexed.groups.unclosed ?? [];
  if (lexed.errors.length > 0 || unclosed.length > 0 || deepestBracket(lexed.tokens)) return undefined;
  const parser = unetParser();
  const value = parser.parseValue(file, lexed.tokens);
  return parser.errors.length === 0 ? value : undefined;
}

/** The offset of the first character that no text contains (a control character, or the mark of invalid UTF-8), or -1. */
function firstBinary(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd || (code < 0x20 && (code < 0x09 || code > 0x0d))) return i;
  }
  return -1;
}

const declarationWords = ['language', 'import', 'param', 'unet', 'block', 'training', 'ablation'] as const;

/** Reports a token where a declaration should begin. */
function reportJunk(reporter: Reporter, file: SourceFile, token: IToken): void {
  const span = spanOf(file, token);
  const problem = { problem: 'expected', expected: 'declaration', found: shown(token.image) } as const;
  if (token.tokenType === t.Expect) {
    reporter.report('syntax', span, problem, { help: '`expect` belongs inside a `unet`' });
    return;
  }
  const meant =
    didYouMean(token.image, declarationWords) ??
    declarationWords.find((word) => lettersOf(word) === lettersOf(token.image));
  reporter.report('syntax', span, problem, meant === undefined ? {} : suggestionFor(meant, span, [meant]));
}

/** The sorted letters of a word: equal for two words that differ only in the order of their letters. */
function lettersOf(word: string): string {
  return word.length > 64 ? word : [...word].sort().join('');
}

/** An error on the same line, at most this many tokens after another error, is a consequence of it. */
const CONSEQUENCE_DISTANCE = 6;

/** Reports the parser's errors of one declaration, except consequences of other errors. */
function reportSyntax(
  reporter: Reporter,
  errors: readonly IRecognitionException[],
  chunk: Chunk,
  lexical: ReadonlySet<number>,
): void {
  const { file, tokens } = chunk;
  let reported: { readonly line: number; readonly index: number } | undefined;
  for (const error of errors) {
    const { problem, span, help, notes } = explain(error, chunk);
    const index = indexOfError(error, chunk);
    const before = tokens[index - 1];
    const line = file.positionAt(span.start).line;
    const lineBefore = before ? (before.endLine ?? 1) - 1 : line;
    const between = reported && tokens.slice(reported.index, index);
    const follows =
      reported?.line === lineBefore &&
      index - reported.index <= CONSEQUENCE_DISTANCE &&
      !between?.some((token) => token.tokenType === t.Semicolon);
    if (follows || lexical.has(line) || lexical.has(lineBefore)) continue;
    reporter.report('syntax', span, problem, { help, ...(notes ? { notes } : {}) });
    reported = { line, index };
  }
}

function deepestBracket(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0;
  for (const token of tokens) {
    if (t.openingBrackets.has(token.tokenType)) {
      depth += 1;
      if (depth > NESTING_LIMIT) return token;
    } else if (t.closingBrackets.has(token.tokenType)) {
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

/** The span of a token. Chevrotain's ends are inclusive; those of spans are not. */
function spanOf(file: SourceFile, token: IToken): Span {
  return { file, start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}
