import { allElements } from './elements.js';

/** The text or, where the cell has one, the number by which a row is sorted. */
function keyOf(row: HTMLTableRowElement, column: number): string | number {
  const cell = row.cells[column];
  const number = cell?.dataset.number;
  return number === undefined || number === '' ? (cell?.textContent ?? '').trim() : Number(number);
}

/** c2 before c10. */
const { compare: byText } = new Intl.Collator('en', { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  // Cells without a number come last, whatever the order.
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return byText(String(a), String(b));
}

function makeSortable(table: HTMLTableElement): void {
  const [body] = table.tBodies;
  const heads = Array.from(table.tHead?.rows[0]?.cells ?? []);
  for (const [column, head] of heads.entries()) {
    head.querySelector('button')?.addEventListener('click', () => {
      const isDescending = head.ariaSort === 'ascending';
      for (const other of heads)
        other.ariaSort = other === head ? (isDescending ? 'descending' : 'ascending') : null;
      const rows = Array.from(body?.rows ?? [], (row) => ({ row, key: keyOf(row, column) }));
      rows.sort((a, b) => {
        const isMixed = typeof a.key !== typeof b.key;
        return compare(a.key, b.key) * (isDescending && !isMixed ? -1 : 1);
      });
      body?.append(...rows.map(({ row }) => row));
    });
  }
  const filter = document.querySelector(`input[data-filters="${table.id}"]`);
  const count = document.getElementById(`${table.id}-count`);
  if (!(filter instanceof HTMLInputElement)) return;
  filter.addEventListener('input', () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(body?.rows ?? []);
    for (const row of rows) {
      // Of cell by cell: no word is in two of them.
      const text = Array.from(row.cells, (cell) => cell.textContent ?? '')
        .join(' ')
        .toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter(({ hidden }) => !hidden).length;
    if (count) count.textContent = `${shown} of ${rows.length} rows`;
  });
}

for (const table of allElements('table[data-sortable]', HTMLTableElement)) makeSortable(table);
