import type { LayersModel, NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { fromTfjs, type TfjsWeight, tfjsWeights } from '../../codegen/tfjs/weight-layout.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import {
  bodies,
  exampleGraph,
  exampleInput,
  exampleWeights,
  ranks,
  smallUnet,
} from '../onnx/example-graphs.js';
import { evaluate } from '../reference/evaluate.js';
import { engines, fromTensor, toInputs, toTensor, useEngine, type Values } from './run-tfjs.js';

type Mode = 'inference' | 'training';

/** Normal numbers: the weights of the sum that stands for a loss, and the directions in which to differentiate. */
function normals(name: string, length: number): Float32Array {
  const values = new Float32Array(length);
  new RandomStream(3, name).fillNormal(values, 1);
  return values;
}

interface Changes {
  readonly input?: Float64Array;
  readonly parameter?: readonly [name: string, values: Float64Array];
}

/**
 * The sum of all outputs, each element times a weight of its own: signed, and different everywhere. By what is changed in
 * the input, or in one parameter.
 */
function referenceLoss(
  graph: Graph,
  input: { shape: readonly number[]; data: Float32Array; time?: Float32Array },
  mode: Mode,
): (changes: Changes) => number {
  const unchanged = evaluate(graph, exampleWeights, input, mode);
  const factors = graph.outputs.map(({ name, value }) =>
    normals(`loss ${name}`, unchanged.get(value)?.data.length ?? 0),
  );
  return ({ input: data, parameter }) => {
    const weights = {
      chunks: (one: Parameters<typeof exampleWeights.chunks>[0]) =>
        parameter?.[0] === one.name ? [parameter[1]] : exampleWeights.chunks(one),
    };
    const known = { values: unchanged, changed: new Set(parameter ? [parameter[0]] : []) };
    const values = data
      ? evaluate(graph, weights, { ...input, data }, mode)
      : evaluate(graph, weights, input, mode, known);
    return graph.outputs.reduce((sum, { value }, output) => {
      const found = values.get(value)?.data ?? new Float64Array();
      return found.reduce((total, element, i) => total + element * (factors[output]?.[i] ?? 0), sum);
    }, 0);
  };
}

/** tfjs's gradients of the same sum, by parameter name; the input's as `input`. All in the layout of the compiler. */
async function tfjsGradients(
  tf: Tf,
  graph: Graph,
  input: Values,
  mode: Mode,
): Promise<ReadonlyMap<string, Float32Array>> {
  const model = await buildTfjs(graph, { tf, weights: exampleWeights });
  const loss = (x: Tensor) => {
    const outputs = [model.apply([x, ...steps], { training: mode === 'training' })].flat() as Tensor[]; // applied to tensors
    return outputs
      .reduce((sum: Tensor, output, i) => {
        const shape = [...fromShape(output.shape)];
        const factors = normals(`loss ${graph.outputs[i]?.name}`, elementCount(shape));
        return tf.add(sum, tf.sum(tf.mul(output, toTensor(tf, { shape, data: factors }))));
      }, tf.scalar(0))
      .asScalar();
  };
  const [x, ...steps] = toInputs(tf, input);
  if (!x) throw new Error('there is no input');
  const gradients = new Map<string, Float32Array>();
  const byInput = tf.tidy(() => tf.grad(loss)(x));
  gradients.set('input', fromTensor(tf, byInput).data);
  const variables = trainable(model);
  if (variables.size > 0) {
    const { grads } = tf.variableGrads(() => loss(x), [...variables.values()]);
    collect(graph, variables, grads, gradients);
    tf.dispose(grads);
  }
  tf.dispose([x, ...steps, byInput]);
  model.dispose();
  return gradients;
}

function fromShape([batch = 0, ...rest]: readonly number[]): readonly number[] {
  return [batch, rest.at(-1) ?? 0, ...rest.slice(0, -1)];
}

