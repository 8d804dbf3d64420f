import type { Graph, Node } from '../ir/graph.js';

/**
 * A graph without the ops that no output needs. A block may bind a value and never use it, or use only its size or its
 * channels. Such an op would not run, so it restricts no input size and adds to no count.
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
    // Only the numbers change, so kind and attributes still fit together; the spread loses that pairing.
    .map((node) => ({ ...node, id: renumbered(node.id), inputs: node.inputs.map(renumbered) }) as Node);
  const moved = <T extends { readonly value: number }>(places: readonly T[]) =>
    places
      .filter((place) => needed.has(place.value))
      .map((place) => ({ ...place, value: renumbered(place.value) }));
  return { ...graph, nodes, stages: moved(graph.stages), outputs: moved(graph.outputs) };
}
