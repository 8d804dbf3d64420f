/** The smallest and the largest of some numbers. NaN takes no part. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** The range of the numbers from `from` to `to` - 1; of no numbers, Infinity to -Infinity. */
export function valueRange(values: Float32Array, from = 0, to = values.length): ValueRange {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = from; k < to; k++) {
    // `as number`: the index is inside of the array.
    const value = values[k] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
