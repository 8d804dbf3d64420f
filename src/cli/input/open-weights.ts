import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { openNameMap, unknownMap } from '../../runtime/files/open-name-map.js';
import { readWeightsFile } from '../../runtime/files/read-weights-file.js';
import { seededWeights } from '../../weights/initialize.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { reportNote } from '../output/output.js';

const LARGEST_SEED = 0xffff_ffff;

export interface WeightOptions {
  readonly seed?: string;
  readonly weights?: string;
  readonly map?: string;
}

/** What is wrong with the options, before anything is compiled. */
export function weightUsageError({ weights, seed, map }: WeightOptions): Failure | undefined {
  if (weights !== undefined && seed !== undefined) {
    return failure('conflicting-options', { options: ['--seed', '--weights'] });
  }
  if (map !== undefined) {
    return weights === undefined
      ? failure('incomplete-options', { option: '--map', required: 'weights' })
      : unknownMap(map);
  }
  if (seed === undefined || (/^\d+$/.test(seed) && Number(seed) <= LARGEST_SEED)) return undefined;
  const wanted = { wholeFrom: 0, to: LARGEST_SEED };
  return failure('invalid-option-value', { option: '--seed', value: seed, wanted });
}

/**
 * The weights that the options choose: from a file of any readable format, or from a seed (0 by default). A file may
 * also contain the heads that only training has. A failure lists every tensor that is missing, superfluous or of
 * another shape. The options have no usage error (see weightUsageError).
 */
export function openWeights(network: CompiledNetwork, options: WeightOptions): WeightSource | Failure {
  const { weights, seed = '0', map } = options;
  if (weights === undefined) return seededWeights(Number(seed));
  const names = map === undefined ? undefined : openNameMap(map);
  if (names instanceof Failure) return names;
  const own = readWeightsFile(weights, network.graph, names, reportNote);
  if (!(own instanceof Failure) || network.training === network.graph) return own;
  const trained = readWeightsFile(weights, network.training, names, reportNote);
  return trained instanceof Failure && trained.code !== 'weights-not-finite' ? own : trained;
}
