import * as t from '../parse/tokens.js';
import { indentedComment, type PrintedComment, type TextPieces } from './print-pieces.js';

/** Comments on lines of their own. */
export interface CommentLine {
  readonly blankBefore: boolean;
  readonly comments: readonly PrintedComment[];
}

/** The text between two items, or between an item and a brace: comments, and semicolons that can be removed. */
export interface Gap {
  /** The comments at the end of the line before. */
  readonly trailing: readonly PrintedComment[];
  readonly lines: readonly CommentLine[];
  /** The comments at the beginning of the next item's line. */
  readonly leading: readonly PrintedComment[];
  /** Whether a blank line comes directly before the next item's line. */
  readonly blankBefore: boolean;
  readonly hasSemicolon: boolean;
}

/** Sorts the text between two tokens by index; -1 and the number of tokens are the ends of the file. */
export function gapBetween(pieces: TextPieces, before: number, after: number, afterIsItem: boolean): Gap {
  const { tokens, linesBefore, comments } = pieces;
  const trailing: PrintedComment[] = [];
  const lines: { blankBefore: boolean; comments: PrintedComment[] }[] = [];
  let hasSemicolon = false;
  // A removed semicolon leaves no line: the line ends around it count for the text that follows.
  let lineEnds = before < 0 ? 1 : 0;
  for (let i = before + 1; i <= after; i += 1) {
    for (const comment of comments[i] ?? []) {
      lineEnds = Math.max(lineEnds, comment.linesBefore);
      const line = lines[lines.length - 1];
      if (lineEnds > 0) lines.push({ blankBefore: lineEnds > 1, comments: [comment] });
      else if (line) line.comments.push(comment);
      else trailing.push(comment);
      lineEnds = 0;
    }
    lineEnds = Math.max(lineEnds, linesBefore[i] ?? 1);
    if (i < after && tokens[i]?.tokenType === t.Semicolon) hasSemicolon = true;
  }
  const sameLine = afterIsItem && lineEnds === 0;
  if (!sameLine) return { trailing, lines, leading: [], blankBefore: lineEnds > 1, hasSemicolon };
  const last = lines.pop();
  if (last) {
    return { trailing, lines, leading: last.comments, blankBefore: last.blankBefore, hasSemicolon };
  }
  return { trailing: [], lines, leading: trailing, blankBefore: false, hasSemicolon };
}

/** Comments on one line at an indent. */
export function commentText(comments: readonly PrintedComment[], indent: number): string {
  return comments.map((one) => indentedComment(one.text, indent)).join(' ');
}
