import { EOF, type IRecognitionException, type IToken } from 'chevrotain';
import type { Note } from '../../src/diagnostics/diagnostic.js';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Span } from '../../src/diagnostics/span.js';
import * as t from './tokens.js';

export interface Explanation {
  readonly message: string;
  readonly span: Span;
  readonly help?: string;
  readonly notes?: readonly Note[];
}

/** One declaration's tokens, and whether the file ends behind them. */
export interface Chunk {
  readonly file: SourceFile;
  readonly tokens: readonly IToken[];
  readonly endsFile: boolean;
}

/** A token as a message shows it. */
export function shown(image: string): string {
  const short = image.length > 40 ? `${image.slice(0, 40)}...` : image;
  return `\`${short.replace(/\s+/g, ' ')}\``;
}

/** Where the error's token stands among the declaration's tokens; their number at the end. */
export function indexOfError(error: IRecognitionException, { tokens }: Chunk): number {
  const at = error.token.tokenType === EOF ? -1 : tokens.indexOf(error.token);
  return at < 0 ? tokens.length : at;
}

/** A parser's error in the words of the language: what was expected, after what, and what stands there. */
export function explain(error: IRecognitionException, chunk: Chunk): Explanation {
  const i = indexOfError(error, chunk);
  const { tokens } = chunk;
  const rule = error.context.ruleStack[error.context.ruleStack.length - 1] ?? '';
  const expected = tokens[i] ? error.message : error.message.replace(/^.* or (?=`}`$)/, '');
  return (
    leftover(error.message, i, rule, chunk) ??
    comparison(i, rule, chunk) ??
    closer(i, chunk) ??
    namedArgument(error.message, i, chunk) ??
    result(error.message, i, error.context.ruleStack, chunk) ?? {
      message: `expected ${expected}${afterWhat(expected, i, chunk)}, found ${foundAt(i, chunk)}`,
      span: placeOf(i, chunk),
      ...helpFor(expected, i, tokens),
      ...openedAt(expected, i, chunk),
    }
  );
}

/** A word behind a complete value, on its line: it is no attribute that lacks its `=`. */
function leftover(expected: string, i: number, rule: string, chunk: Chunk): Explanation | undefined {
  const word = chunk.tokens[i - 1];
  const value = chunk.tokens[i - 2];
  if (expected !== '`=`' || (rule !== 'attribute' && rule !== 'binding')) return undefined;
  if (
    !word ||
    !value ||
    !/^[A-Za-z_]/.test(word.image) ||
    !t.endsOperand.has(value.tokenType) ||
    value.endLine !== word.startLine
  ) {
    return undefined;
  }
  const span = spanOf(word, chunk);
  const after = `after ${shown(value.image)}`;
  if (word.image === 'x') {
    return { message: `expected a size after \`x\`, found ${foundAt(i, chunk)}`, span: behind(word, chunk) };
  }
  const message = `unexpected ${shown(word.image)} ${after}`;
  if (/^x\d/.test(word.image)) {
    return { message, span, help: 'write the `x` of a product with blanks on both sides, or without any' };
  }
  if (value.tokenType !== t.NumberToken) return { message, span };
  if (units.has(word.image)) {
    const written = shown(value.image + word.image);
    return { message, span, help: `a unit stands right behind its number: ${written}` };
  }
  if (value.endOffset !== word.startOffset - 1) return { message, span };
  return { message: `${shown(word.image)} is no unit`, span, help: 'the units are `um`, `mm` and `px`' };
}

const units = new Set(['um', 'µm', 'mm', 'px']);

/** `=` in a row, and a second comparison in one. */
function comparison(i: number, rule: string, chunk: Chunk): Explanation | undefined {
  const found = chunk.tokens[i];
  if (rule !== 'expectBlock' || !found) return undefined;
  const span = spanOf(found, chunk);
  if (found.tokenType === t.Equals) return { message: 'a row compares with `==`, found `=`', span };
  if (!t.comparisonSigns.has(found.tokenType)) return undefined;
  return { message: `a row holds one comparison, found a second ${shown(found.image)}`, span };
}

/** A closing bracket that nothing opened, or that belongs to another bracket. */
function closer(i: number, chunk: Chunk): Explanation | undefined {
  const found = chunk.tokens[i];
  const opening = found && openingOf.get(found.tokenType);
  if (!found || !opening) return undefined;
  const isOpen = openBrackets(i, chunk).some((one) => one.tokenType === opening);
  return isOpen ? undefined : { message: `${shown(found.image)} closes nothing`, span: spanOf(found, chunk) };
}

const openingOf = new Map([
  [t.RightParen, t.LeftParen],
  [t.RightSquare, t.LeftSquare],
  [t.RightCurly, t.LeftCurly],
]);

