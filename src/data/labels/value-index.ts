import { type LabelValues, labelValueText } from './label-values.js';

/** The distinct values of a mask, as people write them, and how often each occurs, in the order of their first position. */
export interface ValueIndex {
  readonly values: readonly string[];
  readonly counts: readonly number[];
  /** The index of each position's value in `values`; undefined if there are more values than a byte can number. */
  readonly positions: Uint8Array | undefined;
}

const MOST_NUMBERED = 256;

export function indexValues({ values, coloured }: LabelValues): ValueIndex {
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const positions = new Uint8Array(values.length);
  let [last, index] = [Number.NaN, 0];
  for (let i = 0; i < positions.length; i++) {
    // Within the length of `values`, which is the length of `positions`.
    const value = values[i] as number;
    if (value !== last) {
      index = numbers.get(value) ?? numbers.size;
      if (index === numbers.size) numbers.set(value, index);
      last = value;
    }
    counts[index] = (counts[index] ?? 0) + 1;
    // More than a byte wraps around: then the positions are not given out.
    positions[i] = index;
  }
  return {
    values: Array.from(numbers.keys(), (value) => labelValueText(value, coloured)),
    counts,
    positions: numbers.size > MOST_NUMBERED ? undefined : positions,
  };
}
