import { type LengthUnit, millimetres } from '../../formats/geometry.js';

/** The least and the largest of some numbers. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** What a model says of its training images. */
export interface TrainingStatistics {
  readonly images: number;
  /** Of each channel: the deviation of all values, and the ranges of the means and of the deviations of single images. */
  readonly channels: readonly {
    readonly std: number;
    readonly means: NumberRange;
    readonly deviations: NumberRange;
  }[];
  /** Of each axis, in positions. */
  readonly size: readonly NumberRange[];
  /** Of each axis, in mm; undefined if the training images did not state it. */
  readonly spacing: readonly NumberRange[] | undefined;
}

const UNITS: readonly LengthUnit[] = ['m', 'cm', 'mm', 'um', 'nm'];

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function rangeOf(value: unknown): NumberRange | undefined {
  const [min, max] = [at(value, 'min'), at(value, 'max')];
  return typeof min === 'number' && typeof max === 'number' && min <= max ? { min, max } : undefined;
}

/** {min: [..], max: [..]} as a range for each axis. */
function axesOf(value: unknown, factor = 1): readonly NumberRange[] | undefined {
  const [min, max] = [at(value, 'min'), at(value, 'max')];
  if (!Array.isArray(min) || !Array.isArray(max) || min.length !== max.length) return undefined;
  const ranges = min.map((least: unknown, i) =>
    rangeOf({ min: Number(least) * factor, max: Number(max[i]) * factor }),
  );
  const known = ranges.filter((one) => one !== undefined);
  return known.length === ranges.length ? known : undefined;
}

/**
 * Reads the statistics in a model's metadata, `unet.training_data`. Undefined in models of other programs. Models of earlier
 * versions do not have those of single images: their list of channels is empty.
 */
export function trainingStatistics(text: string | undefined): TrainingStatistics | undefined {
  let facts: unknown;
  try {
    facts = text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
  const [size, images] = [axesOf(at(facts, 'size')), at(facts, 'images')];
  if (size === undefined || typeof images !== 'number') return undefined;
  const list = at(facts, 'channels');
  const channels = (Array.isArray(list) ? list : []).map((one: unknown) => {
    const [own, std] = [at(one, 'images'), at(one, 'std')];
    const [means, deviations] = [rangeOf(at(own, 'mean')), rangeOf(at(own, 'std'))];
    return means && deviations && typeof std === 'number' ? { std, means, deviations } : undefined;
  });
  const known = channels.filter((one) => one !== undefined);
  const spacing = at(facts, 'spacing');
  const unit = UNITS.find((one) => one === at(spacing, 'unit'));
  return {
    ...{ images, size, channels: known.length === channels.length ? known : [] },
    spacing: unit && axesOf(spacing, millimetres(unit)),
  };
}

/** What several models say together: a number is outside if it is outside for each of them. */
export function mergedStatistics(all: readonly TrainingStatistics[]): TrainingStatistics | undefined {
  const [first, ...others] = all;
  if (!first) return undefined;
  return others.reduce(merged, first);
}

function merged(one: TrainingStatistics, other: TrainingStatistics): TrainingStatistics {
  const axes = (a: readonly NumberRange[], b: readonly NumberRange[]) =>
    a.map((range, i) => widened(range, b[i] ?? range));
  const isAlike = one.channels.length === other.channels.length;
  return {
    images: Math.min(one.images, other.images),
    channels: isAlike
      ? one.channels.map((channel, i) => {
          const own = other.channels[i] ?? channel;
          return {
            std: Math.max(channel.std, own.std),
            means: widened(channel.means, own.means),
            deviations: widened(channel.deviations, own.deviations),
          };
        })
      : [],
    size: axes(one.size, other.size),
    spacing: one.spacing && other.spacing && axes(one.spacing, other.spacing),
  };
}

function widened(one: NumberRange, other: NumberRange): NumberRange {
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}