/** `f(a = 1)` */
function namedArgument(expected: string, i: number, chunk: Chunk): Explanation | undefined {
  const [before, name, sign] = chunk.tokens.slice(Math.max(0, i - 1), i + 2);
  const inCall = before?.tokenType === t.Comma || before?.tokenType === t.LeftParen;
  if (expected !== 'a value' || !inCall || !name || sign?.tokenType !== t.Equals) return undefined;
  if (before.endLine !== name.startLine) return undefined;
  return {
    message: `expected \`:\` after ${shown(name.image)}, found \`=\``,
    span: spanOf(sign, chunk),
    help: 'an argument is named with `:`',
  };
}

/** A block without its last line. */
function result(
  expected: string,
  i: number,
  rules: readonly string[],
  chunk: Chunk,
): Explanation | undefined {
  const before = chunk.tokens[i - 1];
  if (expected !== 'a value' || !rules.includes('blockDeclaration') || !before) return undefined;
  if (t.beforeOperand.has(before.tokenType)) return undefined;
  return {
    message: `expected the result of the block, found ${foundAt(i, chunk)}`,
    span: placeOf(i, chunk),
    help: 'the last line of a block is its result',
  };
}

function afterWhat(expected: string, i: number, chunk: Chunk): string {
  const { tokens, file } = chunk;
  const before = tokens[i - 1];
  if (!before || expected.endsWith('`}`') || expected === 'a declaration') return '';
  let from = i - 1;
  const assigns = before.tokenType === t.Equals || before.tokenType === t.Colon;
  if (assigns || t.comparisonSigns.has(before.tokenType)) {
    // The name with its levels: `skip[4] =`.
    from -= 1;
    if (tokens[from]?.tokenType === t.RightSquare) {
      while (from > 0 && tokens[from]?.tokenType !== t.LeftSquare) from -= 1;
      from -= 1;
    }
  }
  const text = file.text.slice(tokens[from]?.startOffset ?? before.startOffset, endOf(before));
  return ` after ${shown(text.length > 40 || text.includes('\n') ? before.image : text)}`;
}

function helpFor(expected: string, i: number, tokens: readonly IToken[]): { help?: string } {
  const [before, found, next] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (!found) return {};
  if (expected === '`=`' && (found.tokenType === t.EqualEqual || found.tokenType === t.Colon)) {
    return { help: 'an attribute is set with `=`' };
  }
  if (found.tokenType === t.Comma && expected.endsWith('`}`'))
    return { help: 'commas stand only in lists and between arguments' };
  if (found.tokenType === t.Greater && /^[=-]$/.test(before?.image ?? '')) {
    return { help: 'a pipeline is written with `->`' };
  }
  if (found.tokenType === t.Dot && next?.tokenType === t.NumberToken) {
    return { help: `write ${shown(`0.${next.image}`)}` };
  }
  if (expected === 'a name' && found.tokenType === t.NumberToken) {
    return { help: 'a name begins with a letter' };
  }
  if (expected === 'a string') return { help: 'write the path in double quotes' };
  return {};
}

/** For a closing bracket that is missing: where its opening one stands. */
function openedAt(expected: string, i: number, chunk: Chunk): { notes?: readonly Note[] } {
  const found = chunk.tokens[i];
  const closing = found ? /`[\])]`$/.test(expected) : /`[\])}]`$/.test(expected);
  const open = openBrackets(i, chunk).pop();
  if (!closing || !open || (found && found.startLine === open.startLine)) return {};
  return { notes: [{ message: `${shown(open.image)} is opened here`, span: spanOf(open, chunk) }] };
}

/** The brackets before a token that are still open, outermost first. */
function openBrackets(i: number, { tokens }: Chunk): IToken[] {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, i)) {
    if (t.openingBrackets.has(token.tokenType)) open.push(token);
    else if (t.closingBrackets.has(token.tokenType)) open.pop();
  }
  return open;
}

function foundAt(i: number, { tokens, endsFile }: Chunk): string {
  const found = tokens[i];
  if (found) return shown(found.image);
  return endsFile ? 'the end of the file' : 'the next declaration';
}

/** The token; but where the line before it is incomplete, the end of that line. */
function placeOf(i: number, chunk: Chunk): Span {
  const [before, found] = [chunk.tokens[i - 1], chunk.tokens[i]];
  if (found && before?.endLine === found.startLine) return spanOf(found, chunk);
  if (before) return behind(before, chunk);
  return found ? spanOf(found, chunk) : { file: chunk.file, start: 0, end: 0 };
}

function behind(token: IToken, { file }: Chunk): Span {
  return { file, start: endOf(token), end: endOf(token) };
}

function spanOf(token: IToken, { file }: Chunk): Span {
  return { file, start: token.startOffset, end: endOf(token) };
}

/** Chevrotain's ends are inclusive. */
function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset) + 1;
}
