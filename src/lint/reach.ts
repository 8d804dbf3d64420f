import { type AstNode, type Comment, children, type SourceTree } from '../../grammar/ast.js';
import { contains, type Span } from '../source/span.js';

/** Finds what a comment of a text is for. */
export class Reach {
  /** Every part of the text, in the order in which they begin. */
  private readonly parts: readonly Span[];
  private readonly declarations: readonly Span[];

  constructor(tree: SourceTree) {
    this.declarations = tree.declarations.map(({ span }) => span);
    this.parts = allParts(tree).sort((a, b) => a.start - b.start);
  }

  /**
   * What begins on the comment's line before it, or a declaration that ends there; else what begins on the next line
   * that has anything, of the same declaration where the comment stands in one. Undefined where there is nothing.
   */
  of({ span }: Comment): Span | undefined {
    const { start, end, file } = span;
    const lineStart = start - file.positionAt(start).character;
    const before = this.beginningIn(lineStart, start);
    if (before) return before;
    const around = this.declarations[countBelow(this.declarations, start) - 1];
    if (around && around.end <= start && around.end > lineStart) return around;
    const next = this.parts[countBelow(this.parts, end)];
    if (!next || (around && contains(around, span) && !contains(around, next))) return undefined;
    const { line } = file.positionAt(next.start);
    const { length } = file.lineText(line);
    const lineEnd = next.start - file.positionAt(next.start).character + length;
    return this.beginningIn(next.start, lineEnd);
  }

  /** From the first part that begins in a range to the end of the last of them to end. */
  private beginningIn(from: number, to: number): Span | undefined {
    const parts = this.parts.slice(countBelow(this.parts, from), countBelow(this.parts, to));
    const [first] = parts;
    return first && { ...first, end: parts.reduce((last, { end }) => Math.max(last, end), first.end) };
  }
}

/** How many of the spans, which are in order, begin before an offset. */
function countBelow(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every part of a text below the file itself. */
function allParts(tree: SourceTree): Span[] {
  const spans: Span[] = [];
  const pending: AstNode[] = [...children(tree)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    spans.push(node.span);
    for (const child of children(node)) pending.push(child);
  }
  return spans;
}
