/** Over which values the statistics of an image go, and which values change. */
export interface Extent {
  /** Only the values that are not 0. A 0 stays 0. */
  readonly nonzero: boolean;
  /** Each channel by its own statistics; otherwise one statistic for the whole image. */
  readonly per_channel: boolean;
}

/** The values of an image from its least to its largest, as 0 to 1. */
export interface MinMax extends Extent {
  readonly kind: 'minmax';
}
/** Mean 0 and standard deviation 1. */
export interface ZScore extends Extent {
  readonly kind: 'zscore';
}
/** The values between two percentiles of the image, as 0 to 1. */
export interface PercentileRange extends Extent {
  readonly kind: 'percentile';
  /** From 0 to 100, `low` below `high`. */
  readonly low: number;
  readonly high: number;
  /** Whether values beyond become 0 and 1. */
  readonly clip: boolean;
}
/** The values from `low` to `high`, the same numbers for every image, as 0 to 1. */
export interface FixedRange {
  readonly kind: 'range';
  readonly low: number;
  readonly high: number;
  readonly clip: boolean;
}
/** Clipped to a range, then minus a mean and divided by a deviation: the same four numbers for every image. */
export interface FixedStatistics {
  readonly kind: 'ct';
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** Above 0. */
  readonly std: number;
}
/** As `ct`, with numbers that training measures on its images. */
export interface MeasuredStatistics {
  readonly kind: 'ct_auto';
}

/** What is done to the stored values of a channel, or of an image, before a network sees them. */
export type OneNormalization =
  | { readonly kind: 'none' }
  | MinMax
  | ZScore
  | PercentileRange
  | FixedRange
  | FixedStatistics
  | MeasuredStatistics;

/** One for each channel, in their order. None of the items is `per_channel`. */
export interface ChannelNormalizations {
  readonly kind: 'channels';
  readonly channels: readonly OneNormalization[];
}

/** What is done to the stored values of an image before a network sees them: the attribute `normalize`. */
export type Normalization = OneNormalization | ChannelNormalizations;

/** A normalisation as a spec writes it: `zscore(nonzero: true)`, `[ct(-100, 231, 80.1, 40.2), minmax]`. */
export function normalizationText(normalization: Normalization): string {
  if (normalization.kind === 'channels') {
    return `[${normalization.channels.map(normalizationText).join(', ')}]`;
  }
  const args = argumentsOf(normalization);
  return args.length === 0 ? wordOf(normalization) : `${wordOf(normalization)}(${args.join(', ')})`;
}

function wordOf({ kind }: OneNormalization): string {
  return kind === 'ct_auto' ? 'ct' : kind;
}

function argumentsOf(one: OneNormalization): readonly string[] {
  switch (one.kind) {
    case 'none':
      return [];
    case 'minmax':
    case 'zscore':
      return extentArguments(one);
    case 'percentile':
      return [...clippedRange(one), ...extentArguments(one)];
    case 'range':
      return clippedRange(one);
    case 'ct':
      return [one.low, one.high, one.mean, one.std].map(String);
    case 'ct_auto':
      return ['auto'];
    default:
      return one satisfies never;
  }
}

function clippedRange({ low, high, clip }: PercentileRange | FixedRange): string[] {
  return [String(low), String(high), ...(clip ? [] : ['clip: false'])];
}

function extentArguments(extent: Extent): string[] {
  return (['nonzero', 'per_channel'] as const).filter((name) => extent[name]).map((name) => `${name}: true`);
}

/** The normalisations of the channels: of every single one, or one that holds for all. */
export function normalizationsOf(normalization: Normalization): readonly OneNormalization[] {
  return normalization.kind === 'channels' ? normalization.channels : [normalization];
}

/** Whether training must measure numbers before an image can be normalised. */
export function isMeasured(normalization: Normalization): boolean {
  return normalizationsOf(normalization).some(({ kind }) => kind === 'ct_auto');
}

/** Whether the numbers come from each image, so that a part of an image would be normalised otherwise than the whole. */
export function isPerImage(normalization: Normalization): boolean {
  return normalizationsOf(normalization).some(
    ({ kind }) => kind === 'minmax' || kind === 'zscore' || kind === 'percentile',
  );
}
