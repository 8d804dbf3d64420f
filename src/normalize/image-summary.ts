import type { ImageValues } from './normalize-image.js';
import { type Extremes, extremesOf, type Moments, momentsOf } from './statistics.js';

/** What is known of the values of a channel of an image: the extremes of all values, and the mean and deviation of some. */
export interface ChannelSummary extends Moments {
  /** Values at equal distances. */
  readonly sample: Float32Array;
}

/** What is known of the values of an image: plain data, which threads can send to each other. */
export interface ImageSummary {
  readonly channels: readonly ChannelSummary[];
  /** What `normalize = none` divides the values by: the largest value of a picture's integer type; otherwise 1. */
  readonly divisor: number;
}

/** So many values of a channel represent all of them, except in the extremes. */
const SAMPLE = 1 << 12;
const EVERY = { nonzero: false };

/** Summarises an image, (C, ...spatial). Values that are NaN or infinite take no part. */
export function summaryOf({ shape, data }: ImageValues, divisor = 1): ImageSummary {
  const count = shape[0] ?? 0;
  const positions = count === 0 ? 0 : data.length / count;
  const channels = Array.from({ length: count }, (_, channel) => {
    const values = data.subarray(channel * positions, (channel + 1) * positions);
    const sample = sampleOf(values);
    const { count: sampled, mean, std } = momentsOf(sample, EVERY);
    const { min, max } = quickExtremes(values);
    // They weigh as much as all values.
    return { count: sampled === 0 ? 0 : values.length, min, max, mean, std, sample };
  });
  return { channels, divisor };
}

/** The extremes in one quick pass, unless a value is not finite: comparisons with NaN are false. */
function quickExtremes(values: Float32Array): Pick<Extremes, 'min' | 'max'> {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    // Below the length.
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return Number.isFinite(min) && Number.isFinite(max) ? { min, max } : extremesOf(values, EVERY);
}

function sampleOf(values: Float32Array): Float32Array {
  // Odd, because images are often a power of two wide: every column has its turn.
  const step = values.length <= SAMPLE ? 1 : Math.ceil(values.length / SAMPLE) | 1;
  const sample = new Float32Array(Math.ceil(values.length / step));
  // `i * step` is below the length.
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * step] as number;
  return sample;
}
