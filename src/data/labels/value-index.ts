import type { LabelValues } from '../../images/label-values.js';

/** The distinct numbers of a mask, and how often each occurs, in the order of their first position. */
export interface ValueIndex {
  readonly numbers: readonly number[];
  readonly counts: readonly number[];
  /** The index of each position's number in `numbers`; undefined if there are more than 16 bits can count. */
  readonly positions: Uint16Array | undefined;
}

const MOST_NUMBERED = 2 ** 16;

export function indexValues({ values }: LabelValues): ValueIndex {
  const indices = new Map<number, number>();
  const counts: number[] = [];
  const positions = new Uint16Array(values.length);
  let [last, index, run] = [Number.NaN, 0, 0];
  for (let i = 0; i < positions.length; i++) {
    // Within the length of `values`, which is the length of `positions`.
    const value = values[i] as number;
    if (value !== last) {
      counts[index] = (counts[index] ?? 0) + run;
      run = 0;
      index = indices.get(value) ?? indices.size;
      if (index === indices.size) indices.set(value, index);
      last = value;
    }
    run += 1;
    // More than 16 bits wrap around: then the positions are not given out.
    positions[i] = index;
  }
  if (positions.length > 0) counts[index] = (counts[index] ?? 0) + run;
  return {
    numbers: [...indices.keys()],
    counts,
    positions: indices.size > MOST_NUMBERED ? undefined : positions,
  };
}
