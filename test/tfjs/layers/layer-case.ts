import type { layers } from '@tensorflow/tfjs';
import type { UnetLayers } from '../../../codegen/tfjs/layers/register.js';
import type { Graph, Node, ValueId } from '../../../src/ir/graph.js';
import { elementCount, type Parameter, type ParameterRole } from '../../../src/ir/parameter.js';
import { RandomStream } from '../../../src/weights/random-stream.js';
import { ExampleBuilder } from '../../onnx/example-graphs.js';
import { evaluate } from '../../reference/evaluate.js';
import type { Tensor } from '../../reference/tensor.js';

/** A layer and the op of the IR that it should compute. */
export interface LayerCase {
  readonly name: string;
  /** The input's channels and spatial sizes. */
  readonly channels: number;
  readonly spatial: readonly number[];
  readonly op: (b: ExampleBuilder, x: ValueId) => ValueId;
  readonly layer: (layers: UnetLayers) => layers.Layer;
  /** Whether its gradients go through kernels for gradients of convolutions, which an engine may lack. */
  readonly convolves?: boolean;
  /** How often the layer takes the input: once unless given. */
  readonly inputs?: number;
  /** Whether the layer takes one input size only. */
  readonly pinned?: boolean;
}

/** The numbers of a parameter as the layer has them. */
export interface LayerWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const BATCH = 2;

const weightNames: Readonly<Record<ParameterRole, string>> = {
  weight: 'kernel',
  bias: 'bias',
  scale: 'gamma',
  shift: 'beta',
  slope: 'alpha',
  mean: 'moving_mean',
  variance: 'moving_variance',
  position: 'table',
};

/** A case with numbers for its input and its parameters, seeded by its name. */
export class Example {
  readonly input: Tensor;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly values: ReadonlyMap<string, Float32Array>;
  private readonly graph: Graph;
  private readonly node: Node;

  constructor(layerCase: LayerCase) {
    const b = new ExampleBuilder('example', layerCase.spatial.length);
    const y = layerCase.op(b, b.input(layerCase.channels));
    this.graph = b.finish([...layerCase.spatial], ['output', y]);
    const node = this.graph.nodes.find(({ id }) => id === y);
    if (!node) throw new Error('the op is missing');
    this.node = node;
    const shape = [BATCH, layerCase.channels, ...layerCase.spatial];
    this.input = {
      shape,
      data: Float64Array.from(numbers(`${layerCase.name} input`, elementCount(shape))),
    };
    this.parameters = new Map(node.parameters.map((p) => [weightNames[p.role], p]));
    this.values = new Map(
      node.parameters.map((p) => {
        const drawn = numbers(`${layerCase.name} ${p.role}`, elementCount(p.shape));
        return [weightNames[p.role], p.role === 'variance' ? drawn.map((v) => v + 1.5) : drawn];
      }),
    );
  }

  /** What the op is by its definition, in float64, (N, C, ...spatial). */
  reference(input = this.input, values = this.values): Tensor {
    const chunks = (parameter: Parameter) => {
      const found = values.get(weightNames[parameter.role]);
      if (!found) throw new Error(`no values for ${parameter.name}`);
      return [found];
    };
    const output = evaluate(this.graph, { chunks }, input).get(this.node.id);
    if (!output) throw new Error('no output');
    return output;
  }

  /** The order of a parameter's axes in the layer: kernels are (...size, in, out), or (...size, out, in); a table (...size, C). */
  order(name: string): readonly number[] {
    const rank = this.parameters.get(name)?.shape.length ?? 0;
    if (name === 'table') return [...Array(rank).keys()].slice(1).concat(0);
    return name === 'kernel' ? [...Array(rank).keys()].slice(2).concat(1, 0) : [0];
  }
}

/** Numbers in [-1, 1] that float32 holds exactly, also with a small power of two added; none is 0. */
export function numbers(name: string, count: number): Float32Array {
  const drawn = new Float32Array(count);
  new RandomStream(1, name).fillUniform(drawn, 1);
  return drawn.map((value) => (Math.floor(value * 512) + 0.5) / 512);
}

/** The elements of an array of a shape with its axes in another order. */
export function permuted<A extends Float32Array | Float64Array>(
  data: A,
  shape: readonly number[],
  order: readonly number[],
): { readonly shape: number[]; readonly data: A } {
  const newShape = order.map((axis) => shape[axis] ?? 0);
  const steps = order.map((axis) => elementCount(shape.slice(axis + 1)));
  const out = data.slice();
  for (let i = 0; i < data.length; i++) {
    let [rest, from] = [i, 0];
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      const size = newShape[axis] ?? 1;
      from += (rest % size) * (steps[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    out[i] = data[from] ?? Number.NaN;
  }
  // `slice` of either kind of array is of that kind.
  return { shape: newShape, data: out as A };
}

/** The axes of (N, C, ...spatial) in the order (N, ...spatial, C), and the way back. */
export function channelsLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank }, (_, axis) => axis + 2), 1];
}
export function channelsFirst(rank: number): number[] {
  return [0, rank + 1, ...Array.from({ length: rank }, (_, axis) => axis + 1)];
}
