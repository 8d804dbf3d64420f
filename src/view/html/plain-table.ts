import { escapeHtml } from './escape.js';

export interface PlainTable {
  /** What the table lists, for readers who do not see it. */
  readonly caption: string;
  readonly heads: readonly string[];
  /** HTML of each cell; the first one names its row, and the others are numbers. */
  readonly rows: readonly (readonly string[])[];
}

/** A table as HTML that cannot be sorted, such as a matrix. */
export function plainTable({ caption, heads, rows }: PlainTable): string {
  const head = heads.map(
    (text, i) => `<th scope="col"${i === 0 ? '' : ' class="number"'}>${escapeHtml(text)}</th>`,
  );
  const lines = rows.map(([name = '', ...cells]) => {
    const values = cells.map((cell) => `<td class="number">${cell}</td>`);
    return `<tr><th scope="row">${name}</th>${values.join('')}</tr>`;
  });
  return [
    // A region that scrolls has to be reached by keys.
    `<div class="table-scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}">`,
    `<table><thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>\n${lines.join('\n')}\n</tbody></table>`,
    '</div>',
  ].join('\n');
}
