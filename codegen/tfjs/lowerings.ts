import type { Graph, Node, NodeOf } from '../../src/ir/graph.js';
import type { OpKind } from '../../src/ir/op-attributes.js';
import type { LayerCall } from './layer-call.js';
import { layerName } from './layer-name.js';
import { attention, positions } from './lower-attention.js';
import { crop, pad } from './lower-borders.js';
import { conv, convTranspose } from './lower-convolution.js';
import {
  add,
  concat,
  dropout,
  elu,
  gelu,
  leakyRelu,
  mul,
  prelu,
  relu,
  sigmoid,
  silu,
  softmax,
} from './lower-elementwise.js';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from './lower-norm.js';
import { avgPool, maxPool, resize } from './lower-resampling.js';
import type { Lowering, Place } from './lowering.js';

/** How each op kind is written in layers. */
const lowerings: { readonly [K in OpKind]: Lowering<K> } = {
  input: (node) => {
    throw new Error(`${node.path} is lowered as the model's input`);
  },
  conv,
  convTranspose,
  maxPool,
  avgPool,
  resize,
  pad,
  crop,
  concat,
  add,
  mul,
  batchNorm,
  instanceNorm,
  groupNorm,
  layerNorm,
  relu,
  leakyRelu,
  prelu,
  elu,
  gelu,
  silu,
  sigmoid,
  softmax,
  attention,
  positions,
  dropout,
};

/** A graph as tfjs layers. */
export interface LoweredModel {
  readonly input: string;
  /** In an order in which they can be applied. */
  readonly calls: readonly LayerCall[];
  /** The layer whose output is each value of the graph, by value id. */
  readonly layers: readonly string[];
}

/** Lowers every node: values become (N, ...spatial, C). Names don't depend on `dynamic`, which leaves sizes free. */
export function lowerModel(graph: Graph, dynamic = false): LoweredModel {
  const calls: LayerCall[] = [];
  const layers: string[] = [];
  for (const node of graph.nodes) {
    const name = layerName(node.path);
    if (node.kind === 'input') {
      layers.push(name);
      continue;
    }
    const inputs = node.inputs.map((id) => layers[id] ?? '');
    const inputChannels = graph.nodes[node.inputs[0] ?? 0]?.channels ?? 0;
    const lowered = lowerNode(node, { name, inputs, inputChannels, dynamic });
    calls.push(...lowered);
    layers.push(lowered.at(-1)?.name ?? name);
  }
  return { input: layers[0] ?? 'input', calls, layers };
}

function lowerNode(node: Node, place: Place): readonly LayerCall[] {
  return dispatch(node, place);
}

function dispatch<K extends OpKind>(node: NodeOf<K>, place: Place): readonly LayerCall[] {
  const lowering: Lowering<K> = lowerings[node.kind];
  return lowering(node, place);
}
