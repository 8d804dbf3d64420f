import { type AstNode, type Comment, children, type SourceTree } from '../../grammar/ast.js';
import { contains, type Span } from '../diagnostics/span.js';

const NO_CODE = -1;

/**
 * Finds the part of a text that a comment covers. Only the tokens next to the comment count, and whether it has a line of
 * its own: the formatter keeps both.
 */
export class AllowScope {
  private readonly declarations: readonly Span[];
  private readonly declarationStarts: readonly number[];
  /** The longest part that begins at each offset, and the longest that ends at each offset. */
  private readonly from = new Map<number, Span>();
  private readonly to = new Map<number, Span>();
  /** The offsets where parts begin, in order. */
  private readonly starts: readonly number[];
  private readonly commentsTo: ReadonlyMap<number, Span>;
  /** The end of the code before a comment, by the offset where the comment begins. */
  private readonly codeEnds = new Map<number, number>();

  constructor(tree: SourceTree) {
    this.declarations = tree.declarations.map(({ span }) => span);
    this.declarationStarts = this.declarations.map(({ start }) => start);
    for (const span of allParts(tree)) {
      if (span.end > (this.from.get(span.start)?.end ?? -1)) this.from.set(span.start, span);
      if (span.start < (this.to.get(span.end)?.start ?? Number.POSITIVE_INFINITY))
        this.to.set(span.end, span);
    }
    this.starts = [...this.from.keys()].sort((a, b) => a - b);
    this.commentsTo = new Map(tree.comments.map(({ span }) => [span.end, span]));
  }

  /**
   * For a comment after code on the same line: the part that ends with that code, or the declaration that its `{` opens.
   * For any other comment: the part that follows, inside the declaration that contains the comment. Undefined if there is
   * no such part.
   */
  of({ span }: Comment): Span | undefined {
    const { start, end, file } = span;
    const around = this.declarations[countBelow(this.declarationStarts, start) - 1];
    const inside = around && contains(around, span) ? around : undefined;
    const codeEnd = belongsToNextCode(span) ? undefined : this.endOfCode(span);
    if (codeEnd !== undefined) {
      const before = file.text[codeEnd - 1] === '{' ? this.opened(codeEnd) : this.to.get(codeEnd);
      if (before) return before;
    }
    const next = this.from.get(this.starts[countBelow(this.starts, end)] ?? -1);
    return next && inside && !contains(inside, next) ? undefined : next;
  }

  /** The end of the code before a comment on its line, without commas, semicolons and other comments. */
  private endOfCode({ file, start }: Span): number | undefined {
    const lineStart = start - file.positionAt(start).character;
    let at = start;
    let found = at > lineStart ? undefined : NO_CODE;
    while (found === undefined) {
      const comment = this.commentsTo.get(at);
      if (comment) at = comment.start;
      else if (/[\s,;]/.test(file.text[at - 1] ?? '')) at -= 1;
      else found = at;
      // All comments of a row have the same code before them.
      found ??= at > lineStart ? comment && this.codeEnds.get(at) : NO_CODE;
    }
    this.codeEnds.set(start, found);
    return found === NO_CODE ? undefined : found;
  }

  /** The part whose `{` ends at an offset: the last part that begins before it and ends after it. */
  private opened(brace: number): Span | undefined {
    for (let i = countBelow(this.starts, brace) - 1; i >= 0; i -= 1) {
      const part = this.from.get(this.starts[i] ?? -1);
      if (part && part.end > brace) return part;
    }
    return undefined;
  }
}

/** Whether a comment of several lines ends on a line with code. It then belongs to that code. */
function belongsToNextCode({ file, start, end }: Span): boolean {
  return (
    /[\r\n]/.test(file.text.slice(start, end)) && /^[ \t]*[^ \t\r\n]/.test(file.text.slice(end, end + 1_000))
  );
}

/** How many of the sorted numbers are below a limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All parts of a file. */
function allParts(tree: SourceTree): readonly Span[] {
  const spans: Span[] = [];
  const pending: AstNode[] = [...children(tree)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    spans.push(node.span);
    for (const child of children(node)) pending.push(child);
  }
  return spans;
}
