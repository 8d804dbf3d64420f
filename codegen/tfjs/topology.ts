import { evaluateAffine } from '../../src/ir/affine.js';
import type { Graph, Node } from '../../src/ir/graph.js';
import { classNameOf, type LayerCall } from './lower/layer-call.js';
import type { LoweredModel } from './lower/lowerings.js';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The model's topology as Keras writes it and `tf.loadLayersModel` reads it: layers, and the outputs that they are
 * applied to. The input is (N, ...spatial, C); its spatial sizes are null with `dynamic`. A time step is a second one,
 * (N, ...ones, 1).
 */
export function topologyOf(graph: Graph, { inputs, calls, layers }: LoweredModel, dynamic: boolean): Json {
  const inputLayer = ({ name, node }: LoweredModel['inputs'][number]): Json => ({
    name,
    class_name: 'InputLayer',
    config: {
      batch_input_shape: [null, ...inputSizes(graph, node, dynamic), node.channels],
      dtype: 'float32',
      sparse: false,
      name,
    },
    inbound_nodes: [],
  });
  return {
    class_name: 'Model',
    config: {
      name: graph.name,
      layers: [...inputs.map(inputLayer), ...calls.map(layerJson)],
      input_layers: inputs.map(({ name }) => reference(name)),
      output_layers: graph.outputs.map(({ value }) => reference(layers[value] ?? '')),
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/** The spatial sizes of an input of the model; free sizes are null. */
export function inputSizes(graph: Graph, node: Node, dynamic: boolean): (number | null)[] {
  return node.spatial.map((size, axis) =>
    dynamic && size.p !== 0 ? null : evaluateAffine(size, graph.inputSize[axis] ?? 0),
  );
}

/** The first output of a layer's first application. */
function reference(layer: string): readonly [string, number, number] {
  return [layer, 0, 0];
}

function layerJson(call: LayerCall): Json {
  return {
    name: call.name,
    class_name: classNameOf(call),
    // tfjs has a default for each argument that is absent.
    config: { name: call.name, ...(pythonic(call.config) as { readonly [key: string]: Json }) }, // an object stays one
    inbound_nodes: [call.inputs.map((layer) => [...reference(layer), {}])],
  };
}

/** Keys and names in Keras's form: `kernelInitializer: 'heNormal'` is `kernel_initializer: 'he_normal'`. */
function pythonic(value: unknown): Json {
  switch (typeof value) {
    case 'string':
      // Class names of Keras stay the same: only names of functions are in lower case.
      return /^[A-Z]/.test(value) ? value : snakeCase(value);
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(pythonic);
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [snakeCase(key), pythonic(one)]));
    default:
      throw new Error(`a layer's argument is a ${typeof value}`);
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
