import type { Normalization, OneNormalization } from './normalization.js';
import {
  type Extremes,
  extremesOf,
  type Moments,
  momentsOf,
  percentilesOf,
  type Selection,
} from './statistics.js';

/** The numbers of an image, (C, ...spatial), row by row. */
export interface ImageValues {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Brings values to (x - offset) / scale, after clipping them to bounds. */
export interface LinearMap {
  readonly low: number;
  readonly high: number;
  readonly offset: number;
  /** 0 if all values become 0. */
  readonly scale: number;
}

const UNBOUNDED = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/**
 * Normalises a whole image, (C, ...spatial), in place. `none` changes nothing.
 *
 * The values must be those that the file stores, with its slope and intercept applied. Sums are float64. An image of equal
 * values becomes 0, except with `range` and `ct`, whose numbers do not come from the image. With `nonzero`, values that are
 * 0 take no part and stay 0. Values that are NaN or infinite take no part and stay as they are.
 *
 * Throws for `ct(auto)`, whose numbers must be measured before, and for a list with more or fewer items than channels.
 */
export function normalizeImage({ shape, data }: ImageValues, normalization: Normalization): void {
  const channels = shape[0] ?? 0;
  const positions = channels === 0 ? 0 : data.length / channels;
  const plane = (channel: number) => data.subarray(channel * positions, (channel + 1) * positions);
  if (normalization.kind === 'channels') {
    const { length } = normalization.channels;
    if (length !== channels) throw new Error(`${length} normalisations for ${channels} channels`);
    for (const [channel, one] of normalization.channels.entries()) normalizeValues(plane(channel), one);
  } else if ('per_channel' in normalization && normalization.per_channel) {
    for (let channel = 0; channel < channels; channel++) normalizeValues(plane(channel), normalization);
  } else normalizeValues(data, normalization);
}

/** Normalises values in place, with one statistic for all of them. */
function normalizeValues(values: Float32Array, one: OneNormalization): void {
  if (one.kind === 'none') return;
  applyMap(values, mapOf(one, statisticsOf(values)), one);
}

/** Brings values to those of a map, in place. */
export function applyMap(
  values: Float32Array,
  { low, high, offset, scale }: LinearMap,
  one: OneNormalization,
): void {
  const nonzero = 'nonzero' in one && one.nonzero;
  for (let i = 0; i < values.length; i++) {
    // Below the length.
    const value = values[i] as number;
    if (!Number.isFinite(value) || (nonzero && value === 0)) continue;
    const bounded = value < low ? low : value > high ? high : value;
    values[i] = scale === 0 ? 0 : (bounded - offset) / scale;
  }
}

/** The numbers of an image that a normalisation is made of. */
export interface ImageStatistics {
  extremes(selection: Selection): Extremes;
  moments(selection: Selection): Moments;
  percentiles(wanted: readonly number[], selection: Selection): readonly number[];
}

const statisticsOf = (values: Float32Array): ImageStatistics => ({
  extremes: (selection) => extremesOf(values, selection),
  moments: (selection) => momentsOf(values, selection),
  percentiles: (wanted, selection) => percentilesOf(values, wanted, selection),
});

/** The map of a normalisation for an image with these statistics. */
export function mapOf(
  one: Exclude<OneNormalization, { kind: 'none' }>,
  statistics: ImageStatistics,
): LinearMap {
  switch (one.kind) {
    case 'minmax': {
      const { min, max } = statistics.extremes(one);
      return { ...UNBOUNDED, offset: min, scale: max - min };
    }
    case 'zscore': {
      const { mean, std } = statistics.moments(one);
      return { ...UNBOUNDED, offset: mean, scale: std };
    }
    case 'percentile': {
      const [low = 0, high = 0] = statistics.percentiles([one.low, one.high], one);
      return { ...(one.clip ? { low, high } : UNBOUNDED), offset: low, scale: high - low };
    }
    case 'range': {
      // Bounds are values of the image, so they are float32, as in a model that normalises its own input.
      const [low, high] = [Math.fround(one.low), Math.fround(one.high)];
      return { ...(one.clip ? { low, high } : UNBOUNDED), offset: low, scale: high - low };
    }
    case 'ct':
      return { low: Math.fround(one.low), high: Math.fround(one.high), offset: one.mean, scale: one.std };
    case 'ct_auto':
      throw new Error('the numbers of ct(auto) have not been measured');
    default:
      return one satisfies never;
  }
}
