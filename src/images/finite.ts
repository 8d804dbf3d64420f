/** How many numbers are NaN or infinite, and the index of the first; undefined if all are finite. */
export function notFinite(
  data: Float32Array,
): { readonly count: number; readonly first: number } | undefined {
  // The difference is 0 for every finite number, and NaN for all others.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) - (data[i] as number); // within the length
  if (sum === 0) return undefined;
  let count = 0;
  let first = -1;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (count === 0) first = i;
    count += 1;
  }
  return count === 0 ? undefined : { count, first };
}

/** The position of an element, an index an axis. */
export function positionOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}
