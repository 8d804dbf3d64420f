import type { ChannelSummary, ImageSummary } from './image-summary.js';
import type { Normalization, OneNormalization } from './normalization.js';
import type { ImageValues } from './normalize-image.js';
import { RunningMoments } from './running-moments.js';
import { ValueDistribution, type ValueSummary } from './value-distribution.js';

/** The mean and the deviation of the values that a network receives. */
export interface ReceivedValues {
  readonly mean: number;
  readonly std: number;
}

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** How far the values of single images differ: the ranges of their means and of their deviations. */
export interface ImageSpread {
  readonly mean: NumberRange;
  readonly std: NumberRange;
}

/** A channel of a data set. */
class Channel {
  readonly stored = new ValueDistribution('each value');
  readonly divided = new RunningMoments();
  /**
   * As nnU-Net's fingerprint draws the same number of foreground values of each image, each image counts alike here, but all
   * of its values enter.
   */
  readonly foreground = new ValueDistribution('each part');
  private means: NumberRange | undefined;
  private deviations: NumberRange | undefined;

  add(summary: ChannelSummary, divisor: number): void {
    const { count, mean, std, sample, counts } = summary;
    this.stored.addSampled(summary, sample, counts);
    if (count === 0) return;
    this.divided.add(count, mean / divisor, (std / divisor) ** 2);
    this.means = widened(this.means, mean);
    this.deviations = widened(this.deviations, std);
  }

  get spread(): ImageSpread | undefined {
    return this.means && this.deviations && { mean: this.means, std: this.deviations };
  }
}

function widened(range: NumberRange | undefined, value: number): NumberRange {
  return range
    ? { min: Math.min(range.min, value), max: Math.max(range.max, value) }
    : { min: value, max: value };
}

/** The stored values of the images of a data set, channel by channel, in memory that does not grow with their number. */
export class DataValues {
  private readonly parts: readonly Channel[];
  private count = 0;

  constructor(channels: number) {
    this.parts = Array.from({ length: channels }, () => new Channel());
  }

  /** How many images there are. */
  get images(): number {
    return this.count;
  }

  /** Adds an image. The same images in the same order give the same numbers. */
  add({ channels, divisor }: ImageSummary): void {
    this.count += 1;
    for (const [index, channel] of this.parts.entries()) {
      const summary = channels[index];
      if (summary) channel.add(summary, divisor);
    }
  }

  /**
   * Adds the foreground of an image, (C, ...spatial), which `ct(auto)` needs.
   *
   * @param classes (...spatial): the class of each position; 0 is the background
   * @param ignored the number in `classes` of positions that nobody labelled
   */
  addForeground({ data }: ImageValues, classes: ArrayLike<number>, ignored?: number): void {
    const positions = data.length / this.parts.length;
    for (const [index, { foreground }] of this.parts.entries()) {
      const values = data.subarray(index * positions, (index + 1) * positions);
      foreground.add(values.filter((_, i) => classes[i] !== 0 && classes[i] !== ignored));
    }
  }

  /** The values of each channel; undefined where there is none. */
  get channels(): readonly (ValueSummary | undefined)[] {
    return this.parts.map(({ stored }) => stored.summary);
  }

  /** How far the images differ in each channel; undefined where there is no value. */
  get spreads(): readonly (ImageSpread | undefined)[] {
    return this.parts.map(({ spread }) => spread);
  }

  /** The values of each channel at positions of a class other than the background. */
  get foreground(): readonly (ValueSummary | undefined)[] {
    return this.parts.map(({ foreground }) => foreground.summary);
  }

  /** The values of each channel that a network receives; undefined where each image gives its own numbers. */
  received(normalization: Normalization): readonly (ReceivedValues | undefined)[] {
    return this.parts.map((channel, index) => {
      const one = normalization.kind === 'channels' ? normalization.channels[index] : normalization;
      return one && receivedBy(one, channel);
    });
  }
}

function receivedBy(one: OneNormalization, { stored, divided }: Channel): ReceivedValues | undefined {
  switch (one.kind) {
    case 'none':
      return { mean: divided.mean, std: divided.std };
    case 'range': {
      const { low, high, clip } = one;
      return stored.momentsOf((value) => ((clip ? between(value, low, high) : value) - low) / (high - low));
    }
    case 'ct':
      return stored.momentsOf((value) => (between(value, one.low, one.high) - one.mean) / one.std);
    default:
      return undefined;
  }
}

function between(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
