import type { Tf } from '../../codegen/tfjs/tf.js';
import type { CompiledNetwork } from '../../src/compiler/compile.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import type { Result } from '../onnx/run-onnx.js';
import { runStages } from '../random/check-onnx.js';
import { RoundingNoise, relativeDifference } from '../random/rounding-noise.js';
import { evaluate } from '../reference/evaluate.js';
import { runTfjsStages, type Values } from './run-tfjs.js';

/** Relative to the largest magnitude of the stage. */
const TOLERANCE = 1e-4;

/** A network's stages on onnxruntime, to compare other engines with. */
export class StageCheck {
  private constructor(
    private readonly network: CompiledNetwork,
    private readonly input: Values,
    readonly expected: ReadonlyMap<string, Result>,
  ) {}

  static async of(network: CompiledNetwork, batch = 2): Promise<StageCheck> {
    const input = exampleInput(network.graph, batch);
    return new StageCheck(network, input, await runStages(network.graph, input));
  }

  /** What differs on tfjs's current engine; empty where every stage is equal. */
  async problems(tf: Tf, dynamic = false): Promise<readonly string[]> {
    const { graph } = this.network;
    const found = await runTfjsStages(tf, graph, this.input, { dynamic });
    return graph.stages.flatMap(({ path: { text: name }, value }) => {
      if (value === 0) return [];
      const [a, b] = [found.get(name), this.expected.get(name)];
      if (!a || !b || a.shape.join() !== b.shape.join()) {
        return [`${name} is ${a?.shape.join(' x ')}, onnxruntime has ${b?.shape.join(' x ')}`];
      }
      const difference = relativeDifference(a.data, b.data);
      if (difference <= TOLERANCE || difference <= this.rounding(value)) return [];
      return [`${name} differs by ${difference} from onnxruntime`];
    });
  }

  /** Where two engines differ by more, the float64 reference says how much of it is rounding. */
  private rounding(value: number): number {
    const { graph } = this.network;
    const reference = evaluate(graph, exampleWeights, this.input);
    return new RoundingNoise(graph, this.input, reference).allowed(value);
  }
}
