import { Failure } from '../../diagnostics/failure.js';
import { isPerImage, type Normalization, type OneNormalization } from '../../normalize/normalization.js';
import { applyMap, type ImageStatistics, type LinearMap, mapOf } from '../../normalize/normalize-image.js';
import { type Moments, PercentileCounter, type Selection } from '../../normalize/statistics.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';
import type { RowSource } from './row-source.js';

/** So many values are read at once to measure an image. */
const PART_VALUES = 2 ** 24;

/** Values of an image, part by part. Fails as the image's rows do. */
type Pass = (use: (values: Float32Array) => void) => Promise<Failure | undefined>;

/** One normalisation, and the channels that it is measured on together. */
interface Group {
  readonly one: OneNormalization;
  readonly channels: readonly number[];
}

function groupsOf(normalization: Normalization, channels: number): readonly Group[] {
  const all = Array.from({ length: channels }, (_, i) => i);
  if (normalization.kind === 'channels') {
    return normalization.channels.map((one, i) => ({ one, channels: [i] }));
  }
  return 'per_channel' in normalization && normalization.per_channel
    ? all.map((channel) => ({ one: normalization, channels: [channel] }))
    : [{ one: normalization, channels: all }];
}

function channelOf({ shape, data }: Tensor, channel: number): Float32Array {
  const count = elementCount(shape.slice(1));
  return data.subarray(channel * count, (channel + 1) * count);
}

/**
 * The rows of an image as normalizeImage makes them of the whole. Where its numbers come from the image, all rows are read
 * before, twice for percentiles and standard deviations.
 */
export async function normalizedRows(
  source: RowSource,
  normalization: Normalization,
): Promise<RowSource | Failure> {
  if (normalization.kind === 'none') return source;
  const groups = groupsOf(normalization, source.channels);
  const maps: (LinearMap | undefined)[] = [];
  for (const group of groups) {
    const map = group.one.kind === 'none' ? undefined : await measuredMap(source, group.one, group.channels);
    if (map instanceof Failure) return map;
    maps.push(map);
  }
  return {
    ...source,
    async rows(from, to) {
      const values = await source.rows(from, to);
      if (values instanceof Failure) return values;
      for (const [i, { one, channels }] of groups.entries()) {
        const map = maps[i];
        if (map) for (const channel of channels) applyMap(channelOf(values, channel), map, one);
      }
      return values;
    },
  };
}

async function measuredMap(
  source: RowSource,
  one: Exclude<OneNormalization, { kind: 'none' }>,
  channels: readonly number[],
): Promise<LinearMap | Failure> {
  if (!isPerImage(one)) return mapOf(one, unmeasured);
  const pass: Pass = async (use) => {
    const [size = 0, ...rest] = source.spatial;
    const step = Math.max(1, Math.floor(PART_VALUES / (source.channels * elementCount(rest))));
    for (let from = 0; from < size; from += step) {
      const values = await source.rows(from, Math.min(size, from + step));
      if (values instanceof Failure) return values;
      for (const channel of channels) use(channelOf(values, channel));
    }
    return undefined;
  };
  const statistics =
    one.kind === 'percentile'
      ? await measuredPercentiles(pass, [one.low, one.high], one)
      : await measuredMoments(pass, { nonzero: 'nonzero' in one && one.nonzero }, one.kind === 'zscore');
  return statistics instanceof Failure ? statistics : mapOf(one, statistics);
}

const notMeasured = (): never => {
  throw new Error('this statistic was not measured');
};
const unmeasured: ImageStatistics = {
  extremes: notMeasured,
  moments: notMeasured,
  percentiles: notMeasured,
};

async function measuredPercentiles(
  pass: Pass,
  wanted: readonly number[],
  selection: Selection,
): Promise<ImageStatistics | Failure> {
  const counter = new PercentileCounter(wanted, selection);
  const failed = await pass((values) => counter.countUpper(values));
  if (failed) return failed;
  counter.chooseParts();
  const again = await pass((values) => counter.countLower(values));
  return again ?? { ...unmeasured, percentiles: () => counter.percentiles };
}

/** As momentsOf computes them: two passes of float64 sums. */
async function measuredMoments(
  pass: Pass,
  { nonzero }: Selection,
  withDeviation: boolean,
): Promise<ImageStatistics | Failure> {
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const failed = await pass((values) => {
    for (const value of values) {
      if (!Number.isFinite(value) || (nonzero && value === 0)) continue;
      count += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  });
  if (failed) return failed;
  const extremes = count === 0 ? { count, min: 0, max: 0 } : { count, min, max };
  const moments = { ...extremes, mean: extremes.min, std: 0 };
  if (withDeviation && extremes.min !== extremes.max) {
    const mean = sum / count;
    let squares = 0;
    const again = await pass((values) => {
      for (const value of values) {
        if (!Number.isFinite(value) || (nonzero && value === 0)) continue;
        squares += (value - mean) * (value - mean);
      }
    });
    if (again) return again;
    Object.assign(moments, { mean, std: Math.sqrt(squares / count) } satisfies Partial<Moments>);
  }
  return { ...unmeasured, extremes: () => extremes, moments: () => moments };
}
