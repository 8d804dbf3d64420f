import type { Failure } from '../../diagnostics/failure.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { RowSource } from './row-source.js';

/** Rows that not all readers have asked for. */
interface HeldRows {
  readonly from: number;
  readonly to: number;
  readonly rows: Promise<Tensor | Failure>;
  readonly readers: Set<number>;
}

/**
 * A source for several readers that ask for the same rows in the same order, each at its own time: rows are read once, and are
 * in memory until the last reader has them. Readers do not change what they get.
 */
export function sharedRows(source: RowSource, readers: number): readonly RowSource[] {
  if (readers === 1) return [source];
  const held = new Set<HeldRows>();
  return Array.from({ length: readers }, (_, reader) => ({
    ...source,
    rows(from: number, to: number) {
      const known = [...held].find((one) => one.from === from && one.to === to && !one.readers.has(reader));
      const own = known ?? { from, to, rows: source.rows(from, to), readers: new Set() };
      own.readers.add(reader);
      if (own.readers.size === readers) held.delete(own);
      else held.add(own);
      return own.rows;
    },
  }));
}
