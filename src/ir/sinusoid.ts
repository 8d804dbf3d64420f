import type { OpAttributes } from './op-attributes.js';

/** The frequencies f_i of a sinusoid, fastest first: period^(-i / (h - 1)) for i in 0..h-1, h = channels / 2. */
export function sinusoidFrequencies({ channels, period }: OpAttributes['sinusoid']): readonly number[] {
  const half = channels / 2;
  return Array.from({ length: half }, (_, i) => period ** (-i / (half - 1)));
}
