/** Of what kind probabilities, (K, positions), are: they sum to 1, or each stands for itself. */
export type Distribution = 'one-of' | 'each';

/**
 * The entropy of each position in nats, added to `sums`. Of classes that exclude one another, it is
 * -sum p_k ln p_k; of channels that each stand for themselves, the sum of -p ln p - (1 - p) ln(1 - p), which is the entropy
 * of independent regions.
 */
export function addEntropy(
  probabilities: Float32Array,
  channels: number,
  distribution: Distribution,
  sums: Float64Array,
): void {
  const count = sums.length;
  for (let k = 0, at = 0; k < channels; k++) {
    for (let i = 0; i < count; i++, at++) {
      // `as number`: `at` is below channels * count, and `i` below count.
      const p = probabilities[at] as number;
      let own = p > 0 ? -p * Math.log(p) : 0;
      if (distribution === 'each' && p < 1) own -= (1 - p) * Math.log1p(-p);
      sums[i] = (sums[i] as number) + own; // see above
    }
  }
}

/** The largest entropy of `channels`, in nats. */
export function largestEntropy(channels: number, distribution: Distribution): number {
  return distribution === 'each' ? channels * Math.LN2 : Math.log(channels);
}
