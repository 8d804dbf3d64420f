import type { Graph, Node } from '../../../src/ir/graph.js';
import { recordOfNode, sourceOf } from '../../../src/ir/node-record.js';
import type { Normalization } from '../../../src/normalize/normalization.js';
import { type Emitted, NodeEmitter, pushNode } from '../emitter.js';
import type { FloatType, LoweringSettings } from '../lowering-settings.js';
import { elementType, type OnnxTensor, shapeOf } from '../tensor.js';
import { lowerNormalization } from './lower-normalization.js';
import { lowerNode } from './lowerings.js';

/** A graph as ONNX nodes and tensors, without the data of parameters. */
export interface LoweredGraph extends Emitted {
  /** The network's input, its time step if it has one, and the factors of dropouts where these are inputs. */
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  /** The tensor of each value of the graph, by value id. */
  readonly tensors: readonly OnnxTensor[];
}

export const INPUT_NAME = 'input';
/** The name of the input with the factors of a dropout, 0 or 1 / (1 - rate), of the shape of its value. */
export function dropoutInput({ path }: Node): string {
  return `${path.text}/factors`;
}

/** The second input of a network with a time step. */
export const TIME_INPUT = 'time';

/**
 * Lowers every node. The graph's inputs are `input` and `time`; the tensor of a value is named after the graph output
 * that it is, or else after its stage path. Inputs and outputs are float32 in every model.
 *
 * @param normalization what the model does to its input before the network; nothing when left out
 */
export function lowerGraph(
  graph: Graph,
  settings: LoweringSettings,
  normalization?: Normalization,
): LoweredGraph {
  const emitted: Emitted = { nodes: [], constants: [], initializers: [], values: [] };
  const outputNames = new Map<number, string>();
  if (settings.dtype === 'float32') {
    for (const { name, value } of graph.outputs.toReversed()) outputNames.set(value, name);
  }
  const tensors: OnnxTensor[] = [];
  const tensorAt = (id: number): OnnxTensor => {
    const tensor = tensors[id];
    if (!tensor) throw new Error(`value ${id} is used before it is made`);
    return tensor;
  };
  const graphInputs: OnnxTensor[] = [];
  for (const node of graph.nodes) {
    const shape = shapeOf(graph, node, settings.dynamic);
    const source = sourceOf(node);
    if (source) {
      const name = source === 'image' ? INPUT_NAME : TIME_INPUT;
      const input: OnnxTensor = { name, type: 'float32', shape };
      graphInputs.push(input);
      const isNormalized = source === 'image' && normalization !== undefined;
      const received = isNormalized
        ? lowerNormalization(emitted, node, input, normalization, settings.opset)
        : input;
      tensors.push(
        settings.dtype === 'float32' ? received : cast(emitted, received, `${name}/float16`, 'float16'),
      );
      continue;
    }
    const target: OnnxTensor = {
      name: outputNames.get(node.id) ?? node.path.text,
      type: settings.dtype,
      shape,
    };
    if (settings.dropoutInputs && node.kind === 'dropout') {
      const factors: OnnxTensor = { name: dropoutInput(node), type: 'float32', shape };
      graphInputs.push(factors);
      const [input] = node.inputs.map(tensorAt);
      if (!input) throw new Error(`${node.path} has no input`);
      const own =
        target.type === 'float32' ? factors : cast(emitted, factors, `${factors.name}/float16`, 'float16');
      pushNode(emitted, target.name, 'Mul', [input.name, own.name], {}, target);
      tensors.push(target);
      continue;
    }
    tensors.push(lowerTyped(emitted, node, node.inputs.map(tensorAt), target, settings.opset));
  }
  const outputs = graph.outputs.map(({ name, value }) => outputTensor(emitted, tensorAt(value), name));
  return { ...emitted, inputs: graphInputs, outputs, tensors };
}

/** In a float16 model, a node whose op computes in float32 stands between two casts. */
function lowerTyped(
  emitted: Emitted,
  node: Node,
  inputs: readonly OnnxTensor[],
  target: OnnxTensor,
  opset: number,
): OnnxTensor {
  if (target.type === 'float32' || recordOfNode(node).precision !== 'float32') {
    return lowerNode(node, inputs, new NodeEmitter(emitted, node, target, opset));
  }
  const wide = inputs.map((input, i) => cast(emitted, input, `${node.path}/float32[${i + 1}]`, 'float32'));
  const result: OnnxTensor = { ...target, name: `${node.path}/float32`, type: 'float32' };
  const made = lowerNode(node, wide, new NodeEmitter(emitted, node, result, opset));
  return cast(emitted, made, target.name, 'float16');
}

function cast(emitted: Emitted, tensor: OnnxTensor, name: string, type: FloatType): OnnxTensor {
  const output: OnnxTensor = { name, type, shape: tensor.shape };
  pushNode(emitted, `${name}/cast`, 'Cast', [tensor.name], { to: { int: elementType(type) } }, output);
  return output;
}

/** The tensor itself if it has the output's name; otherwise a cast of a half-precision tensor, or a copy. */
function outputTensor(emitted: Emitted, tensor: OnnxTensor, name: string): OnnxTensor {
  if (tensor.name === name) return tensor;
  if (tensor.type !== 'float32') return cast(emitted, tensor, name, 'float32');
  const output: OnnxTensor = { ...tensor, name };
  pushNode(emitted, name, 'Identity', [tensor.name], {}, output);
  return output;
}
