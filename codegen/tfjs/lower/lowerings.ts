import type { Graph, Node, NodeOf } from '../../../src/ir/graph.js';
import { sourceOf } from '../../../src/ir/node-record.js';
import type { OpKind } from '../../../src/ir/op-attributes.js';
import { type LayerCall, layerName } from './layer-call.js';
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
  sinusoid,
  softmax,
} from './lower-elementwise.js';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from './lower-norm.js';
import { avgPool, globalAverage, interpolate, maxPool, resize } from './lower-resampling.js';
import type { LayerPosition, TfjsLowering } from './lowering.js';

/** The lowering of each op kind to layers. */
const lowerings: { readonly [K in OpKind]: TfjsLowering<K> } = {
  input: (node) => {
    throw new Error(`${node.path} is lowered as the model's input`);
  },
  time: (node) => {
    throw new Error(`${node.path} is lowered as the model's second input`);
  },
  conv,
  convTranspose,
  maxPool,
  avgPool,
  resize,
  interpolate,
  pad,
  crop,
  concat,
  add,
  mul,
  globalAverage,
  sinusoid,
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
  /** The layer of each input of the model, with its node. */
  readonly inputs: readonly { readonly name: string; readonly node: Node }[];
  /** The layers, in an order in which they can be applied. */
  readonly calls: readonly LayerCall[];
  /** The layer whose output is each value of the graph, by value id. */
  readonly layers: readonly string[];
}

/** Lowers every node: values become (N, ...spatial, C). Names don't depend on `dynamic`, which leaves sizes free. */
export function lowerModel(graph: Graph, dynamic = false): LoweredModel {
  const calls: LayerCall[] = [];
  const layers: string[] = [];
  const inputs: LoweredModel['inputs'][number][] = [];
  for (const node of graph.nodes) {
    const name = layerName(node.path);
    if (sourceOf(node)) {
      inputs.push({ name, node });
      layers.push(name);
      continue;
    }
    const from = node.inputs.map((id) => layers[id] ?? '');
    const inputChannels = graph.nodes[node.inputs[0] ?? 0]?.channels ?? 0;
    const lowered = lowerNode(node, { name, inputs: from, inputChannels, dynamic });
    calls.push(...lowered);
    layers.push(lowered.at(-1)?.name ?? name);
  }
  return { inputs, calls, layers };
}

function lowerNode(node: Node, position: LayerPosition): readonly LayerCall[] {
  return dispatch(node, position);
}

function dispatch<K extends OpKind>(node: NodeOf<K>, position: LayerPosition): readonly LayerCall[] {
  const lowering: TfjsLowering<K> = lowerings[node.kind];
  return lowering(node, position);
}
