import type { Graph, Node } from '../ir/graph.js';

/**
 * A graph without the ops that no output needs: what a block bound and never used, or used only for its size or
 * its channels. They would not run, so they demand nothing of the input and count for nothing.
 */
export function withoutUnused(graph: Graph): Graph {
  const needed = new Set<number>([0]);
  const pending = graph.outputs.map((output) => output.value);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    pending.push(...(graph.nodes[id]?.inputs ?? []));
  }
  if (needed.size === graph.nodes.length) return graph;
  const newId = new Map([...needed].sort((a, b) => a - b).map((id, i) => [id, i]));
  const renumbered = (id: number) => newId.get(id) ?? 0;
  const nodes = graph.nodes
    .filter((node) => needed.has(node.id))
    // A node with other numbers is of the same kind; the spread loses the pairing of kind and attributes.
    .map((node) => ({ ...node, id: renumbered(node.id), inputs: node.inputs.map(renumbered) }) as Node);
  const moved = <T extends { readonly value: number }>(places: readonly T[]) =>
    places
      .filter((place) => needed.has(place.value))
      .map((place) => ({ ...place, value: renumbered(place.value) }));
  return { ...graph, nodes, stages: moved(graph.stages), outputs: moved(graph.outputs) };
}
