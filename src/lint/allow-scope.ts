import { type AstNode, type Comment, children, type SourceTree } from '../../grammar/ast.js';
import { contains, type Span } from '../diagnostics/span.js';

const NO_CODE = -1;

/**
 * Finds what a comment of a text is for. Only the tokens beside it count, and whether it has a line of its own: the
 * format keeps both.
 */
export class AllowScope {
  private readonly declarations: readonly Span[];
  private readonly declarationStarts: readonly number[];
  /** The longest part of the text from each place where one begins, and to each where one ends. */
  private readonly from = new Map<number, Span>();
  private readonly to = new Map<number, Span>();
  /** The places where parts begin, in order. */
  private readonly starts: readonly number[];
  private readonly commentsTo: ReadonlyMap<number, Span>;
  /** Where the code before a comment ends, by the comment's beginning. */
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
   * Behind code on the same line the part that ends there, or the declaration whose `{` it is; else the part that
   * follows, inside of the declaration where the comment stands in one. Undefined where there is nothing.
   */
  of({ span }: Comment): Span | undefined {
    const { start, end, file } = span;
    const around = this.declarations[countBelow(this.declarationStarts, start) - 1];
    const inside = around && contains(around, span) ? around : undefined;
    const behind = leadsOn(span) ? undefined : this.endOfCode(span);
    if (behind !== undefined) {
      const before = file.text[behind - 1] === '{' ? this.opened(behind) : this.to.get(behind);
      if (before) return before;
    }
    const next = this.from.get(this.starts[countBelow(this.starts, end)] ?? -1);
    return next && inside && !contains(inside, next) ? undefined : next;
  }

  /** Where the code before a comment ends, without commas, semicolons and other comments; only of the same line. */
  private endOfCode({ file, start }: Span): number | undefined {
    const lineStart = start - file.positionAt(start).character;
    let at = start;
    let found = at > lineStart ? undefined : NO_CODE;
    while (found === undefined) {
      const comment = this.commentsTo.get(at);
      if (comment) at = comment.start;
      else if (/[\s,;]/.test(file.text[at - 1] ?? '')) at -= 1;
      else found = at;
      // Of a row of comments each has the same code before it.
      found ??= at > lineStart ? comment && this.codeEnds.get(at) : NO_CODE;
    }
    this.codeEnds.set(start, found);
    return found === NO_CODE ? undefined : found;
  }

  /** The part whose `{` ends at a place: the last to begin before it that goes on behind it. */
  private opened(brace: number): Span | undefined {
    for (let i = countBelow(this.starts, brace) - 1; i >= 0; i -= 1) {
      const part = this.from.get(this.starts[i] ?? -1);
      if (part && part.end > brace) return part;
    }
    return undefined;
  }
}

/** Whether a comment over several lines ends on a line with code, which it then belongs to. */
function leadsOn({ file, start, end }: Span): boolean {
  return (
    /[\r\n]/.test(file.text.slice(start, end)) && /^[ \t]*[^ \t\r\n]/.test(file.text.slice(end, end + 1_000))
  );
}

/** How many of the numbers, which are in order, are below another. */
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

/** Every part of a text below the file itself. */
function allParts(tree: SourceTree): readonly Span[] {
  const spans: Span[] = [];
  const pending: AstNode[] = [...children(tree)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    spans.push(node.span);
    for (const child of children(node)) pending.push(child);
  }
  return spans;
}
