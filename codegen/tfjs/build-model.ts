import type { LayersModel } from '@tensorflow/tfjs';
import type { Graph } from '../../src/ir/graph.js';
import { registerLayers } from './layers/register.js';
import { lowerModel } from './lower/lowerings.js';
import { modelArtifacts, type TfjsOptions, weightValues } from './model-files.js';
import type { Tf } from './tf.js';

export interface BuildTfjsOptions extends TfjsOptions {
  /** The namespace of the copy of tfjs that will run the model. */
  readonly tf: Tf;
}

/**
 * The graph as a LayersModel with these weights, on tfjs's current backend. Its inputs and outputs are (N, ...spatial,
 * C). Layers are named by stage paths (`encoder[1].conv[1]` is `encoder_1.conv_1`); see stageLayers for the stages' own
 * values.
 *
 * `fit`, `predict`, `evaluate` and `save` are tfjs's own. If the network needs layers that tfjs lacks, they are
 * registered with `tf`, as `registerLayers` does for a model loaded from files.
 */
export async function buildTfjs(graph: Graph, options: BuildTfjsOptions): Promise<LayersModel> {
  const { tf, metadata } = options;
  const { topology, weights, specs, needsLayers } = modelArtifacts(graph, options.dynamic ?? false);
  if (needsLayers) registerLayers(tf);
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: topology as object, // an object: the type of JSON also has numbers and texts
      weightSpecs: [...specs],
      // One buffer per tensor, so that none contains the whole model. toTfjs may return the same array, which
      // readTensor has copied.
      weightData: weights.map((weight) => arrayBufferOf(weightValues(weight, options.weights))),
      format: 'layers-model',
      ...(metadata ? { userDefinedMetadata: { ...metadata } } : {}),
    }),
  );
}

/** The layer whose output is the value of each stage, by stage name; for the input, the input layer. */
export function stageLayers(graph: Graph): ReadonlyMap<string, string> {
  const { layers } = lowerModel(graph);
  return new Map(graph.stages.map(({ path, value }) => [path.text, layers[value] ?? path.text]));
}

/** The buffer of an array that covers all of it. */
function arrayBufferOf(values: Float32Array): ArrayBuffer {
  return values.buffer as ArrayBuffer; // made by `new Float32Array(length)`, never shared
}
