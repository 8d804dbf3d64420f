import type { Graph } from '../../src/ir/graph.js';
import type { Parameter } from '../../src/ir/parameter.js';
import type { LayerCall } from './lower/layer-call.js';
import { lowerModel } from './lower/lowerings.js';

/** A weight of a tfjs model, and how to compute it from a parameter's values. */
export interface TfjsWeight {
  /** The layer and the weight: `encoder_2.conv_1/kernel`. */
  readonly name: string;
  /** Its shape in tfjs. */
  readonly shape: readonly number[];
  readonly parameter: Parameter;
  /** The shape that the parameter's row-major values are viewed in... */
  readonly reshape: readonly number[];
  /** ...whose axis permutation[i] becomes the weight's axis i. */
  readonly permutation: readonly number[];
}

/** The weights of a graph's tfjs model, in the model's order. */
export function tfjsWeights(graph: Graph): readonly TfjsWeight[] {
  return weightsOf(lowerModel(graph).calls);
}

export function weightsOf(calls: readonly LayerCall[]): readonly TfjsWeight[] {
  return calls.flatMap((call) =>
    call.weights.map(({ name, parameter, reshape, permutation }) => ({
      name: `${call.name}/${name}`,
      shape: permutation.map((axis) => reshape[axis] ?? 1),
      parameter,
      reshape,
      permutation,
    })),
  );
}

/** The values of a parameter, converted to the weight's shape, row-major. */
export function toTfjs(weight: TfjsWeight, values: Float32Array): Float32Array {
  return permuted(values, weight.reshape, weight.permutation);
}

/** The values of a weight, converted to the parameter's shape, row-major. */
export function fromTfjs(weight: TfjsWeight, values: Float32Array): Float32Array {
  const inverse = weight.permutation.map((_, axis) => weight.permutation.indexOf(axis));
  return permuted(values, weight.shape, inverse);
}

/** Row-major values of `shape` with its axes in another order: axis i of the result is axis order[i] of `shape`. */
function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  if (order.every((axis, index) => axis === index)) return values;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const result = new Float32Array(values.length);
  const last = sizes.length - 1;
  const [lastSize, lastStep] = [sizes[last] ?? 1, steps[last] ?? 1];
  const position = sizes.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target += lastSize) {
    for (let i = 0; i < lastSize; i += 1) result[target + i] = values[source + i * lastStep] ?? 0;
    // Advance to the next position, the last axis first.
    for (let axis = last - 1; axis >= 0; axis -= 1) {
      const next = (position[axis] ?? 0) + 1;
      source += steps[axis] ?? 0;
      if (next < (sizes[axis] ?? 1)) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      source -= next * (steps[axis] ?? 0);
    }
  }
  return result;
}
