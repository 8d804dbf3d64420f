import type { Graph, Node } from '../ir/graph.js';
import { recordOfNode } from '../ir/node-record.js';
import type { MacsInput } from '../ir/op-record.js';
import { elementCount } from '../ir/parameter.js';
import type { InferredSizes } from '../shape/infer.js';

/**
 * The number of parameters of a node: every element of a trainable tensor, including biases and the scales and shifts
 * of norms. Running statistics are not parameters; they are counted separately.
 */
export function nodeParameters(node: Node): number {
  return sumOf(node.parameters.filter((p) => p.trainable).map((p) => elementCount(p.shape)));
}

/** The number of elements that are saved but not trained: running means and variances. */
export function nodeStatistics(node: Node): number {
  return sumOf(node.parameters.filter((p) => !p.trainable).map((p) => elementCount(p.shape)));
}

/**
 * The multiply-adds of a node for one sample: each multiplication of a conv, transposed conv or matrix product, with
 * its addition, is one. An attention has two matrix products over all pairs of positions. Biases, norms, activations,
 * poolings and resizes are not counted.
 */
export function nodeMacs(graph: Graph, node: Node, sizes: InferredSizes): number {
  const io = positionsOf(graph, node, sizes);
  return io ? recordOfNode(node).macs(node.attributes, io) : 0;
}

/** The numbers that a node holds besides its inputs and its output, for one sample (op table, `workspace`). */
export function nodeWorkspace(graph: Graph, node: Node, sizes: InferredSizes): number {
  const io = positionsOf(graph, node, sizes);
  return io ? (recordOfNode(node).workspace?.(node.attributes, io) ?? 0) : 0;
}

function positionsOf(graph: Graph, node: Node, sizes: InferredSizes): MacsInput | undefined {
  const first = node.inputs[0];
  const source = first === undefined ? undefined : graph.nodes[first];
  return (
    source && {
      inputChannels: source.channels,
      inputPositions: elementCount(sizes.sizes[source.id] ?? []),
      outputPositions: elementCount(sizes.sizes[node.id] ?? []),
    }
  );
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

/** Parameters of the whole network. */
export function parameterCount(graph: Graph): number {
  return sumOf(graph.nodes.map(nodeParameters));
}

/** Running statistics of the whole network. */
export function statisticsCount(graph: Graph): number {
  return sumOf(graph.nodes.map(nodeStatistics));
}

/** Multiply-adds of the whole network for one sample. */
export function macCount(graph: Graph, sizes: InferredSizes): number {
  return sumOf(graph.nodes.map((node) => nodeMacs(graph, node, sizes)));
}
