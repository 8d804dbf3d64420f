import Table from 'cli-table3';

/** The forms of a table. */
export const tableFormats = ['text', 'markdown', 'csv'] as const;
export type TableFormat = (typeof tableFormats)[number];

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Rows under columns, aligned for a terminal, as Markdown, or as CSV (RFC 4180). */
export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  format: TableFormat,
): string {
  switch (format) {
    case 'text':
      return terminalTable(columns, rows);
    case 'markdown': {
      const line = (cells: readonly string[]) =>
        `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
      const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
      return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n');
    }
    case 'csv': {
      const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      return [columns.map(({ title }) => title), ...rows].map((row) => row.map(cell).join(',')).join('\n');
    }
    default:
      return format satisfies never;
  }
}

function terminalTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  const chars = {
    ...none,
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align),
    chars,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
