/** A cell that is wider than this does not widen its column. */
const LIMIT = 70;

/** Rows as lines of text, in columns that are aligned over all rows and two blanks apart. */
export function alignedText(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[] = [],
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, { length }] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, length <= LIMIT ? length : 0);
    }
  }
  const padded = (cell: string, i: number) =>
    aligns[i] === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
