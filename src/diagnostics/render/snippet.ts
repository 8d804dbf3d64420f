import type { Span } from '../span.js';
import { type TextCell, textCellsOf, widthOfCells } from './text-cells.js';

/** The colours of the parts of a snippet. */
export interface SnippetPaint {
  readonly gutter: (text: string) => string;
  readonly mark: (text: string) => string;
}

const CUT = '...';

/**
 * The lines of a span, each with its number in a gutter, and the span underlined with `mark`. For a span of several lines,
 * only the first and the last line. Lines wider than `width` columns are cut around the span.
 */
export function snippet(span: Span, mark: '^' | '-', width: number, paint: SnippetPaint): readonly string[] {
  const { file } = span;
  const first = file.positionAt(span.start);
  const last = file.positionAt(Math.max(span.start, span.end));
  // A span that ends at the beginning of a line does not show that line.
  const endsBefore = last.line > first.line && last.character === 0;
  const lastLine = endsBefore ? last.line - 1 : last.line;
  const digits = String(lastLine + 1).length;
  const room = Math.max(20, width - digits - 3);
  const empty = paint.gutter(`${' '.repeat(digits)} |`);
  const lines: string[] = [empty];
  const show = (line: number, from: number, to: number): void => {
    const { source, underline } = underlined(file.lineText(line), from, to, mark, room);
    lines.push(`${paint.gutter(`${String(line + 1).padStart(digits)} |`)} ${source}`.trimEnd());
    lines.push(`${empty} ${paint.mark(underline)}`);
  };
  const whole = Number.POSITIVE_INFINITY;
  show(first.line, first.character, last.line > first.line ? whole : last.character);
  if (lastLine > first.line) {
    if (lastLine > first.line + 1) lines.push(paint.gutter(CUT));
    const text = file.lineText(lastLine);
    const indent = text.length - text.trimStart().length;
    show(lastLine, indent, endsBefore ? whole : last.character);
  }
  return lines;
}

/** A line, and the marks below its offsets from `from` to `to`: at least one mark. */
function underlined(
  line: string,
  from: number,
  to: number,
  mark: string,
  room: number,
): { readonly source: string; readonly underline: string } {
  const text = line.trimEnd();
  const end = Math.max(from + 1, Math.min(to, text.length));
  // Only the surroundings of the span are processed, since a line can be very long.
  const near = Math.max(0, from - 2 * room);
  const cells = textCellsOf(text.slice(near, from + 4 * room), near);
  const shown = windowOf(cells, from, end, room, near > 0, from + 4 * room < text.length);
  let indent = shown.before.length;
  let marks = 0;
  for (const cell of shown.cells) {
    if (cell.end <= from) indent += cell.width;
    else if (cell.start < end) marks += cell.width;
  }
  return {
    source: shown.before + shown.cells.map((cell) => cell.text).join('') + shown.after,
    underline: ' '.repeat(indent) + mark.repeat(Math.max(1, marks)),
  };
}

interface Window {
  readonly cells: readonly TextCell[];
  readonly before: string;
  readonly after: string;
}

/** As many cells as fit, including some before the span. */
function windowOf(
  cells: readonly TextCell[],
  from: number,
  to: number,
  room: number,
  moreBefore: boolean,
  moreAfter: boolean,
): Window {
  if (!moreBefore && !moreAfter && widthOfCells(cells) <= room) return { cells, before: '', after: '' };
  const space = room - 2 * CUT.length;
  const target = cells.findIndex((cell) => cell.end > from);
  let first = target < 0 ? cells.length : target;
  const covered = widthOfCells(cells.slice(first).filter((cell) => cell.start < to));
  // The span takes precedence. A third of the remaining space is for the text before it.
  let left = Math.max(0, Math.floor((space - Math.min(covered, space)) / 3));
  if (target < 0) left = space;
  while (first > 0 && (cells[first - 1]?.width ?? 0) <= left) {
    first -= 1;
    left -= cells[first]?.width ?? 0;
  }
  let last = first;
  let used = 0;
  while (last < cells.length && used + (cells[last]?.width ?? 0) <= space) {
    used += cells[last]?.width ?? 0;
    last += 1;
  }
  return {
    cells: cells.slice(first, last),
    before: first > 0 || moreBefore ? CUT : '',
    after: last < cells.length || moreAfter ? CUT : '',
  };
}
