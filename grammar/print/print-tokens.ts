import type { IToken } from 'chevrotain';
import * as t from '../parse/tokens.js';
import type { Roles } from './print-items.js';
import { indentedComment, type PrintedComment, type TextPieces } from './print-pieces.js';

/** A run of tokens as text. */
export interface Run {
  readonly text: string;
  /** The offset of the given operator in the text. */
  readonly operatorAt?: number;
}

interface OpenBracket {
  /** The indent of the line with the bracket. */
  readonly lineIndent: number;
  readonly keepsBreaks: boolean;
  /** Whether a line ends directly after the bracket; the closing bracket then begins a line. */
  broken: boolean;
  /** Whether the current element begins a line; lines that continue it then have a deeper indent. */
  elementBeginsLine: boolean;
}

/**
 * Prints the tokens from `first` to `last` with the comments between them, but without those before the first token. The
 * text is for a line at `indent`, and does not contain that indent.
 */
export function printRun(
  pieces: TextPieces,
  roles: Roles,
  range: { first: number; last: number; operator?: number | undefined },
  indent: number,
): Run {
  const { tokens, linesBefore, comments } = pieces;
  const out: string[] = [];
  const open: OpenBracket[] = [];
  let length = 0;
  let lineIndent = indent;
  let atLineStart = false;
  let operatorAt: number | undefined;
  const emit = (text: string): void => {
    out.push(text);
    length += text.length;
    atLineStart = false;
  };
  const newLine = (at: number): void => {
    emit(`\n${' '.repeat(at)}`);
    lineIndent = at;
    atLineStart = true;
  };
  /** The indent of a line that begins between two tokens. */
  const indentBetween = (before: IToken, after: IToken, isComment: boolean): number => {
    const top = open[open.length - 1];
    if (!top) return indent + 2;
    const closing = t.closingBrackets.has(after.tokenType);
    if (closing && !isComment) return top.lineIndent;
    if (closing || beginsElement(before)) return top.lineIndent + 2;
    return top.lineIndent + (top.elementBeginsLine ? 4 : 2);
  };

  for (let i = range.first; i <= range.last; i += 1) {
    const token = tokens[i];
    if (!token) break;
    const before = i === range.first ? undefined : tokens[i - 1];
    if (before) {
      const top = open[open.length - 1];
      const here = comments[i] ?? [];
      if (top && beginsElement(before)) top.elementBeginsLine = false;
      let previous: PrintedComment | undefined;
      for (const comment of here) {
        if (comment.linesBefore > 0 || previous?.toLineEnd) newLine(indentBetween(before, token, true));
        else if (previous || comment.toLineEnd || !opensTightly(before)) emit(' ');
        if (top && beginsElement(before) && atLineStart) noteBreak(top, before);
        emit(indentedComment(comment.text, lineIndent));
        previous = comment;
      }
      const closing = t.closingBrackets.has(token.tokenType);
      const written = (linesBefore[i] ?? 0) > 0;
      const kept =
        token.tokenType === t.ArrowToken || (top?.keepsBreaks && beginsElement(before) && !closing);
      const ownLine = previous !== undefined && previous.linesBefore > 0;
      if (previous?.toLineEnd || (closing && top?.broken) || (written && (kept || ownLine))) {
        newLine(indentBetween(before, token, false));
        if (top && beginsElement(before)) noteBreak(top, before);
      } else if (previous ? !closesTightly(token) : isSpaced(i)) {
        emit(' ');
      }
    }
    if (i === range.operator) operatorAt = length;
    if (t.closingBrackets.has(token.tokenType)) open.pop();
    emit(imageOf(i));
    if (t.openingBrackets.has(token.tokenType)) {
      open.push({
        lineIndent,
        keepsBreaks: roles.breakable.has(i),
        broken: false,
        elementBeginsLine: false,
      });
    }
  }
  return { text: out.join(''), ...(operatorAt === undefined ? {} : { operatorAt }) };

  /** Whether a blank separates the tokens i - 1 and i if no comment does. */
  function isSpaced(i: number): boolean {
    const before = tokens[i - 1];
    const after = tokens[i];
    if (!before || !after || opensTightly(before) || closesTightly(after)) return false;
    if (before.tokenType === t.LeftCurly && after.tokenType === t.RightCurly) return false;
    if (unspaced.has(before.tokenType) || unspaced.has(after.tokenType)) return false;
    if (roles.unary.has(i - 1) || roles.attached.has(i)) return false;
    return !roles.tight.has(i - 1) && !roles.tight.has(i);
  }

  /** The text of a token: `x` for `×` between two numbers, or else as it is written. */
  function imageOf(i: number): string {
    const image = tokens[i]?.image ?? '';
    if (image !== '×' || comments[i]?.length || comments[i + 1]?.length) return image;
    const numbers = [tokens[i - 1], tokens[i + 1]].every((one) => one?.tokenType === t.NumberToken);
    return numbers ? 'x' : image;
  }
}

const unspaced = new Set([t.Dot, t.DotDot, t.Caret]);
const tightBefore = new Set([t.RightParen, t.RightSquare, t.Comma, t.Colon, t.Semicolon]);

function opensTightly(token: IToken): boolean {
  return token.tokenType === t.LeftParen || token.tokenType === t.LeftSquare;
}

function closesTightly(token: IToken): boolean {
  return tightBefore.has(token.tokenType);
}

/** Whether an element of a list or an argument follows a token. */
function beginsElement(token: IToken): boolean {
  return token.tokenType === t.Comma || t.openingBrackets.has(token.tokenType);
}

function noteBreak(bracket: OpenBracket, before: IToken): void {
  bracket.elementBeginsLine = true;
  if (t.openingBrackets.has(before.tokenType)) bracket.broken = true;
}
