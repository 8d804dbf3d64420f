import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { parametersOf } from '../../ir/graph.js';
import { readWeightsFile } from '../../runtime/files/read-weights-file.js';
import { seededWeights } from '../../weights/initialize.js';
import type { WeightSource } from '../../weights/weight-source.js';

/**
 * The first values of the parameters of a training: drawn from a seed, or read from a file. If the file lacks the heads that
 * only training has, these are drawn from the seed.
 */
export function startWeights(
  network: CompiledNetwork,
  path: string | undefined,
  seed: number,
): WeightSource | Failure {
  const drawn = seededWeights(seed);
  if (path === undefined) return drawn;
  const whole = readWeightsFile(path, network.training);
  if (!(whole instanceof Failure)) return whole;
  const own = readWeightsFile(path, network.graph);
  if (own instanceof Failure) return own;
  const names = new Set(parametersOf(network.graph).map(({ name }) => name));
  return { chunks: (parameter) => (names.has(parameter.name) ? own : drawn).chunks(parameter) };
}