/** The variables behind the trainable weights, by the weight's name. */
function trainable(model: LayersModel): Map<string, Variable> {
  return new Map(
    model.trainableWeights.map((weight): [string, Variable] => {
      // `val` is protected in LayerVariable; gradients need the variable itself.
      const { val } = weight as unknown as { readonly val: Variable };
      return [weight.originalName, val];
    }),
  );
}

function collect(
  graph: Graph,
  variables: ReadonlyMap<string, Variable>,
  grads: NamedTensorMap,
  gradients: Map<string, Float32Array>,
): void {
  const layout = new Map(tfjsWeights(graph).map((weight): [string, TfjsWeight] => [weight.name, weight]));
  for (const [name, variable] of variables) {
    const weight = layout.get(name);
    const gradient = grads[variable.name];
    if (!weight || !gradient) throw new Error(`no gradient for ${name}`);
    gradients.set(weight.parameter.name, fromTfjs(weight, Float32Array.from(gradient.dataSync())));
  }
}

/** Small enough for float64's digits, so that hardly any kink of a ReLU or a maximum lies between. */
const STEP = 1e-6;

interface Slope {
  readonly direction: Float32Array;
  readonly slope: number;
}

/** The slopes of the loss along directions of the input and of each parameter, by central differences in float64. */
function slopesOf(graph: Graph, mode: Mode): ReadonlyMap<string, readonly Slope[]> {
  const input = exampleInput(graph, 2);
  const loss = referenceLoss(graph, input, mode);
  const starts = new Map(
    parametersOf(graph)
      .filter(({ trainable: moves }) => moves)
      .map((parameter): [string, Float32Array] => [
        parameter.name,
        Float32Array.from([...exampleWeights.chunks(parameter)].flatMap((chunk) => [...chunk])),
      ]),
  );
  starts.set('input', input.data);
  const slopes = [...starts].map(([name, start]): [string, readonly Slope[]] => [
    name,
    // Several directions: an error in a part of the gradient is not orthogonal to all of them.
    [1, 2].map((i) => {
      const direction = normals(`direction ${i} ${name}`, start.length);
      const lossAt = (step: number) => {
        const moved = Float64Array.from(start, (value, at) => value + step * (direction[at] ?? 0));
        return loss(name === 'input' ? { input: moved } : { parameter: [name, moved] });
      };
      return { direction, slope: (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP) };
    }),
  ]);
  return new Map(slopes);
}

const knownSlopes = new Map<string, ReturnType<typeof slopesOf>>();

/** The gradients of a graph against the slopes, which are the same for every engine. */
async function expectGradients(tf: Tf, graph: Graph, mode: Mode): Promise<void> {
  const key = `${graph.name} ${graph.rank} ${mode}`;
  const slopes = knownSlopes.get(key) ?? slopesOf(graph, mode);
  knownSlopes.set(key, slopes);
  const gradients = await tfjsGradients(tf, graph, exampleInput(graph, 2), mode);
  expect([...gradients.keys()].sort()).toEqual([...slopes.keys()].sort());
  for (const [name, gradient] of gradients) {
    for (const { direction, slope } of slopes.get(name) ?? []) {
      expect(gradient.length).toBe(direction.length);
      const found = gradient.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
      // The length of the gradient is how large its product with a normal direction is on average.
      const size = Math.hypot(...gradient);
      expect(
        Math.abs(found - slope) / Math.max(size, 1e-3),
        `${name}: ${found}, expected ${slope}`,
      ).toBeLessThan(1e-4);
    }
  }
}

describe.each(engines)('on %s', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  describe.each(ranks)('%iD gradients equal finite differences', (rank) => {
    test.each(Object.keys(bodies))('%s', (name) =>
      expectGradients(tf, exampleGraph(name, rank), 'inference'));

    test.each(['batchNorm', 'batchNorm without affine'])('%s in training', (name) =>
      expectGradients(tf, exampleGraph(name, rank), 'training'));

    test('a U-Net', () => expectGradients(tf, smallUnet(rank), 'inference'));
  });
});
