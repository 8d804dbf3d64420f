import { lowerGraph } from '../../codegen/onnx/lower-graph.js';
import { irVersionOf } from '../../codegen/onnx/opset.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { valueInfo } from '../../codegen/onnx/tensor.js';
import type { Graph } from '../ir/graph.js';
import type { Parameter } from '../ir/parameter.js';
import { TRAINING_OPSET } from './tape.js';

/** An inference model whose weights are inputs, so that one session serves every state of a training. */
export interface ParameterModel {
  readonly model: Uint8Array;
  /** Each parameter with the shape in which the model takes it: axes of size 1 may be added. */
  readonly parameters: readonly { readonly parameter: Parameter; readonly shape: readonly number[] }[];
}

/**
 * The ONNX model of a graph for inference, which takes the parameters by their names beside the image.
 *
 * @param dynamic whether the spatial sizes are free
 */
export function parameterModel(graph: Graph, dynamic: boolean): ParameterModel {
  const lowered = lowerGraph(graph, { opset: TRAINING_OPSET, dynamic, dtype: 'float32' });
  const parameters = lowered.initializers.map(({ parameter, dims }) => ({ parameter, shape: dims }));
  const model = onnx.ModelProto.encode({
    irVersion: irVersionOf(TRAINING_OPSET) ?? 8,
    opsetImport: [{ domain: '', version: TRAINING_OPSET }],
    producerName: 'unet-lang',
    graph: {
      name: graph.name,
      node: [...lowered.nodes],
      initializer: [...lowered.constants],
      input: [
        ...lowered.inputs.map(valueInfo),
        ...parameters.map(({ parameter: { name }, shape }) => valueInfo({ name, shape, type: 'float32' })),
      ],
      output: lowered.outputs.map(valueInfo),
    },
  }).finish();
  return { model, parameters };
}
