import type { DataValues, ImageSpread } from '../../normalize/data-values.js';
import type { ValueSummary } from '../../normalize/value-distribution.js';

/** What the images were like that a network was trained on: JSON values only, for the metadata of the model. */
export interface TrainingSetFacts {
  readonly images: number;
  /** The stored values of each channel, and how far single images differ. */
  readonly channels: readonly (ValueSummary & { readonly images?: ImageSpread | undefined })[];
  /** The sizes of the images, (...spatial). */
  readonly size: Spread;
  /** The spacings that the files give, in `unit` if they name one; undefined if none does. */
  /** Where the axes x, y, z of all files lead: "RAS"; undefined if they differ, or do not say it. */
  readonly orientation?: string;
  readonly spacing?: Spread & { readonly unit?: string | undefined; readonly images: number };
}

/** Of each axis. */
interface Spread {
  readonly min: readonly number[];
  readonly median: readonly number[];
  readonly max: readonly number[];
}

/** What is read of a training image. */
interface Extent {
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  readonly spacingUnit: string | undefined;
  readonly orientation?: string | undefined;
}

/** Describes training images; undefined for a channel without values. */
export function trainingSetFacts(
  values: DataValues,
  samples: readonly Extent[],
): TrainingSetFacts | undefined {
  const all = values.channels;
  const { spreads } = values;
  const channels = all.flatMap((one, i) => (one ? [{ ...one, images: spreads[i] }] : []));
  if (channels.length < all.length) return undefined;
  const spaced = samples.flatMap(({ spacing }) => (spacing ? [spacing] : []));
  const units = new Set(samples.flatMap(({ spacing, spacingUnit }) => (spacing ? [spacingUnit] : [])));
  const [unit] = units;
  const orientations = new Set(samples.map((sample) => sample.orientation));
  const [orientation] = orientations;
  // Numbers in several units cannot be compared.
  const isSpaced = spaced.length > 0 && units.size === 1;
  return {
    images: values.images,
    channels,
    size: spreadOf(samples.map(({ spatial }) => spatial)),
    ...(orientation !== undefined && orientations.size === 1 ? { orientation } : {}),
    ...(isSpaced ? { spacing: { ...spreadOf(spaced), unit, images: spaced.length } } : {}),
  };
}

function spreadOf(lists: readonly (readonly number[])[]): Spread {
  const axes = (lists[0] ?? []).map((_, axis) => lists.map((list) => list[axis] ?? 0).sort((a, b) => a - b));
  const median = (sorted: readonly number[]) => {
    const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    return (low + high) / 2;
  };
  return {
    min: axes.map((sorted) => sorted[0] ?? 0),
    median: axes.map(median),
    max: axes.map((sorted) => sorted.at(-1) ?? 0),
  };
}
