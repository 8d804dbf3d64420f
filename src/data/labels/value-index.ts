import type { Palette } from '../../formats/stored-array.js';
import type { LabelValues } from '../../images/label-values.js';

/** The distinct numbers of a mask, and how often each occurs, in the order of their first position. */
export interface IndexedLabels {
  readonly numbers: readonly number[];
  readonly counts: readonly number[];
  /** The index of each position's number in `numbers`; undefined if there are more than 16 bits can count. */
  readonly positions: Uint16Array | undefined;
  /** As in LabelValues. */
  readonly coloured: boolean;
  readonly palette: Palette | undefined;
}

const MOST_NUMBERED = 2 ** 16;

export function indexValues({ values, coloured, palette }: LabelValues): IndexedLabels {
  const indices = new Map<number, number>();
  const counts: number[] = [];
  const positions = new Uint16Array(values.length);
  // Numbers come in runs, which are faster to fill than to set one by one.
  for (let start = 0, end = 0; start < positions.length; start = end) {
    // Within the length of `values`, which is the length of `positions`.
    const value = values[start] as number;
    end = start + 1;
    while (end < positions.length && values[end] === value) end += 1;
    const index = indices.get(value) ?? indices.size;
    if (index === indices.size) indices.set(value, index);
    counts[index] = (counts[index] ?? 0) + end - start;
    // More than 16 bits wrap around: then the positions are not given out.
    if (end === start + 1) positions[start] = index;
    else if (index !== 0) positions.fill(index, start, end);
  }
  return {
    numbers: [...indices.keys()],
    counts,
    positions: indices.size > MOST_NUMBERED ? undefined : positions,
    coloured,
    palette,
  };
}
