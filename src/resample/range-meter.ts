import type { ImageValues } from '../normalize/normalize-image.js';
import { type Resampling, rangeCount } from './plane-chain.js';
import { type ValueRange, valueRange } from './value-range.js';

/** Measures the ranges that cubic interpolation is clipped to, from all planes of an image, in any order. */
export class RangeMeter {
  private readonly found: ValueRange[][];
  private readonly inner: number;

  constructor(channels: number, resampling: Resampling) {
    const { from, separate } = resampling;
    const count = rangeCount(resampling);
    const none = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
    this.found = Array.from({ length: channels }, () => new Array<ValueRange>(count).fill(none));
    this.inner = from.slice((separate ?? 0) + 1).reduce((product, size) => product * size, 1);
  }

  /** For each channel, `rangeCount` ranges. */
  get ranges(): readonly (readonly ValueRange[])[] {
    return this.found;
  }

  /** Adds planes, (C, n, ...spatial without the first axis). */
  add({ data }: ImageValues): void {
    const size = data.length / this.found.length;
    for (const [channel, ranges] of this.found.entries()) {
      let i = 0;
      for (let at = channel * size; at < (channel + 1) * size; at += this.inner) {
        const { low, high } = valueRange(data, at, at + this.inner);
        const before = ranges[i];
        if (before) ranges[i] = { low: Math.min(low, before.low), high: Math.max(high, before.high) };
        i = (i + 1) % ranges.length;
      }
    }
  }
}
