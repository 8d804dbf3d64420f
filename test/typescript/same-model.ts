import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import { registerLayers } from '../../codegen/tfjs/layers/register.js';
import type { Tf } from '../../codegen/tfjs/tf.js';
import type { Graph } from '../../src/ir/graph.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { toInputs } from '../tfjs/run-tfjs.js';
import { runBuilder } from './emitted.js';

/** The model that a module builds on tfjs itself. */
export function builtModel(tf: Tf, text: string): LayersModel {
  const model = runBuilder(text, {
    '@tensorflow/tfjs': tf,
    'unet-lang/tfjs-layers': { registerLayers },
  });
  if (!(model instanceof tf.LayersModel)) throw new Error('the module builds no model');
  return model;
}

/**
 * What differs between a module's model and the one that is built from the graph directly: layers with all of their
 * arguments and wires, inputs, outputs, weights; and with equal weights what they predict. Empty where nothing does.
 */
export async function modelProblems(
  tf: Tf,
  text: string,
  graph: Graph,
  dynamic = false,
): Promise<readonly string[]> {
  const model = builtModel(tf, text);
  const direct = await buildTfjs(graph, { tf, weights: exampleWeights, dynamic });
  const problems: string[] = [];
  const same = (what: string, found: unknown, expected: unknown) => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) problems.push(`${what}: ${a}\nnot ${b}`);
  };
  same('the topology', model.toJSON(null, false), direct.toJSON(null, false));
  same('the weights', weightsOf(model), weightsOf(direct));
  if (problems.length === 0) {
    model.setWeights(direct.getWeights());
    const x = toInputs(tf, exampleInput(graph, 2));
    same('the prediction', await valuesOf(model.predict(x)), await valuesOf(direct.predict(x)));
    tf.dispose(x);
  }
  model.dispose();
  direct.dispose();
  return problems;
}

/** Names as the layers gave them: tfjs adds a number where another model has the same. */
function weightsOf(model: LayersModel): readonly unknown[] {
  return model.weights.map(({ originalName, shape, trainable }) => [originalName, shape, trainable]);
}

async function valuesOf(result: Tensor | Tensor[]): Promise<readonly unknown[]> {
  const tensors = Array.isArray(result) ? result : [result];
  const values = await Promise.all(tensors.map(async (tensor) => [tensor.shape, [...(await tensor.data())]]));
  for (const tensor of tensors) tensor.dispose();
  return values;
}
