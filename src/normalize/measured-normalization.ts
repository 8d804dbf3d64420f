import type { UnmeasuredChannel } from '../diagnostics/codes/normalization.js';
import type { DataValues } from './data-values.js';
import {
  type FixedStatistics,
  isMeasured,
  type Normalization,
  type OneNormalization,
} from './normalization.js';
import type { ValueSummary } from './value-distribution.js';

/** A normalisation with measured numbers, or why there are none. */
export type Measurement =
  | { readonly ok: true; readonly normalization: Normalization }
  | { readonly ok: false; readonly unmeasured: UnmeasuredChannel };

/** The numbers have so many digits. They are written into a spec, and training uses what is written. */
const DIGITS = 7;

/**
 * Replaces each `ct(auto)` by the numbers of the foreground, as nnU-Net's fingerprint has them: percentiles 0.5 and 99.5,
 * mean and deviation, of each channel by itself. So a `ct(auto)` for several channels becomes a list.
 *
 * @param values the stored values of the training images, with their foreground
 */
export function measuredNormalization(normalization: Normalization, values: DataValues): Measurement {
  if (!isMeasured(normalization)) return { ok: true, normalization };
  const { foreground } = values;
  const asked =
    normalization.kind === 'channels' ? normalization.channels : foreground.map(() => normalization);
  const channels: OneNormalization[] = [];
  for (const [index, one] of asked.entries()) {
    const found = one.kind === 'ct_auto' ? statisticsOf(foreground[index], index + 1) : one;
    if ('problem' in found) return { ok: false, unmeasured: found };
    channels.push(found);
  }
  const [first] = channels;
  const isSingle = normalization.kind !== 'channels' && channels.length === 1;
  return { ok: true, normalization: isSingle && first ? first : { kind: 'channels', channels } };
}

function statisticsOf(
  summary: ValueSummary | undefined,
  channel: number,
): FixedStatistics | UnmeasuredChannel {
  if (!summary) return { channel, problem: 'no-foreground' };
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  const [low, high] = [rounded(summary.p0_5), rounded(summary.p99_5)];
  if (!(low < high)) return { channel, problem: 'equal-values', value: low };
  return { kind: 'ct', low, high, mean: rounded(summary.mean), std: rounded(summary.std) };
}
