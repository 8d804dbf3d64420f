import { RunningMoments } from './running-moments.js';
import { type Moments, momentsOf } from './statistics.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** What values are like. The deviation is divided by the count. */
export interface ValueSummary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Percentiles: the least value that at least 0.5, 50 and 99.5 percent of the values do not exceed. */
  readonly p0_5: number;
  readonly p50: number;
  readonly p99_5: number;
}

/** The bins of a sign and an exponent: the upper 15 bits of the mantissa are the index of a bin. */
interface Page {
  readonly weights: Float64Array;
  /** The least value of each bin. */
  readonly least: Float32Array;
}

const PAGE = 1 << 15;
/** Weights are sums of fractions, so what should be a half can be a little less. */
const TOLERANCE = 1e-9;

/**
 * The distribution of values that arrive in parts, in memory that does not grow with their number. Values that are NaN or
 * infinite take no part.
 *
 * The mean and the deviation are those of all values, in float64. Percentiles come from a histogram of the upper 24 bits of
 * each float32: they are exact for whole numbers up to 65,536, and within 1/32,768 of the value otherwise. The same parts in
 * the same order give the same numbers.
 */
export class ValueDistribution {
  private readonly pages: (Page | undefined)[] = Array.from({ length: 512 });
  private readonly moments = new RunningMoments();
  /** The summary of what was added so far, once it was asked for. */
  private known: ValueSummary | undefined;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;

  /** @param counts whether each value counts alike, or each part, whatever the number of its values */
  constructor(private readonly counts: 'each value' | 'each part') {}

  /** Adds a part. */
  add(values: Float32Array): void {
    this.addSampled(momentsOf(values, { nonzero: false }), values);
  }

  /** Adds a part by its moments, and by some of its values for the percentiles, each once or `counts` times. */
  addSampled(own: Moments, values: Float32Array, counts?: Float64Array): void {
    if (own.count === 0) return;
    this.known = undefined;
    const weight = this.counts === 'each value' ? own.count : 1;
    this.moments.add(weight, own.mean, own.std * own.std);
    this.min = Math.min(this.min, own.min);
    this.max = Math.max(this.max, own.max);
    this.addToHistogram(values, weight, counts);
  }

  /** Undefined while there is no value. */
  get summary(): ValueSummary | undefined {
    if (this.known || this.moments.weight === 0) return this.known;
    const { min, max } = this;
    const { mean, std } = this.moments;
    const [p0_5 = 0, p50 = 0, p99_5 = 0] = this.percentiles([0.5, 50, 99.5]);
    this.known = { min, max, mean, std, p0_5, p50, p99_5 };
    return this.known;
  }

  /** The mean and the deviation of a function of the values, over the histogram. */
  momentsOf(map: (value: number) => number): { readonly mean: number; readonly std: number } {
    const moments = new RunningMoments();
    for (const { value, weight } of this.bins()) moments.add(weight, map(value), 0);
    return { mean: moments.mean, std: moments.std };
  }

  private addToHistogram(values: Float32Array, weight: number, counts?: Float64Array): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i] as number)) count += counts ? (counts[i] as number) : 1;
    }
    const own = weight / count;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      const one = bits[i] as number;
      // In the order of the floats: negative ones are stored by their size.
      const bin = (one & 0x80000000 ? ~one : one | 0x80000000) >>> 8;
      const page = this.pageAt(bin >>> 15);
      const at = bin & (PAGE - 1);
      const before = page.weights[at] as number;
      if (before === 0 || value < (page.least[at] as number)) page.least[at] = value;
      page.weights[at] = before + (counts ? own * (counts[i] as number) : own);
    }
  }

  private pageAt(index: number): Page {
    const known = this.pages[index];
    if (known) return known;
    const page = { weights: new Float64Array(PAGE), least: new Float32Array(PAGE) };
    this.pages[index] = page;
    return page;
  }

  /** The bins with values, from the least to the largest. */
  private *bins(): Generator<{ readonly value: number; readonly weight: number }> {
    for (const page of this.pages) {
      if (!page) continue;
      const { weights, least } = page;
      for (let at = 0; at < PAGE; at++) {
        const weight = weights[at] as number;
        if (weight > 0) yield { value: least[at] as number, weight };
      }
    }
  }

  private percentiles(wanted: readonly number[]): readonly number[] {
    const bins = [...this.bins()];
    const total = bins.reduce((sum, { weight }) => sum + weight, 0);
    const found: number[] = [];
    let reached = 0;
    for (const { value, weight } of bins) {
      reached += weight;
      const next = () => ((wanted[found.length] ?? Number.NaN) / 100) * total * (1 - TOLERANCE);
      while (reached >= next()) found.push(value);
    }
    return found;
  }
}
