import { EOF, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { type Diagnostic, Reporter } from '../src/source/diagnostic.js';
import type { SourceFile } from '../src/source/source-file.js';
import type { Span } from '../src/source/span.js';
import { didYouMean, suggestionFor } from '../src/source/suggest.js';
import type { Declaration, Expression, SourceTree } from './ast.js';
import { unetParser } from './parser.js';
import * as t from './tokens.js';

/** The largest file that is read, in UTF-16 code units. */
export const FILE_LIMIT = 1_048_576;
/** Brackets inside brackets, at most: the parser and everything after it recurse over them. */
export const NESTING_LIMIT = 100;
/** Syntax errors a file, at most: past that, one more says nothing. */
const ERROR_LIMIT = 100;

export interface ParsedFile {
  readonly file: SourceFile;
  readonly tree: SourceTree;
  readonly diagnostics: readonly Diagnostic[];
  /** Declarations with a syntax error inside: later stages leave them alone. */
  readonly damaged: ReadonlySet<Declaration>;
}

/** Text to tree. Always returns a tree; with errors it holds what could be read. Never throws on any text. */
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
  for (const token of lexed.groups.unclosed ?? []) {
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
  const declarations: Declaration[] = [];
  const damaged = new Set<Declaration>();
  for (const chunk of declarationChunks(lexed.tokens)) {
    const first = chunk[0];
    if (!first) continue;
    if (!beginsDeclaration(chunk, 0)) {
      reportJunk(reporter, file, first);
      continue;
    }
    const parser = unetParser();
    const declaration = parser.parseDeclaration(file, chunk);
    for (const error of parser.errors) reportSyntax(reporter, file, error, chunk);
    const last = chunk[chunk.length - 1] ?? first;
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
  reporter.diagnostics.sort((a, b) => a.span.start - b.span.start);
  reporter.diagnostics.splice(ERROR_LIMIT);
  return {
    file,
    tree: { kind: 'file', declarations, comments, span: at(0, file.text.length) },
    diagnostics: reporter.diagnostics,
    damaged,
  };
}

/** Parses a text that is one value, such as `1 x 188 x 188`; undefined where it is none. */
export function parseValue(file: SourceFile): Expression | undefined {
  const lexed = t.unetLexer().tokenize(file.text);
  const unclosed = lexed.groups.unclosed ?? [];
  if (lexed.errors.length > 0 || unclosed.length > 0 || deepestBracket(lexed.tokens)) return undefined;
  const parser = unetParser();
  const value = parser.parseValue(file, lexed.tokens);
  return parser.errors.length === 0 ? value : undefined;
}

/** The first character that no text has: a control character, or the mark of bytes that are no UTF-8; -1 for none. */
function firstBinary(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd || (code < 0x20 && (code < 0x09 || code > 0x0d))) return i;
  }
  return -1;
}

const declarationWords = ['language', 'import', 'param', 'unet', 'block', 'training', 'ablation'] as const;

/** The token that follows the name of each kind of declaration. */
const afterName = new Map<TokenType, readonly TokenType[]>([
  [t.Unet, [t.LeftCurly, t.Extends]],
  [t.Block, [t.LeftCurly, t.LeftParen]],
  [t.Param, [t.Equals]],
  [t.Training, [t.LeftCurly]],
  [t.Ablation, [t.Of]],
]);

function isName(token: IToken | undefined): boolean {
  return token !== undefined && /^[A-Za-z_]/.test(token.image) && token.tokenType !== t.Times;
}

/** Whether a declaration begins at `tokens[i]`. The same words are names elsewhere: `block = residual`. */
function beginsDeclaration(tokens: readonly IToken[], i: number): boolean {
  const type = tokens[i]?.tokenType;
  if (!type) return false;
  if (type === t.Import) return tokens[i + 1]?.tokenType === t.LeftCurly;
  if (type === t.Language) return tokens[i + 1]?.tokenType === t.NumberLiteral;
  const next = afterName.get(type);
  if (!next) return false;
  // Behind an operator on the same line, it is a value: `block = block` and then `expect {`.
  const before = tokens[i - 1];
  if (before && t.beforeOperand.has(before.tokenType) && before.endLine === tokens[i]?.startLine)
    return false;
  // At the start of the file's text or after a closing bracket, a damaged head still counts.
  const outside = i === 0 || tokens[i - 1]?.tokenType === t.RightCurly;
  const follower = tokens[i + 2]?.tokenType;
  if (isName(tokens[i + 1]) && follower && next.includes(follower)) return true;
  // `block[2] = residual` behind the brace of an `expect` is an attribute.
  return outside && tokens[i + 1]?.tokenType !== t.Equals && tokens[i + 1]?.tokenType !== t.LeftSquare;
}

/**
 * Cuts the tokens before each declaration. Declarations never nest, so a head is a head even where a
 * bracket before it was not closed.
 */
function declarationChunks(tokens: readonly IToken[]): IToken[][] {
  const chunks: IToken[][] = [];
  let current: IToken[] = [];
  for (const [i, token] of tokens.entries()) {
    if (current.length > 0 && beginsDeclaration(tokens, i)) {
      chunks.push(current);
      current = [];
    }
    current.push(token);
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

function reportJunk(reporter: Reporter, file: SourceFile, token: IToken): void {
  const span = spanOf(file, token);
  reporter.report(
    'syntax',
    span,
    {
      message: `expected a declaration (unet, block, param, import, training or ablation), found '${token.image}'`,
    },
    suggestionFor(token.image, span, didYouMean(token.image, declarationWords) ? declarationWords : []),
  );
}

function reportSyntax(
  reporter: Reporter,
  file: SourceFile,
  error: IRecognitionException,
  chunk: readonly IToken[],
): void {
  const last = chunk[chunk.length - 1];
  const atEnd = error.token.tokenType === EOF || !Number.isFinite(error.token.startOffset);
  // At the end nothing stands there to be underlined: point behind the last token.
  const span = atEnd
    ? { file, start: (last?.endOffset ?? 0) + 1, end: (last?.endOffset ?? 0) + 1 }
    : spanOf(file, error.token);
  const before = reporter.diagnostics.find((d) => d.span.start === span.start && d.span.file === file);
  if (!before) reporter.report('syntax', span, { message: error.message });
}

function deepestBracket(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0;
  for (const token of tokens) {
    if (
      token.tokenType === t.LeftCurly ||
      token.tokenType === t.LeftParen ||
      token.tokenType === t.LeftSquare
    ) {
      depth += 1;
      if (depth > NESTING_LIMIT) return token;
    } else if (
      token.tokenType === t.RightCurly ||
      token.tokenType === t.RightParen ||
      token.tokenType === t.RightSquare
    ) {
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

/** Chevrotain's inclusive ends become half-open spans here and nowhere else. */
function spanOf(file: SourceFile, token: IToken): Span {
  return { file, start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}
