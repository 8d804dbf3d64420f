import { InferenceSession, Tensor } from 'onnxruntime-node';
import { forwardHalf } from '../../src/autodiff/step/differentiate.js';
import { StepBuilder } from '../../src/autodiff/step/step-builder.js';
import { stepModel } from '../../src/autodiff/step/step-model.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount, type Parameter } from '../../src/ir/parameter.js';
import { webgpuProvider } from '../../src/runtime/onnxruntime/webgpu-provider.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { evaluate } from '../reference/evaluate.js';

/** Normal numbers of a name. */
export function normals(name: string, length: number): Float32Array {
  const values = new Float32Array(length);
  new RandomStream(3, name).fillNormal(values, 1);
  return values;
}

export function startOf(parameter: Parameter): Float32Array {
  return Float32Array.from([...exampleWeights.chunks(parameter)].flatMap((chunk) => [...chunk]));
}

/** The factors of a dropout, as if it had a rate of a half: 0 or 2. */
function factorsOf(mask: string, length: number): Float32Array {
  return normals(mask, length).map((value) => (value < 0 ? 0 : 2));
}

/** The gradients, on onnxruntime, of the sum of all outputs, each element times a normal number of its own. */
export async function gradientsOf(
  graph: Graph,
  batch: number,
  { lacking, device = 'cpu' }: { lacking?: ReadonlySet<string>; device?: 'cpu' | 'webgpu' } = {},
): Promise<ReadonlyMap<string, Float32Array>> {
  const builder = new StepBuilder(undefined, lacking);
  const forward = forwardHalf(graph, builder, batch, graph.inputSize);
  const seeds = new Map(
    graph.outputs.map(({ name, value }) => {
      const { shape } = forward.values[value] ?? { shape: [] };
      return [value, { name: `seed ${name}`, shape }] as const;
    }),
  );
  const gradients = forward.backward(seeds);
  const parameters = parametersOf(graph);
  const inputs = [
    ...forward.inputs.map(({ value }) => value),
    ...parameters.map(({ name, shape }) => ({ name, shape })),
    ...seeds.values(),
  ];
  const outputs = [...gradients].map(([{ name }, value]) => ({ name: `gradient of ${name}`, value }));
  const bytes = stepModel(graph.name, builder, inputs, outputs);
  const session = await InferenceSession.create(bytes, {
    executionProviders: [device === 'webgpu' ? webgpuProvider(bytes) : device],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const example = exampleInput(graph, batch);
  const feeds: Record<string, Tensor> = {};
  const feed = (name: string, data: Float32Array, shape: readonly number[]) => {
    feeds[name] = new Tensor('float32', data, [...shape]);
  };
  for (const { kind, value } of forward.inputs) {
    const count = elementCount(value.shape);
    const given = {
      input: example.data,
      time: example.time ?? new Float32Array(count).fill(1),
      mask: factorsOf(value.name, count),
    };
    feed(value.name, given[kind], value.shape);
  }
  for (const parameter of parameters) feed(parameter.name, startOf(parameter), parameter.shape);
  for (const { name, shape } of seeds.values()) feed(name, normals(name, elementCount(shape)), shape);
  const results = await session.run(feeds);
  await session.release();
  return new Map(
    [...gradients.keys()].map(({ name }) => [name, results[`gradient of ${name}`]?.data as Float32Array]),
  );
}

type Loss = (changed: ReadonlyMap<string, Float64Array>) => number;

/** The same sum, in float64 by the reference, as a function of what is changed in the parameters. */
function lossOf(graph: Graph, batch: number): Loss {
  const masks = new Map<string, Float32Array>();
  const mask = (path: string, length: number) => {
    const factors = masks.get(path) ?? factorsOf(`${path}.mask`, length);
    masks.set(path, factors);
    return factors;
  };
  const input = { ...exampleInput(graph, batch), mask };
  const starts = new Map(parametersOf(graph).map((parameter) => [parameter.name, startOf(parameter)]));
  const startAt = (name: string) => starts.get(name) ?? new Float32Array();
  const unchanged = evaluate(graph, { chunks: ({ name }) => [startAt(name)] }, input, 'training');
  const factors = graph.outputs.map(({ name, value }) =>
    normals(`seed ${name}`, unchanged.get(value)?.data.length ?? 0),
  );
  return (changed) => {
    const weights = { chunks: ({ name }: Parameter) => [changed.get(name) ?? startAt(name)] };
    const known = { values: unchanged, changed: new Set(changed.keys()) };
    const values = evaluate(graph, weights, input, 'training', known);
    return graph.outputs.reduce((sum, { value }, output) => {
      const data = values.get(value)?.data ?? new Float64Array();
      return data.reduce((total, element, i) => total + element * (factors[output]?.[i] ?? 0), sum);
    }, 0);
  };
}

/** Small enough that hardly any maximum moves to another position. */
const STEP = 1e-7;

/** How far each gradient is from the slope of the loss along random directions, relative to its length. */
export async function gradientErrors(
  graph: Graph,
  batch: number,
): Promise<readonly { readonly name: string; readonly error: number; readonly size: number }[]> {
  const gradients = await gradientsOf(graph, batch);
  const wanted = parametersOf(graph).filter(({ trainable }) => trainable);
  const loss = lossOf(graph, batch);
  return wanted.flatMap((parameter) => {
    const gradient = gradients.get(parameter.name);
    if (!gradient) return [{ name: parameter.name, error: Number.POSITIVE_INFINITY, size: 0 }];
    const start = startOf(parameter);
    const size = Math.hypot(...gradient);
    return [1, 2].map((i) => {
      const direction = normals(`direction ${i} ${parameter.name}`, start.length);
      const lossAt = (step: number) => {
        const moved = Float64Array.from(start, (value, at) => value + step * (direction[at] ?? 0));
        return loss(new Map([[parameter.name, moved]]));
      };
      const slope = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
      const found = gradient.reduce((sum, value, at) => sum + value * (direction[at] ?? 0), 0);
      return { name: parameter.name, error: Math.abs(found - slope) / Math.max(size, 1e-3), size };
    });
  });
}

/**
 * The slope of the reference's loss with every parameter moved along its direction; also where each parameter is first
 * moved by one unit of its last float32 digit.
 */
export function slopeAlong(
  graph: Graph,
  batch: number,
  directions: ReadonlyMap<string, Float32Array>,
  start: 'as it is' | 'last digits moved' = 'as it is',
): number {
  const loss = lossOf(graph, batch);
  const lossAt = (step: number) => {
    const changed = new Map(
      parametersOf(graph).map((parameter) => {
        const direction = directions.get(parameter.name);
        const own = Float64Array.from(startOf(parameter));
        if (start === 'last digits moved') {
          const signs = normals(`digits ${parameter.name}`, own.length);
          for (const [i, value] of own.entries()) own[i] = value * (1 + Math.sign(signs[i] ?? 0) * 2 ** -23);
        }
        return [parameter.name, own.map((value, i) => value + step * (direction?.[i] ?? 0))] as const;
      }),
    );
    return loss(changed);
  };
  return (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
}
