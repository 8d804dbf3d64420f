import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { parametersOf } from '../../ir/graph.js';
import { openNameMap } from '../../runtime/files/open-name-map.js';
import { readWeightsFile } from '../../runtime/files/read-weights-file.js';
import { seededWeights } from '../../weights/initialize.js';
import type { WeightSource } from '../../weights/weight-source.js';

/** Where the first values of the parameters come from. */
export interface WeightsStart {
  /** A file of weights; without one, the values are drawn from the seed. */
  readonly weights?: string | undefined;
  /** The map of the names in the file: a built-in map or a file. */
  readonly map?: string | undefined;
  readonly seed: number;
  /** Called with what the user should know about the file. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * The first values of the parameters of a training: drawn from a seed, or read from a file. If the file lacks the heads that
 * only training has, these are drawn from the seed.
 */
export function startWeights(network: CompiledNetwork, options: WeightsStart): WeightSource | Failure {
  const { weights: path, map, seed, onNote } = options;
  const drawn = seededWeights(seed);
  if (path === undefined) return drawn;
  const names = map === undefined ? undefined : openNameMap(map);
  if (names instanceof Failure) return names;
  const whole = readWeightsFile(path, network.training, names, onNote);
  if (!(whole instanceof Failure) || whole.code === 'weights-not-finite') return whole;
  const own = readWeightsFile(path, network.graph, names, onNote);
  if (own instanceof Failure) return own;
  const known = new Set(parametersOf(network.graph).map(({ name }) => name));
  return { chunks: (parameter) => (known.has(parameter.name) ? own : drawn).chunks(parameter) };
}
