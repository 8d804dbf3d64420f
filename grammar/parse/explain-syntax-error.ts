import { EOF, type IRecognitionException, type IToken } from 'chevrotain';
import type { Expected, Found, ShownToken, SyntaxProblem } from '../../src/diagnostics/codes/spec/syntax.js';
import type { Note } from '../../src/diagnostics/diagnostic.js';
import type { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Span } from '../../src/diagnostics/span.js';
import { expectedOf } from './syntax-errors.js';
import * as t from './tokens.js';

export interface Explanation {
  readonly problem: SyntaxProblem;
  readonly span: Span;
  readonly help?: string;
  readonly notes?: readonly Note[];
}

/** The tokens of one declaration. */
export interface Chunk {
  readonly file: SourceFile;
  readonly tokens: readonly IToken[];
  /** Whether the file ends after these tokens. */
  readonly endsFile: boolean;
}

/** A token as a message shows it. */
export function shown(image: string): ShownToken {
  const short = image.length > 40 ? `${image.slice(0, 40)}...` : image;
  return `\`${short.replace(/\s+/g, ' ')}\``;
}

/** The index of an error's token among the tokens of the declaration; their number for an error after the last one. */
export function indexOfError(error: IRecognitionException, { tokens }: Chunk): number {
  const at = error.token.tokenType === EOF ? -1 : tokens.indexOf(error.token);
  return at < 0 ? tokens.length : at;
}

/** Says an error of the parser in the terms of the language: what it expected, after what, and what it found. */
export function explain(error: IRecognitionException, chunk: Chunk): Explanation {
  const i = indexOfError(error, chunk);
  const { tokens } = chunk;
  const { ruleStack } = error.context;
  const rule = ruleStack[ruleStack.length - 1] ?? '';
  const anything = expectedOf(error);
  // At the end of a declaration, only its brace is missing.
  const expected = !tokens[i] && endsBody(anything) ? '`}`' : anything;
  const after = afterWhat(expected, i, chunk);
  const found = foundAt(i, chunk);
  return (
    leftover(expected, i, rule, chunk) ??
    comparison(i, rule, chunk) ??
    closer(i, chunk) ??
    namedArgument(expected, i, chunk) ??
    result(expected, i, ruleStack, chunk) ?? {
      problem: { problem: 'expected', expected, ...(after ? { after } : {}), found },
      span: placeOf(i, chunk),
      ...helpFor(expected, i, tokens),
      ...openedAt(expected, i, chunk),
    }
  );
}

/** Whether the brace that ends a body is expected, alone or among others. */
function endsBody(expected: Expected): boolean {
  switch (expected) {
    case '`}`':
    case '`,` or `}`':
    case 'network item':
    case 'expect row':
    case 'attribute':
    case 'ablation item':
    case 'rest of block':
      return true;
    default:
      return false;
  }
}

/** A word after a complete value on the same line. It is not an attribute that lacks its `=`. */
function leftover(expected: Expected, i: number, rule: string, chunk: Chunk): Explanation | undefined {
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
  const token = shown(word.image);
  if (word.image === 'x') {
    const found = foundAt(i, chunk);
    return {
      problem: { problem: 'expected', expected: 'size', after: token, found },
      span: behind(word, chunk),
    };
  }
  const unexpected: Explanation = {
    problem: { problem: 'unexpected', token, after: shown(value.image) },
    span,
  };
  if (/^x\d/.test(word.image)) {
    const help = 'put blanks on both sides of the `x` of a product, or on neither';
    return { ...unexpected, help };
  }
  if (value.tokenType !== t.NumberToken) return unexpected;
  if (units.has(word.image)) {
    const help = `a unit directly follows its number: ${shown(value.image + word.image)}`;
    return { ...unexpected, help };
  }
  if (value.endOffset !== word.startOffset - 1) return unexpected;
  return { problem: { problem: 'not-a-unit', token }, span, help: 'the units are `um`, `mm` and `px`' };
}

const units = new Set(['um', 'µm', 'mm', 'px']);

/** `=` in a row of `expect`, or a second comparison. */
function comparison(i: number, rule: string, chunk: Chunk): Explanation | undefined {
  const found = chunk.tokens[i];
  if (rule !== 'expectBlock' || !found) return undefined;
  const span = spanOf(found, chunk);
  if (found.tokenType === t.Equals) return { problem: { problem: 'assignment-in-row' }, span };
  if (!t.comparisonSigns.has(found.tokenType)) return undefined;
  return { problem: { problem: 'second-comparison', token: shown(found.image) }, span };
}

