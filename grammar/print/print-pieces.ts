import type { IToken } from 'chevrotain';
import * as t from '../parse/tokens.js';

/** A comment as it is printed, with the number of line ends before it: 0, 1, or 2 for more. */
export interface PrintedComment {
  readonly text: string;
  /** Whether it ends its line: `// ...`. */
  readonly toLineEnd: boolean;
  readonly linesBefore: number;
}

/** Everything in a text except its white space. */
export interface TextPieces {
  readonly tokens: readonly IToken[];
  /** For each token, the number of line ends before it, up to the last token or comment: 0, 1, or 2 for more. */
  readonly linesBefore: readonly number[];
  /** For each token, the comments directly before it. A last entry has those at the end of the file. */
  readonly comments: readonly (readonly PrintedComment[])[];
}

/** Reads the tokens and comments of a text without errors. */
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

/** The offset after a token. */
export function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset) + 1;
}

function lineEnds(blanks: string): number {
  const first = blanks.search(/[\r\n]/);
  if (first < 0) return 0;
  const rest = blanks.slice(first + (blanks.startsWith('\r\n', first) ? 2 : 1));
  return /[\r\n]/.test(rest) ? 2 : 1;
}

/** The text with LF line ends and without blanks at the ends of lines. */
function printedText(image: string): string {
  return image
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * A comment of several lines at an indent. If all of its lines begin with a star, the stars are aligned. Other comments can
 * contain a table or a drawing, so they stay as they are.
 */
export function indentedComment(text: string, indent: number): string {
  const [first = '', ...rest] = text.split('\n');
  if (!rest.every((line) => line.trimStart().startsWith('*'))) return text;
  return [first, ...rest.map((line) => `${' '.repeat(indent + 1)}${line.trimStart()}`)].join('\n');
}
