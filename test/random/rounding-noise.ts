import { type Graph, parametersOf, type ValueId } from '../../src/ir/graph.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { Random } from '../grammar/random.js';
import { exampleWeights } from '../onnx/example-graphs.js';
import { evaluate, type Tensor } from '../reference/evaluate.js';

/**
 * A norm over two channels, or a softmax of large logits, makes much of little. A difference beyond a tolerance is
 * still rounding where weights that differ in their last float32 digit alone move the reference nearly as far. An engine
 * also rounds every value on the way, in the deepest networks some hundred times a path.
 */
const NOISE_FACTOR = 32;

/** How far float32 arithmetic may be from the reference at each value of a graph with the examples' weights. */
export class RoundingNoise {
  private moved: readonly ReadonlyMap<ValueId, Tensor>[] | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly input: Parameters<typeof evaluate>[2],
    private readonly reference: ReadonlyMap<ValueId, Tensor>,
  ) {}

  /** The largest relative difference that is still rounding. */
  allowed(value: ValueId): number {
    this.moved ??= lastDigits(this.graph).map((weights) => evaluate(this.graph, weights, this.input));
    const expected = this.reference.get(value)?.data ?? [];
    const moves = this.moved.map((values) => relativeDifference(values.get(value)?.data ?? [], expected));
    return NOISE_FACTOR * Math.max(...moves);
  }
}

/** Weights that differ from the examples' by one unit in the last place of float32, up or down at random. */
function lastDigits(graph: Graph): readonly WeightSource[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
    const random = new Random(seed);
    const moved = parametersOf(graph).map((parameter): [string, Float32Array[]] => [
      parameter.name,
      [...exampleWeights.chunks(parameter)].map((chunk) =>
        chunk.map((value) => value * (1 + (random.chance(0.5) ? 1 : -1) * 2 ** -23)),
      ),
    ]);
    const chunks = new Map(moved);
    return { chunks: ({ name }) => chunks.get(name) ?? [] };
  });
}

/** The largest difference by the largest expected magnitude; a map of zeros must be zero to 1e-6. */
export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 1e-2];
  for (let i = 0; i < expected.length; i += 1) {
    const [a, b] = [found[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    if (!Number.isFinite(a - b)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference / largest;
}
