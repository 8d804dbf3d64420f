import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { mapMisuse, openNameMap } from '../../runtime/files/open-name-map.js';
import { readWeightsFile } from '../../runtime/files/read-weights-file.js';
import { seededWeights } from '../../weights/initialize.js';
import type { WeightSource } from '../../weights/weight-source.js';

const LARGEST_SEED = 0xffff_ffff;

export interface WeightOptions {
  readonly seed?: string;
  readonly weights?: string;
  readonly map?: string;
}

/** What is wrong with the options, before anything is compiled. */
export function weightMisuse({ weights, seed, map }: WeightOptions): string | undefined {
  if (weights !== undefined && seed !== undefined) {
    return '--seed and --weights contradict each other: give one of them';
  }
  if (map !== undefined) {
    return weights === undefined ? '--map goes with --weights: it says how they are called' : mapMisuse(map);
  }
  if (seed === undefined || (/^\d+$/.test(seed) && Number(seed) <= LARGEST_SEED)) return undefined;
  return `--seed takes a whole number from 0 to ${LARGEST_SEED}, not \`${seed}\``;
}

/**
 * The weights that were asked for: those of a file of any format that is read, or those of a seed (0 unless given).
 * A file may also hold the heads that only training has. A failure lists every tensor that is missing, superfluous or
 * of another shape. The options hold (see weightMisuse).
 */
export function openWeights(network: CompiledNetwork, options: WeightOptions): WeightSource | Failure {
  const { weights, seed = '0', map } = options;
  if (weights === undefined) return seededWeights(Number(seed));
  const names = map === undefined ? undefined : openNameMap(map);
  if (names instanceof Failure) return names;
  const own = readWeightsFile(weights, network.graph, names);
  if (!(own instanceof Failure) || network.training === network.graph) return own;
  const trained = readWeightsFile(weights, network.training, names);
  return trained instanceof Failure ? own : trained;
}
