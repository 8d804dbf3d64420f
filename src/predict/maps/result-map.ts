import { regionMask } from '../../runtime/images/regions.js';
import type { JoinedRows } from '../labels/joined-rows.js';
import { addEntropy } from './entropy.js';

/** The maps of how sure a prediction is. */
export const UNCERTAINTIES = ['entropy', 'disagreement'] as const;
export type Uncertainty = (typeof UNCERTAINTIES)[number];

/** What a map besides the labels shows. */
export type MapContent =
  /** 1 where an output channel is more probable than not: regions may overlap. */
  | { readonly kind: 'region'; readonly channel: number }
  /** The entropy of the mean of all members, in nats. */
  | { readonly kind: 'entropy' }
  /**
   * The entropy of the mean of all members minus the mean of their entropies, in nats: the mutual information between the
   * class and the member (BALD, Houlsby et al. 2011, arXiv:1112.5745; Smith and Gal 2018, arXiv:1803.08533).
   */
  | { readonly kind: 'disagreement' };

/** A map of numbers besides the labels, one for each position. */
export interface ResultMap {
  /** What its file is called after the output's name. */
  readonly name: string;
  readonly content: MapContent;
}

/** The type of the numbers of a map. */
export function mapType({ content }: ResultMap): 'uint8' | 'float32' {
  return content.kind === 'region' ? 'uint8' : 'float32';
}

/** The numbers of maps for rows of joined outputs, in the order of the maps. */
export function mapRows(
  maps: readonly ResultMap[],
  rows: JoinedRows,
): readonly (Uint8Array | Float32Array)[] {
  let entropy: Float64Array | undefined;
  const entropyOf = () => {
    if (entropy) return entropy;
    const { data, shape } = rows.probabilities();
    const channels = shape[0] ?? 1;
    entropy = new Float64Array(data.length / channels);
    addEntropy(data, channels, rows.distribution, entropy);
    return entropy;
  };
  return maps.map(({ content }) => {
    switch (content.kind) {
      case 'region':
        return regionMask(rows.values, content.channel, rows.threshold);
      case 'entropy':
        return Float32Array.from(entropyOf());
      default: {
        const { within } = rows;
        // It is at least 0; less than that is rounding.
        return Float32Array.from(entropyOf(), (value, i) => Math.max(0, value - (within?.[i] ?? value)));
      }
    }
  });
}
