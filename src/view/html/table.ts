import { escapeHtml } from './escape.js';

/** A cell: its HTML, and the number that it is sorted by, where it has one. */
export type SortableCell =
  | string
  | number
  | undefined
  | { readonly html: string; readonly sortBy?: number | undefined };

export interface SortableColumn {
  readonly name: string;
  /** Numbers stand at the right, with so many decimals. */
  readonly decimals?: number;
}

export interface SortableTable {
  /** An id of the page that no other element has. */
  readonly id: string;
  /** What the table lists, for readers who do not see it. */
  readonly caption: string;
  readonly columns: readonly SortableColumn[];
  /** A cell for each column; texts are escaped, `html` is not. The first cell names its row. */
  readonly rows: readonly (readonly SortableCell[])[];
  /** Whether there is a field that filters the rows; true when left out. */
  readonly isFiltered?: boolean;
}

function cellHtml(cell: SortableCell, { decimals }: SortableColumn, isHead: boolean): string {
  const [tag, scope] = isHead ? ['th', ' scope="row"'] : ['td', ''];
  const side = decimals === undefined ? '' : ' class="number"';
  if (typeof cell === 'number') {
    const text = Number.isFinite(cell) ? cell.toFixed(decimals ?? 0) : String(cell);
    const key = Number.isNaN(cell) ? '' : ` data-number="${cell}"`;
    return `<${tag}${scope}${side}${key}>${text}</${tag}>`;
  }
  if (typeof cell === 'object') {
    const key = cell.sortBy === undefined ? '' : ` data-number="${cell.sortBy}"`;
    return `<${tag}${scope}${side}${key}>${cell.html}</${tag}>`;
  }
  return `<${tag}${scope}${side}>${cell === undefined ? '&ndash;' : escapeHtml(cell)}</${tag}>`;
}

/**
 * A table as HTML. With the script `view-table`, a click on the head of a column sorts by it, and the field above it
 * leaves only the rows with all its words.
 */
export function sortableTable({ id, caption, columns, rows, isFiltered = true }: SortableTable): string {
  const heads = columns.map(
    ({ name, decimals }) =>
      `<th scope="col"${decimals === undefined ? '' : ' class="number"'}><button type="button">${escapeHtml(name)}</button></th>`,
  );
  const lines = rows.map(
    (row) => `<tr>${columns.map((column, i) => cellHtml(row[i], column, i === 0)).join('')}</tr>`,
  );
  const filter = [
    '<div class="table-tools">',
    `<label for="${id}-filter">Filter <input id="${id}-filter" type="search" data-filters="${id}" autocomplete="off"></label>`,
    `<span id="${id}-count" role="status">${rows.length} rows</span>`,
    '</div>',
  ];
  return [
    ...(isFiltered ? filter : []),
    // A region that scrolls has to be reached by keys.
    `<div class="table-scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}">`,
    `<table id="${id}" data-sortable><thead><tr>${heads.join('')}</tr></thead>`,
    `<tbody>\n${lines.join('\n')}\n</tbody></table>`,
    '</div>',
  ].join('\n');
}
