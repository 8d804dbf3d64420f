// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Which values of an array take part in a statistic. Values that are NaN or infinite never do. */
export interface Selection {
  /** Only the values that are not 0. */
  readonly nonzero: boolean;
}

/** The count of the values that take part, the least and the largest; of no values, 0 and two zeros. */
export interface Extremes {
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

/** The same with the mean and the standard deviation over all values that take part (divided by their count). */
export interface Moments extends Extremes {
  readonly mean: number;
  readonly std: number;
}

export function extremesOf(values: Float32Array, { nonzero }: Selection): Extremes {
  let [count, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value) || (nonzero && value === 0)) continue;
    count += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return count === 0 ? { count, min: 0, max: 0 } : { count, min, max };
}

/** In two passes of float64 sums. Equal values have the deviation 0 exactly. */
export function momentsOf(values: Float32Array, selection: Selection): Moments {
  const { nonzero } = selection;
  const bounds = extremesOf(values, selection);
  const { count, min, max } = bounds;
  if (min === max) return { ...bounds, mean: min, std: 0 };
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // A 0 adds nothing to the sum.
    if (Number.isFinite(value)) sum += value;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value) || (nonzero && value === 0)) continue;
    squares += (value - mean) * (value - mean);
  }
  return { ...bounds, mean, std: Math.sqrt(squares / count) };
}

const HALF = 1 << 16;

/**
 * Percentiles, each from 0 to 100, exactly as NumPy computes them by default: the position p / 100 * (n - 1) in the sorted
 * values, with linear interpolation. Of no values, zeros.
 *
 * Nothing is sorted or copied: the first pass counts the upper halves of the bits of the values, the second one the lower
 * halves of those upper halves that contain a wanted position.
 */
export function percentilesOf(
  values: Float32Array,
  wanted: readonly number[],
  selection: Selection,
): readonly number[] {
  const counter = new PercentileCounter(wanted, selection);
  counter.countUpper(values);
  counter.chooseParts();
  counter.countLower(values);
  return counter.percentiles;
}

/** Counts the values of which percentilesOf tells, in two passes over all parts of them. */
export class PercentileCounter {
  private readonly upper = new Uint32Array(HALF);
  private count = 0;
  private positions: readonly number[] = [];
  private ranks: readonly number[] = [];
  private found: readonly { readonly index: number; readonly before: number }[] = [];
  private slots: ReadonlyMap<number, number> = new Map();
  private readonly slotOf = new Int32Array(HALF).fill(-1);
  private lower = new Uint32Array(0);

  constructor(
    private readonly wanted: readonly number[],
    private readonly selection: Selection,
  ) {}

  /** The first pass: every part once. */
  countUpper(values: Float32Array): void {
    const { nonzero } = this.selection;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const { upper } = this;
    let count = 0;
    for (let i = 0; i < bits.length; i++) {
      const one = bits[i] as number;
      if (isLeftOut(one, nonzero)) continue;
      count += 1;
      const high = orderKey(one) >>> 16;
      upper[high] = (upper[high] as number) + 1;
    }
    this.count += count;
  }

  /** Between the passes: which upper halves contain a wanted position. */
  chooseParts(): void {
    if (this.count === 0) return;
    const last = this.count - 1;
    this.positions = this.wanted.map((percent) => (percent / 100) * last);
    this.ranks = [
      ...new Set(this.positions.flatMap((at) => [Math.floor(at), Math.min(last, Math.floor(at) + 1)])),
    ];
    this.found = this.ranks.map((rank) => rankIn(this.upper, 0, rank));
    const chosen = [...new Set(this.found.map(({ index }) => index))];
    this.slots = new Map(chosen.map((index, slot) => [index, slot]));
    for (const [index, slot] of this.slots) this.slotOf[index] = slot;
    this.lower = new Uint32Array(this.slots.size * HALF);
  }

  /** The second pass: every part once. */
  countLower(values: Float32Array): void {
    const { nonzero } = this.selection;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const slotOf = this.slotOf;
    const lower = this.lower;
    for (let i = 0; i < bits.length; i++) {
      const one = bits[i] as number;
      if (isLeftOut(one, nonzero)) continue;
      const key = orderKey(one);
      const slot = slotOf[key >>> 16] as number;
      if (slot < 0) continue;
      const at = slot * HALF + (key & 0xffff);
      lower[at] = (lower[at] as number) + 1;
    }
  }

  /** The percentiles, after both passes. */
  get percentiles(): readonly number[] {
    if (this.count === 0) return this.wanted.map(() => 0);
    const last = this.count - 1;
    const valueAt = new Map(
      this.ranks.map((rank, i) => {
        const { index, before } = this.found[i] ?? { index: 0, before: 0 };
        const { index: low } = rankIn(this.lower, (this.slots.get(index) ?? 0) * HALF, rank - before);
        return [rank, floatOf(((index << 16) | low) >>> 0)];
      }),
    );
    return this.positions.map((at) => {
      const rank = Math.floor(at);
      const [a, b] = [valueAt.get(rank) ?? 0, valueAt.get(Math.min(last, rank + 1)) ?? 0];
      return a + (b - a) * (at - rank);
    });
  }
}

/** NaN, infinite, and on request 0 and -0. */
function isLeftOut(bits: number, nonzero: boolean): boolean {
  return (bits & 0x7f800000) === 0x7f800000 || (nonzero && (bits & 0x7fffffff) === 0);
}

/** The bits of a float as a whole number in the order of the floats. */
function orderKey(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

const converter = new DataView(new ArrayBuffer(4));

/** The float of an order key. */
function floatOf(key: number): number {
  converter.setUint32(0, (key & 0x80000000 ? key & 0x7fffffff : ~key) >>> 0);
  return converter.getFloat32(0);
}

/** The place of the value with this rank in a part of the counts, and how many values come before that place. */
function rankIn(counts: Uint32Array, from: number, rank: number): { index: number; before: number } {
  let before = 0;
  for (let index = 0; index < HALF; index++) {
    const own = counts[from + index] as number;
    if (before + own > rank) return { index, before };
    before += own;
  }
  throw new Error(`the rank ${rank} is beyond the ${before} values`);
}