/** A closing bracket without an opening bracket of its kind. */
function closer(i: number, chunk: Chunk): Explanation | undefined {
  const found = chunk.tokens[i];
  const opening = found && openingOf.get(found.tokenType);
  if (!found || !opening) return undefined;
  const isOpen = openBrackets(i, chunk).some((one) => one.tokenType === opening);
  if (isOpen) return undefined;
  return { problem: { problem: 'closes-nothing', token: shown(found.image) }, span: spanOf(found, chunk) };
}

const openingOf = new Map([
  [t.RightParen, t.LeftParen],
  [t.RightSquare, t.LeftSquare],
  [t.RightCurly, t.LeftCurly],
]);

/** `f(a = 1)` */
function namedArgument(expected: Expected, i: number, chunk: Chunk): Explanation | undefined {
  const [before, name, sign] = chunk.tokens.slice(Math.max(0, i - 1), i + 2);
  const inCall = before?.tokenType === t.Comma || before?.tokenType === t.LeftParen;
  if (expected !== 'value' || !inCall || !name || sign?.tokenType !== t.Equals) return undefined;
  if (before.endLine !== name.startLine) return undefined;
  return {
    problem: { problem: 'expected', expected: '`:`', after: shown(name.image), found: '`=`' },
    span: spanOf(sign, chunk),
    help: 'write the name of an argument with `:`',
  };
}

/** A block without its last line. */
function result(
  expected: Expected,
  i: number,
  rules: readonly string[],
  chunk: Chunk,
): Explanation | undefined {
  const before = chunk.tokens[i - 1];
  if (expected !== 'value' || !rules.includes('blockDeclaration') || !before) return undefined;
  if (t.beforeOperand.has(before.tokenType)) return undefined;
  return {
    problem: { problem: 'expected', expected: 'result', found: foundAt(i, chunk) },
    span: placeOf(i, chunk),
    help: 'the last line of a block is its result',
  };
}

/** The text before an error: the last token, or a name with its levels and its `=`. */
function afterWhat(expected: Expected, i: number, chunk: Chunk): ShownToken | undefined {
  const { tokens, file } = chunk;
  const before = tokens[i - 1];
  if (!before || endsBody(expected) || expected === 'declaration') return undefined;
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
  return shown(text.length > 40 || text.includes('\n') ? before.image : text);
}

function helpFor(expected: Expected, i: number, tokens: readonly IToken[]): { help?: string } {
  const [before, found, next] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (!found) return {};
  if (expected === '`=`' && (found.tokenType === t.EqualEqual || found.tokenType === t.Colon)) {
    return { help: 'set an attribute with `=`' };
  }
  if (found.tokenType === t.Comma && endsBody(expected)) {
    return { help: 'commas separate only items of a list and arguments' };
  }
  if (found.tokenType === t.Greater && /^[=-]$/.test(before?.image ?? '')) {
    return { help: 'write a pipeline with `->`' };
  }
  if (found.tokenType === t.Dot && next?.tokenType === t.NumberToken) {
    return { help: `write ${shown(`0.${next.image}`)}` };
  }
  if (expected === 'name' && found.tokenType === t.NumberToken) {
    return { help: 'a name begins with a letter' };
  }
  if (expected === 'string') return { help: 'write the path in double quotes' };
  return {};
}

/** A note at the opening bracket, if its closing bracket is missing. */
function openedAt(expected: Expected, i: number, chunk: Chunk): { notes?: readonly Note[] } {
  const found = chunk.tokens[i];
  const closing = found ? /`[\])]`$/.test(expected) : /`[\])}]`$/.test(expected);
  const open = openBrackets(i, chunk).pop();
  if (!closing || !open || (found && found.startLine === open.startLine)) return {};
  return { notes: [{ message: `${shown(open.image)} is opened here`, span: spanOf(open, chunk) }] };
}

/** The brackets that are open before a token, the outermost first. */
function openBrackets(i: number, { tokens }: Chunk): IToken[] {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, i)) {
    if (t.openingBrackets.has(token.tokenType)) open.push(token);
    else if (t.closingBrackets.has(token.tokenType)) open.pop();
  }
  return open;
}

function foundAt(i: number, { tokens, endsFile }: Chunk): Found {
  const found = tokens[i];
  if (found) return shown(found.image);
  return endsFile ? 'the end of the file' : 'the next declaration';
}

/** The span of an error: its token, or the end of the line before if that line is incomplete. */
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

/** The offset after a token: Chevrotain's ends are inclusive. */
function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset) + 1;
}
