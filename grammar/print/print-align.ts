import type { AstNode } from '../ast.js';

/** A line of a body, or several lines for an item that is broken. */
export interface Row {
  text: string;
  blankBefore: boolean;
  /** The comment `// ...` at its end. */
  note?: string;
  /** The kind of the item; undefined for a comment. */
  readonly kind?: AstNode['kind'];
  /** The offset of the `=` or of the comparison in the text. */
  readonly operatorAt?: number;
}

/** A longer left side is not aligned: it would move all others to the right. */
const WIDEST_LEFT = 40;
/** A comment after a longer text is not aligned. */
const WIDEST_TEXT = 100;

/**
 * Aligns the operators, and the comments at the ends of lines. A group ends at a blank line, at a comment on its own line
 * and at an item of several lines. Within a group, the operators of neighbouring items of one kind are aligned.
 */
export function alignRows(rows: readonly Row[]): void {
  let group: Row[] = [];
  const finish = (): void => {
    alignOperators(group);
    alignNotes(group);
    group = [];
  };
  for (const row of rows) {
    const single = row.kind !== undefined && !row.text.includes('\n');
    if (row.blankBefore || !single) finish();
    if (single) group.push(row);
  }
  finish();
}

function alignOperators(group: readonly Row[]): void {
  for (let start = 0; start < group.length; ) {
    let end = start + 1;
    while (end < group.length && group[end]?.kind === group[start]?.kind) end += 1;
    const rows = group.slice(start, end).filter((row) => (row.operatorAt ?? Infinity) <= WIDEST_LEFT);
    const column = rows.reduce((widest, row) => Math.max(widest, row.operatorAt ?? 0), 0);
    for (const row of rows) {
      const at = row.operatorAt ?? 0;
      row.text = row.text.slice(0, at) + ' '.repeat(column - at) + row.text.slice(at);
    }
    start = end;
  }
}

function alignNotes(group: readonly Row[]): void {
  const rows = group.filter((row) => row.note !== undefined && row.text.length <= WIDEST_TEXT);
  const column = rows.reduce((widest, row) => Math.max(widest, row.text.length), 0);
  for (const row of rows) row.text = row.text.padEnd(column);
}
