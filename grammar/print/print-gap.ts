import * as t from '../parse/tokens.js';
import { indentedComment, type PrintedComment, type TextPieces } from './print-pieces.js';

/** Comments on lines of their own. */
export interface CommentLine {
  readonly blankBefore: boolean;
  readonly comments: readonly PrintedComment[];
}

/** What stands between two items, or between an item and a brace: comments, and semicolons that may go. */
export interface Gap {
  /** Comments that end the line of what stands before. */
  readonly trailing: readonly PrintedComment[];
  readonly lines: readonly CommentLine[];
  /** Comments that begin the line of the next item. */
  readonly leading: readonly PrintedComment[];
  /** A blank line right before the line of the next item. */
  readonly blankBefore: boolean;
  readonly hasSemicolon: boolean;
}

/** Sorts what stands between the tokens `before` and `after` (-1 and the number of tokens: the file's ends). */
export function gapBetween(pieces: TextPieces, before: number, after: number, afterIsItem: boolean): Gap {
  const { tokens, linesBefore, comments } = pieces;
  const trailing: PrintedComment[] = [];
  const lines: { blankBefore: boolean; comments: PrintedComment[] }[] = [];
  let hasSemicolon = false;
  // A semicolon leaves no line behind: the line ends around it count as those of what follows.
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

/** Comments in one line, at an indent. */
export function commentText(comments: readonly PrintedComment[], indent: number): string {
  return comments.map((one) => indentedComment(one.text, indent)).join(' ');
}
