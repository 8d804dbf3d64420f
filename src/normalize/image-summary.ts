import type { ImageValues } from './normalize-image.js';
import type { Moments } from './statistics.js';

/** What is known of the values of a channel of an image. */
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

/** So many values of a channel represent it in percentiles. */
const SAMPLE = 1 << 12;

/** Summarises an image, (C, ...spatial). Values that are NaN or infinite take no part. */
export function summaryOf({ shape, data }: ImageValues, divisor = 1): ImageSummary {
  const count = shape[0] ?? 0;
  const positions = count === 0 ? 0 : data.length / count;
  const channels = Array.from({ length: count }, (_, channel) => {
    const values = data.subarray(channel * positions, (channel + 1) * positions);
    return { ...quickMoments(values), sample: sampleOf(values) };
  });
  return { channels, divisor };
}

/** The moments in one pass, as differences from a value in the middle. */
function quickMoments(values: Float32Array): Moments {
  const middle = values[values.length >> 1] ?? 0;
  const origin = Number.isFinite(middle) ? middle : 0;
  let [count, sum, squares, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    // Below the length.
    const value = values[i] as number;
    const difference = value - origin;
    // NaN for NaN and for infinite values.
    if (difference - difference !== 0) continue;
    count += 1;
    sum += difference;
    squares += difference * difference;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return { count, min: 0, max: 0, mean: 0, std: 0 };
  const variance = Math.max(0, (squares - (sum * sum) / count) / count);
  return { count, min, max, mean: origin + sum / count, std: Math.sqrt(variance) };
}

function sampleOf(values: Float32Array): Float32Array {
  // Odd, because images are often a power of two wide: every column has its turn.
  const step = values.length <= SAMPLE ? 1 : Math.ceil(values.length / SAMPLE) | 1;
  const sample = new Float32Array(Math.ceil(values.length / step));
  // `i * step` is below the length.
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * step] as number;
  return sample;
}
