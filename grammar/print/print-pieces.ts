import type { IToken } from 'chevrotain';
import * as t from '../parse/tokens.js';

/** A comment as it will be printed, and how many line ends (0, 1, or 2 for more) stand before it. */
export interface PrintedComment {
  readonly text: string;
  /** `// ...`: nothing can follow it on its line. */
  readonly toLineEnd: boolean;
  readonly linesBefore: number;
}

/** All that a text consists of, besides its white space. */
export interface TextPieces {
  readonly tokens: readonly IToken[];
  /** For each token, the line ends between it and the token or comment before it (0, 1, or 2 for more). */
  readonly linesBefore: readonly number[];
  /** For each token the comments right before it; a last entry has those at the end of the file. */
  readonly comments: readonly (readonly PrintedComment[])[];
}

/** Reads the tokens of a text without errors, with its comments between them. */
export function piecesOf(text: string): TextPieces {
  const lexed = t.unetLexer().tokenize(text);
  const pending = lexed.groups.comments ?? [];
  const linesBefore: number[] = [];
  const comments: PrintedComment[][] = [];
  let end = 0;
  let next = 0;
  const linesTo = (token: IToken): number => {
    const lines = lineEnds(text.slice(end, token.startOffset));
    end = endOf(token);
    return lines;
  };
  const commentsBefore = (offset: number): PrintedComment[] => {
    const here: PrintedComment[] = [];
    for (let one = pending[next]; one && one.startOffset < offset; one = pending[next]) {
      here.push({
        text: printedText(one.image),
        toLineEnd: one.tokenType === t.LineComment,
        linesBefore: linesTo(one),
      });
      next += 1;
    }
    return here;
  };
  for (const token of lexed.tokens) {
    comments.push(commentsBefore(token.startOffset));
    linesBefore.push(linesTo(token));
  }
  comments.push(commentsBefore(Number.POSITIVE_INFINITY));
  return { tokens: lexed.tokens, linesBefore, comments };
}

/** The offset behind a token. */
export function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset) + 1;
}

function lineEnds(blanks: string): number {
  const first = blanks.search(/[\r\n]/);
  if (first < 0) return 0;
  const rest = blanks.slice(first + (blanks.startsWith('\r\n', first) ? 2 : 1));
  return /[\r\n]/.test(rest) ? 2 : 1;
}

/** With LF ends and without blanks at the ends of lines. */
function printedText(image: string): string {
  return image
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * A comment of several lines at an indent. Where each of its lines begins with a star, the stars are put
 * below each other; other comments may hold a table or a drawing and stay as they are.
 */
export function indentedComment(text: string, indent: number): string {
  const [first = '', ...rest] = text.split('\n');
  if (!rest.every((line) => line.trimStart().startsWith('*'))) return text;
  return [first, ...rest.map((line) => `${' '.repeat(indent + 1)}${line.trimStart()}`)].join('\n');
}
