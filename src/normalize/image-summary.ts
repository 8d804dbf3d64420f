import type { ImageValues } from './normalize-image.js';
import { type Extremes, extremesOf, type Moments, momentsOf } from './statistics.js';

/** What is known of the values of a channel of an image: the extremes of all values, and the mean and deviation of some. */
export interface ChannelSummary extends Moments {
  /** Values at equal distances, or each value that occurs. */
  readonly sample: Float32Array;
  /** How often each value of `sample` occurs; once when left out. */
  readonly counts?: Float64Array;
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

/** Numbers that float32 holds exactly. */
export type PlaneValues = Float32Array | Uint8Array | Uint16Array | Int8Array | Int16Array;

/**
 * Summarises an image, (C, ...spatial). Values that are NaN or infinite take no part.
 *
 * @param steps how many steps of the image's values make 1, where they were bytes: 1, or 255 after a division
 */
export function summaryOf({ shape, data }: ImageValues, divisor = 1, steps?: number): ImageSummary {
  const count = shape[0] ?? 0;
  const positions = count === 0 ? 0 : data.length / count;
  const planes = Array.from({ length: count }, (_, i) => data.subarray(i * positions, (i + 1) * positions));
  return summaryOfPlanes(planes, divisor, steps);
}

/** The same for the channels of an image, (...spatial) each. */
export function summaryOfPlanes(
  planes: readonly PlaneValues[],
  divisor: number,
  steps?: number,
): ImageSummary {
  const channels = planes.map((values) => {
    const own = values instanceof Uint8Array ? 1 : steps;
    const counted = own === undefined || values.length === 0 ? undefined : countedSummary(values, own);
    if (counted) return counted;
    const sample = sampleOf(values);
    const { count: sampled, mean, std } = momentsOf(sample, EVERY);
    const { min, max } = quickExtremes(values);
    // They weigh as much as all values.
    return { count: sampled === 0 ? 0 : values.length, min, max, mean, std, sample };
  });
  return { channels, divisor };
}

/**
 * A summary with counts of the values, which are so few for bytes. `steps` of them make 1. Undefined if a value is no such
 * step.
 */
function countedSummary(values: PlaneValues, steps: number): ChannelSummary | undefined {
  const { length } = values;
  const step = stepOf(length);
  const bins = values instanceof Uint8Array ? byteBins(values, step) : levelBins(values, step, steps);
  if (bins === undefined) return undefined;
  const found: number[] = [];
  const counts: number[] = [];
  let [sampled, sum] = [0, 0];
  for (let level = 0; level < bins.length; level++) {
    const count = bins[level] as number; // within the length
    if (count === 0) continue;
    found.push(Math.fround(level / steps));
    counts.push(count);
    sampled += count;
    sum += count * level;
  }
  const mean = sum / sampled / steps;
  const squares = found.reduce((total, value, i) => total + (counts[i] ?? 0) * (value - mean) ** 2, 0);
  const { min, max } = values instanceof Uint8Array ? byteExtremes(values) : quickExtremes(values);
  const [sample, std] = [Float32Array.from(found), Math.sqrt(squares / sampled)];
  return { count: length, min, max, mean, std, sample, counts: Float64Array.from(counts) };
}

/** How often each byte occurs among every `step`-th value. */
function byteBins(values: Uint8Array, step: number): Uint32Array {
  const bins = new Uint32Array(256);
  for (let i = 0; i < values.length; i += step) {
    const value = values[i] as number; // within the length
    bins[value] = (bins[value] as number) + 1; // a byte
  }
  return bins;
}

/** The same for values of which `steps` make 1; undefined if one of them is no such step. */
function levelBins(values: PlaneValues, step: number, steps: number): Uint32Array | undefined {
  const bins = new Uint32Array(256);
  for (let i = 0; i < values.length; i += step) {
    const value = values[i] as number; // within the length
    const level = Math.round(value * steps);
    if (!(level >= 0 && level < 256) || Math.fround(level / steps) !== value) return undefined;
    bins[level] = (bins[level] as number) + 1; // within the length
  }
  return bins;
}

function byteExtremes(values: Uint8Array): Pick<Extremes, 'min' | 'max'> {
  let [min, max] = [255, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number; // within the length
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** The extremes in one quick pass, unless a value is not finite: comparisons with NaN are false. */
function quickExtremes(values: PlaneValues): Pick<Extremes, 'min' | 'max'> {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    // Below the length.
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (Number.isFinite(min) && Number.isFinite(max)) return { min, max };
  return extremesOf(Float32Array.from(values), EVERY);
}

function sampleOf(values: PlaneValues): Float32Array {
  const step = stepOf(values.length);
  const sample = new Float32Array(Math.ceil(values.length / step));
  // `i * step` is below the length.
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * step] as number;
  return sample;
}

/** The distance between the values of a sample. Odd, because images are often a power of two wide: every column has its turn. */
function stepOf(length: number): number {
  return length <= SAMPLE ? 1 : Math.ceil(length / SAMPLE) | 1;
}
