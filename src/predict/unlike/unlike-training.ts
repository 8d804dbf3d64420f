import type { ChannelValues } from './case-values.js';
import type { NumberRange, TrainingStatistics } from './training-statistics.js';

/** What is known of a case. */
export interface CaseStatistics {
  /** In positions, on each axis. */
  readonly size: readonly number[];
  /** In mm, where the file states it. */
  readonly spacing: readonly number[] | undefined;
  /** Of each channel; undefined where nothing depends on them. */
  readonly channels: readonly (ChannelValues | undefined)[] | undefined;
}

/** In what a case lies outside of the training images: its numbers, and theirs, on each axis or of one channel. */
export interface Unlike {
  readonly what: 'spacing' | 'size' | 'mean' | 'deviation';
  /** From 1; only of values. */
  readonly channel?: number;
  readonly found: readonly number[];
  readonly training: readonly NumberRange[];
}

/** A spacing this many times finer or coarser than any in training. */
const SPACING = 1.5;
/** An image this many times smaller, or larger, than any in training. */
const SMALLER = 2;
const LARGER = 4;
/** A deviation this many times smaller or larger than that of any image in training. */
const DEVIATION = 2;
/** With fewer images than these, their means say little of those to come. */
const FEW_IMAGES = 5;

/**
 * What of a case lies clearly outside of what its model was trained on:
 *
 * - a spacing more than 1.5 times finer or coarser than any of the training images, on some axis;
 * - a size of less than half of the smallest, or, where neither the case nor the training images state a spacing, of more than
 *   four times the largest: an image of unknown scale;
 * - a mean beyond the means of the training images by more than the width of their range, and by more than half of the
 *   deviation of all training values (the whole deviation with fewer than five training images);
 * - a deviation less than half of the least of a training image, or more than twice the largest.
 */
export function unlikeTraining(training: TrainingStatistics, own: CaseStatistics): readonly Unlike[] {
  const found: Unlike[] = [];
  const { spacing, size } = own;
  if (spacing && training.spacing && isBeyond(spacing, training.spacing, SPACING, SPACING)) {
    found.push({ what: 'spacing', found: spacing, training: training.spacing });
  }
  const larger = spacing || training.spacing ? Number.POSITIVE_INFINITY : LARGER;
  if (isBeyond(size, training.size, SMALLER, larger)) {
    found.push({ what: 'size', found: size, training: training.size });
  }
  for (const [i, values] of (own.channels ?? []).entries()) {
    const known = training.channels[i];
    if (!values || !known) continue;
    const { means, deviations, std } = known;
    const least = training.images < FEW_IMAGES ? std : std / 2;
    const margin = Math.max(means.max - means.min, least);
    const channel = i + 1;
    if (values.mean < means.min - margin || values.mean > means.max + margin) {
      found.push({ what: 'mean', channel, found: [values.mean], training: [means] });
    }
    if (isBeyond([values.std], [deviations], DEVIATION, DEVIATION)) {
      found.push({ what: 'deviation', channel, found: [values.std], training: [deviations] });
    }
  }
  return found;
}

/** Whether a number is so many times smaller than the least of its range, or larger than the largest. */
function isBeyond(
  numbers: readonly number[],
  ranges: readonly NumberRange[],
  smaller: number,
  larger: number,
): boolean {
  if (numbers.length !== ranges.length) return false;
  return numbers.some((number, i) => {
    const { min, max } = ranges[i] ?? { min: number, max: number };
    return number * smaller < min * (1 - 1e-6) || number > max * larger * (1 + 1e-6);
  });
}

const shown = (value: number) => Number(value.toPrecision(4));

function rangeText({ min, max }: NumberRange): string {
  return shown(min) === shown(max) ? `${shown(min)}` : `${shown(min)} to ${shown(max)}`;
}

/** One sentence with both numbers. */
export function unlikeText({ what, channel, found, training }: Unlike, channels: number): string {
  const own = found.map(shown).join(' x ');
  const theirs = training.map(rangeText).join(' x ');
  const of = channel === undefined || channels < 2 ? '' : ` of channel ${channel}`;
  switch (what) {
    case 'spacing':
      return `its spacing is ${own} mm, and that of the training images ${theirs} mm`;
    case 'size':
      return `its size is ${own}, and that of the training images ${theirs}`;
    case 'mean':
      return `the mean of its values${of} is ${own}, and those of the training images ${theirs}`;
    default:
      return `the standard deviation of its values${of} is ${own}, and those of the training images ${theirs}`;
  }
}
