import type { Palette } from '../../formats/stored-array.js';
import type { LabelValues } from '../../images/label-values.js';

/** The distinct numbers of a mask, and how often each occurs, in the order of their first position. */
export interface IndexedLabels {
  readonly numbers: readonly number[];
  readonly counts: readonly number[];
  /**
   * The index of each position's number in `numbers`; undefined if nobody asked for it, or if there are more than 16 bits
   * can count.
   */
  readonly positions: Uint16Array | undefined;
  /** As in LabelValues. */
  readonly coloured: boolean;
  readonly palette: Palette | undefined;
  readonly lossy: string | undefined;
}

const MOST_NUMBERED = 2 ** 16;

/** Counts the numbers of a mask; with `withPositions`, also numbers the positions. */
export function indexValues(
  { values, coloured, palette, lossy }: LabelValues,
  withPositions = true,
): IndexedLabels {
  const indices = new Map<number, number>();
  const counts: number[] = [];
  const { length } = values;
  const positions = new Uint16Array(withPositions ? length : 0);
  // Numbers come in runs, which are faster to fill than to set one by one.
  for (let start = 0, end = 0; start < length; start = end) {
    // Within the length of `values`, which is the length of `positions`.
    const value = values[start] as number;
    end = start + 1;
    while (end < length && values[end] === value) end += 1;
    const index = indices.get(value) ?? indices.size;
    if (index === indices.size) indices.set(value, index);
    counts[index] = (counts[index] ?? 0) + end - start;
    // More than 16 bits wrap around: then the positions are not given out.
    if (!withPositions) continue;
    if (end === start + 1) positions[start] = index;
    else if (index !== 0) positions.fill(index, start, end);
  }
  return {
    numbers: [...indices.keys()],
    counts,
    positions: withPositions && indices.size <= MOST_NUMBERED ? positions : undefined,
    coloured,
    palette,
    lossy,
  };
}
