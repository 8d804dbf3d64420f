import { numberText } from '../../language/expressions/values.js';
import type { DataValues, ReceivedValues } from '../../normalize/data-values.js';
import { type Normalization, normalizationText } from '../../normalize/normalization.js';

/**
 * Bounds of what a network can learn from without more ado. The start of the weights (He et al. 2015) expects values around
 * 1: pictures of 8 bits, as 0 to 1, have a deviation of 0.1 to 0.3, and `zscore` gives 1.
 *
 * With a deviation below 0.02 the differences between classes are as small as the noise of the first steps: images of 12
 * bits in files of 16, which reach a network as 0 to 0.06, have about 0.01. Above 10, in either number, the first layers
 * give values that saturate a softmax before anything is learned: CT in Hounsfield units has about 500.
 */
const LEAST_DEVIATION = 0.02;
const MOST = 10;

/** What is said of the values of a data set. */
export interface ValueDescription {
  /** A line for each channel: its range and its percentiles, as stored. */
  readonly lines: readonly string[];
  /** A sentence for each channel whose values are far from what a network learns from. */
  readonly warnings: readonly string[];
}

/** Describes the values of the images of a data set, for a network with this `normalize`. */
export function describeValues(values: DataValues, normalization: Normalization): ValueDescription {
  const { channels } = values;
  const received = values.received(normalization);
  const of = (index: number) => (channels.length === 1 ? '' : ` of channel ${index + 1}`);
  const lines = channels.map((one, index) => {
    if (!one) return `values${of(index)}: none`;
    const [min, max, ...percentiles] = [one.min, one.max, one.p0_5, one.p50, one.p99_5].map(shortText);
    return `values${of(index)}: ${min} to ${max}; percentiles 0.5, 50 and 99.5: ${percentiles.join(', ')}`;
  });
  const warnings = received.flatMap((one, index) => {
    const summary = channels[index];
    if (!one || !summary || !isFar(one)) return [];
    // Equal values have nothing to learn from, whatever is done to them.
    if (summary.min === summary.max) return [];
    return [
      `with \`normalize = ${normalizationText(normalization)}\`, a network receives the values${of(index)} with mean ` +
        `${shortText(one.mean)} and deviation ${shortText(one.std)}, too ${sizeOf(one)} to learn from: set ` +
        '`normalize = zscore`, `percentile(0.5, 99.5)` or, for CT, `ct(auto)`',
    ];
  });
  return { lines, warnings };
}

function isFar({ mean, std }: ReceivedValues): boolean {
  return std < LEAST_DEVIATION || std > MOST || Math.abs(mean) > MOST;
}

function sizeOf({ mean, std }: ReceivedValues): 'small' | 'large' {
  return std > MOST || Math.abs(mean) > MOST ? 'large' : 'small';
}

/** A whole number with separated thousands, any other one with four digits. */
function shortText(value: number): string {
  return numberText(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}
