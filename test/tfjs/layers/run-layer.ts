import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { registerLayers } from '../../../codegen/tfjs/layers/register.js';
import { elementCount } from '../../../src/ir/parameter.js';
import { RandomStream } from '../../../src/weights/random-stream.js';
import type { Tensor } from '../../reference/tensor.js';
import { channelsFirst, channelsLast, Example, type LayerCase, numbers, permuted } from './layer-case.js';

export const layers = registerLayers(tf);

/** A case's layer with the example's weights, in a model of its own. */
export class RunningLayer {
  readonly example: Example;
  readonly layer: tf.layers.Layer;
  readonly model: tf.LayersModel;
  readonly rank: number;
  private readonly inputs: number;

  /** @param free whether the model's spatial sizes are */
  constructor(layerCase: LayerCase, free = false) {
    this.example = new Example(layerCase);
    this.rank = layerCase.spatial.length;
    this.inputs = layerCase.inputs ?? 1;
    this.layer = layerCase.layer(layers);
    const spatial = layerCase.spatial.map((size) => (free ? null : size));
    const input = tf.input({ shape: [...spatial, layerCase.channels] });
    const output = this.layer.apply(this.repeated(input));
    if (!(output instanceof tf.SymbolicTensor)) throw new Error('not one output');
    this.model = tf.model({ inputs: input, outputs: output });
    const { parameters, values } = this.example;
    for (const variable of this.layer.weights) {
      const name = weightName(variable);
      const [parameter, data] = [parameters.get(name), values.get(name)];
      if (!parameter || !data) throw new Error(`the op has no ${name}`);
      const moved = permuted(data, parameter.shape, this.example.order(name));
      const tensor = tf.tensor(moved.data, moved.shape);
      variable.write(tensor);
      tensor.dispose();
    }
    if (this.layer.weights.length !== parameters.size) throw new Error('the op has more parameters');
  }

  input(): tf.Tensor {
    return toTensor(this.example.input);
  }

  apply(x: tf.Tensor, training = false): tf.Tensor {
    const y = this.layer.apply(this.repeated(x), { training });
    if (!(y instanceof tf.Tensor)) throw new Error('not one tensor');
    return y;
  }

  private repeated<T>(x: T): T | T[] {
    return this.inputs === 1 ? x : Array.from({ length: this.inputs }, () => x);
  }

  /**
   * The gradients of sum(result * upstream) by the names of the trainable weights and `input`, with axes in the
   * order of the reference.
   */
  gradients(upstream: Float64Array, training = false): ReadonlyMap<string, Float32Array> {
    const found = new Map<string, Float32Array>();
    tf.tidy(() => {
      const x = tf.variable(this.input());
      const weights = this.layer.trainableWeights;
      const variables = weights.map((weight) => {
        const variable = weight.read();
        if (!(variable instanceof tf.Variable)) throw new Error('a weight is a variable');
        return variable;
      });
      const loss = () => {
        const y = this.apply(x, training);
        const shape = [y.shape[0] ?? 0, y.shape.at(-1) ?? 0, ...y.shape.slice(1, -1)];
        const sum = tf.sum(tf.mul(y, toTensor({ shape, data: upstream })));
        return sum.asScalar();
      };
      const { grads } = tf.variableGrads(loss, [x, ...variables]);
      for (const [i, variable] of [x, ...variables].entries()) {
        const gradient = grads[variable.name];
        if (!gradient) throw new Error(`no gradient of ${variable.name}`);
        const data = Float32Array.from(gradient.dataSync());
        const weight = weights[i - 1];
        const name = weight ? weightName(weight) : 'input';
        const order = i === 0 ? channelsFirst(this.rank) : inverse(this.example.order(name));
        found.set(name, permuted(data, gradient.shape, order).data);
      }
      x.dispose();
    });
    return found;
  }
}

/** tfjs puts the layer's name in front. */
export function weightName(variable: tf.LayerVariable): string {
  return variable.originalName.split('/').at(-1) ?? '';
}

/** (N, C, ...spatial) as a tensor (N, ...spatial, C). */
export function toTensor({ shape, data }: Tensor): tf.Tensor {
  const moved = permuted(data, shape, channelsLast(shape.length - 2));
  return tf.tensor(Float32Array.from(moved.data), moved.shape);
}

/** A tensor (N, ...spatial, C) as numbers (N, C, ...spatial). */
export function fromTensor(tensor: tf.Tensor): Tensor {
  return permuted(Float64Array.from(tensor.dataSync()), tensor.shape, channelsFirst(tensor.rank - 2));
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

/** The largest difference, relative to the largest magnitude. */
export function difference(found: Tensor, expected: Tensor): number {
  if (found.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const largest = expected.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return (
    expected.data.reduce((max, value, i) => Math.max(max, Math.abs(value - (found.data[i] ?? 0))), 0) /
    largest
  );
}

/** A few places of an array, seeded. */
export function somePlaces(name: string, length: number, count: number): readonly number[] {
  const drawn = new Float32Array(count);
  new RandomStream(2, name).fillUniform(drawn, 0.5);
  return [
    ...new Set([0, length - 1, ...[...drawn].map((value) => Math.floor((value + 0.5) * length) % length)]),
  ];
}

/** An upstream gradient for a result of a shape, seeded. */
export function upstreamFor(name: string, shape: readonly number[]): Float64Array {
  return Float64Array.from(numbers(`${name} upstream`, elementCount(shape)));
}
