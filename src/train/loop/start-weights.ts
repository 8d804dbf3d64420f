import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { parametersOf } from '../../ir/graph.js';
import { readWeightsFile } from '../../runtime/files/read-weights-file.js';
import { seededWeights } from '../../weights/initialize.js';
import type { WeightSource } from '../../weights/weight-source.js';

/**
 * Where the parameters of a training start: as a seed draws them, or as a file has them. Of a file without the heads that
 * only training has, those heads start as the seed draws them.
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
