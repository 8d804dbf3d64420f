import { onnx } from '../../codegen/onnx/proto.js';
import type { CompiledNetwork } from '../../src/compiler/compile.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { build, bytesOf, modelBytes, type Result, runOnnx } from '../onnx/run-onnx.js';
import { evaluate } from '../reference/evaluate.js';
import { compileAt, type Fitted } from './fitted.js';
import { RoundingNoise, relativeDifference } from './rounding-noise.js';

/** Against the reference in float64, and between two models in float32; relative to the largest magnitude. */
const REFERENCE_TOLERANCE = 1e-4;
const MODEL_TOLERANCE = 1e-5;

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
export async function compareStages({ graph, facts }: CompiledNetwork, problems: string[]): Promise<number> {
  const input = exampleInput(graph, 1);
  const reference = evaluate(graph, exampleWeights, input);
  const results = await runStages(graph, input);
  const noise = new RoundingNoise(graph, input, reference);
  for (const {
    path: { text: name },
    value,
  } of graph.stages) {
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
    const allowed = noise.allowed(value);
    if (!(difference <= allowed)) {
      problems.push(`${name} differs by ${difference} from the reference, ${allowed} is rounding`);
    }
  }
  // The input itself is no output that a model can have.
  const missing = graph.stages.filter(({ path: { text: name }, value }) => value !== 0 && !results.has(name));
  if (missing.length > 0) problems.push(`no tensors for ${missing.map(({ path }) => path.text).join()}`);
  return results.size;
}

/** The value of every stage but the input, by stage name: the model with the stages' tensors as further outputs. */
export async function runStages(
  graph: Graph,
  input: ReturnType<typeof exampleInput>,
  weights = exampleWeights,
): Promise<ReadonlyMap<string, Result>> {
  const { files, stageTensors } = build(graph, { weights, stageOutputs: true });
  const results = await runOnnx(bytesOf(files[0]?.chunks ?? []), input);
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
