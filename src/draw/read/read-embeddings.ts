import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { Embedding } from '../picture-parts.js';
import { hasConstantSize, sideInput } from './main-path.js';
import { labelOf } from './op-label.js';

/** The embeddings of a network, by value. */
export function readEmbeddings(graph: Graph): ReadonlyMap<ValueId, Embedding> {
  const found = new Map<ValueId, Embedding>();
  for (const { path, value } of graph.stages) {
    if (!hasConstantSize(graph.nodes[value])) continue;
    const { nodes } = sideInput(graph, value, new Set());
    if (nodes.some(({ id }) => id === 0)) continue;
    const channelsOf = (node: Node) => graph.nodes[node.inputs[0] ?? -1]?.channels ?? 0;
    found.set(value, {
      name: path.text,
      label: nodes.map((node) => labelOf(node, channelsOf(node))).join(', '),
    });
  }
  return found;
}

/**
 * The ops of a side path, in words. The ops of an embedding are replaced by its name: `SiLU, conv 1x1 of time`.
 *
 * @param nodes the ops, in graph order
 */
export function sideWords(
  nodes: readonly Node[],
  embeddings: ReadonlyMap<ValueId, Embedding>,
  label: (node: Node) => string,
): string {
  const last = nodes.findLastIndex(({ id }) => embeddings.has(id));
  const name = embeddings.get(nodes[last]?.id ?? -1)?.name;
  const words = nodes
    .slice(last + 1)
    .map(label)
    .join(', ');
  return name === undefined ? words : [words, name].filter((text) => text !== '').join(' of ');
}
