import { onnx } from '../../codegen/onnx/proto.js';
import type { WeightSource } from '../../codegen/weights/weight-source.js';
import type { CompiledNetwork } from '../../src/compile.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { Random } from '../grammar/random.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { build, bytesOf, modelBytes, type Result, runOnnx } from '../onnx/run-onnx.js';
import { evaluate } from '../reference/evaluate.js';
import { compileAt, type Fitted } from './fitted.js';

/** Against the reference in float64, and between two models in float32; relative to the largest magnitude. */
const REFERENCE_TOLERANCE = 1e-4;
const MODEL_TOLERANCE = 1e-5;
/**
 * A norm over two channels, or a softmax of large logits, makes much of little. A difference beyond the tolerance is
 * still rounding where weights that differ in their last float32 digit alone move the reference nearly as far.
 */
const NOISE_FACTOR = 8;

/** What a network's ONNX models came to. */
export interface OnnxCheck {
  /** What differs from what the compiler and the reference say; empty where all is well. */
  readonly problems: readonly string[];
  /** The models that were run, for a checker of files. */
  readonly models: readonly Uint8Array[];
  /** Stages whose shape and numbers were compared. */
  readonly stages: number;
}

/**
 * Builds a network with fixed and with free sizes, runs both on onnxruntime, and compares every stage's shape with
 * the inferred one, its numbers with the reference, and the weights' elements with the compiler's counts.
 */
export async function checkOnnx({ spec, axes, network }: Fitted): Promise<OnnxCheck> {
  const problems: string[] = [];
  const { graph } = network;
  const weights = weightElements(graph);
  const { parameters, statistics } = network.facts;
  if (weights !== parameters + statistics) {
    problems.push(`the model has ${weights} weights, counted are ${parameters} + ${statistics}`);
  }
  const stages = await compareStages(network, problems);
  const dynamic = modelBytes(graph, { dynamic: true });
  const models = [modelBytes(graph), dynamic];
  const samples = [
    graph.inputSize,
    axes.map(({ minimum }) => minimum),
    axes.map(({ minimum, step }, axis) => minimum + (axis === axes.length - 1 ? 0 : step)),
  ];
  for (const spatial of samples) {
    const input = exampleInput(graph, 2, spatial);
    const fixed = await runOnnx(modelBytes(compileAt(spec, spatial).graph), input);
    const free = await runOnnx(dynamic, input);
    const [a, b] = [fixed.get('output'), free.get('output')];
    if (!a || !b || a.shape.join() !== b.shape.join()) {
      problems.push(
        `at ${spatial.join(' x ')} the free sizes give ${b?.shape.join(' x ')}, not ${a?.shape.join(' x ')}`,
      );
    } else if (!(relativeDifference(b.data, a.data) <= MODEL_TOLERANCE)) {
      problems.push(`at ${spatial.join(' x ')} the free sizes give other numbers`);
    }
  }
  return { problems, models, stages };
}

/** Every stage of a run of the fixed model against the inferred shape and the reference; how many there were. */
async function compareStages({ graph, facts }: CompiledNetwork, problems: string[]): Promise<number> {
  const input = exampleInput(graph, 1);
  const reference = evaluate(graph, exampleWeights, input);
  const results = await runStages(graph, input);
  let noise: ReturnType<typeof evaluate>[] | undefined;
  for (const { name, value } of graph.stages) {
    const found = results.get(name);
    if (!found) continue;
    const inferred = [1, graph.nodes[value]?.channels, ...facts.spatial(value)].join(' x ');
    if (found.shape.join(' x ') !== inferred) {
      problems.push(`${name} is inferred as ${inferred}, and onnxruntime has ${found.shape.join(' x ')}`);
      continue;
    }
    const expected = reference.get(value)?.data ?? [];
    const difference = relativeDifference(found.data, expected);
    if (difference <= REFERENCE_TOLERANCE) continue;
    noise ??= lastDigits(graph).map((weights) => evaluate(graph, weights, input));
    const unavoidable = noise.map((moved) => relativeDifference(moved.get(value)?.data ?? [], expected));
    if (!(difference <= NOISE_FACTOR * Math.max(...unavoidable))) {
      problems.push(
        `${name} differs by ${difference} from the reference, ${unavoidable.join(', ')} is noise`,
      );
    }
  }
  // The input itself is no output that a model can have.
  const missing = graph.stages.filter(({ name }) => name !== 'input' && !results.has(name));
  if (missing.length > 0) problems.push(`no tensors for ${missing.map(({ name }) => name).join()}`);
  return results.size;
}

/** Weights that differ from the examples' by one unit in the last place of float32, up or down at random. */
function lastDigits(graph: Graph): readonly WeightSource[] {
  return [1, 2, 3].map((seed) => {
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

/** The value of every stage but the input, by stage name: the model with the stages' tensors as further outputs. */
export async function runStages(
  graph: Graph,
  input: ReturnType<typeof exampleInput>,
  weights = exampleWeights,
): Promise<ReadonlyMap<string, Result>> {
  const { files, stageTensors } = build(graph, { weights });
  const model = onnx.ModelProto.decode(bytesOf(files[0]?.chunks ?? []));
  const infos = new Map((model.graph?.valueInfo ?? []).map((info) => [info.name ?? '', info]));
  const outputs = model.graph?.output ?? [];
  for (const tensor of new Set(stageTensors.values())) {
    const info = infos.get(tensor);
    if (info) outputs.push(info);
  }
  const results = await runOnnx(onnx.ModelProto.encode(model).finish(), input);
  const stages = [...stageTensors].flatMap(([stage, tensor]): [string, Result][] => {
    const result = results.get(tensor);
    return result ? [[stage, result]] : [];
  });
  return new Map(stages);
}

/** Elements of those initializers of the model that carry a parameter's name. */
function weightElements(graph: Graph): number {
  const names = new Set(parametersOf(graph).map((parameter) => parameter.name));
  const { graph: model } = onnx.ModelProto.decode(modelBytes(graph));
  const counts = (model?.initializer ?? [])
    .filter(({ name }) => names.has(name ?? ''))
    .map(({ dims }) => (dims ?? []).reduce((product: number, size) => product * Number(size), 1));
  return counts.reduce((sum, count) => sum + count, 0);
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
