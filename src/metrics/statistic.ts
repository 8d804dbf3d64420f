/** A metric over cases. Everything is JSON. */
export interface Statistic {
  /** All numbers but the counts are null if no case has a value. */
  readonly mean: number | null;
  readonly median: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The square root of the mean squared difference from the mean, over the cases (not over the cases less one). */
  readonly deviation: number | null;
  /** How many cases have a value. */
  readonly cases: number;
  /** How many cases have none. */
  readonly without: number;
  /** How many of the values are the diagonal of the image, since the class is in only one of the masks. */
  readonly substituted: number;
  /** The mean of the values without their sign, for differences; undefined for other metrics. */
  readonly meanMagnitude?: number | null;
}

/** Describes the values of a metric; null is a case without a value. */
export function statisticOf(
  values: readonly (number | null)[],
  substituted: number,
  signed: boolean,
): Statistic {
  const known = values.filter((value) => value !== null);
  const sorted = known.toSorted((a, b) => a - b);
  const count = known.length;
  const average = (numbers: readonly number[]) =>
    count === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / count;
  const mean = average(known);
  const [below, above] = [sorted[Math.floor((count - 1) / 2)], sorted[Math.ceil((count - 1) / 2)]];
  const variance = average(known.map((value) => (value - (mean ?? 0)) ** 2));
  return {
    mean,
    median: below === undefined || above === undefined ? null : (below + above) / 2,
    minimum: sorted[0] ?? null,
    maximum: sorted.at(-1) ?? null,
    deviation: variance === null ? null : Math.sqrt(variance),
    cases: count,
    without: values.length - count,
    substituted,
    ...(signed ? { meanMagnitude: average(known.map(Math.abs)) } : {}),
  };
}
