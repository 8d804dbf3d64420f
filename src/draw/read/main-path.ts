import type { Graph, Node, ValueId } from '../../ir/graph.js';

/** A value that joins the main path from the side. */
export interface SideInput {
  readonly value: ValueId;
  /** The nodes of the main path that it is computed from, in graph order. */
  readonly sources: readonly ValueId[];
  /** The nodes between, in graph order. */
  readonly nodes: readonly Node[];
}

/** The path from the input to the first output, which the U follows, and the values that join it. */
export interface MainPath {
  readonly nodes: readonly Node[];
  readonly sides: ReadonlyMap<ValueId, readonly SideInput[]>;
  /** All values that the first output needs; only training needs the others. */
  readonly needed: ReadonlySet<ValueId>;
}

function nodeAt(graph: Graph, id: ValueId): Node {
  const node = graph.nodes[id];
  if (!node) throw new Error(`no node ${id} in ${graph.name}`);
  return node;
}

/**
 * For every node, the length of the longest path from the input. An op with parameters counts more than all ops
 * without.
 */
function distances(graph: Graph): readonly number[] {
  const result: number[] = [];
  for (const { inputs, parameters } of graph.nodes) {
    const own = parameters.length > 0 ? graph.nodes.length : 1;
    result.push(inputs.reduce((longest, id) => Math.max(longest, (result[id] ?? 0) + own), 0));
  }
  return result;
}

/**
 * Whether a value has the same size for every input, such as a weight for each channel or the embedding of a time step.
 */
export function hasConstantSize(node: Node | undefined): boolean {
  return node?.spatial.every(({ p }) => p === 0) ?? false;
}

/**
 * Follows the network back from its first output. At a join it takes a map rather than a skip, and then the longest
 * path (the body of a residual block, not its shortcut).
 */
export function mainPathOf(graph: Graph): MainPath {
  const last = graph.outputs[0]?.value ?? graph.nodes.length - 1;
  const distance = distances(graph);
  const rank = (id: ValueId): number => {
    const node = nodeAt(graph, id);
    const isSkip = node.path.stage === 'skip';
    const worth = hasConstantSize(node) ? 0 : isSkip ? 1 : 2;
    return worth * graph.nodes.length ** 2 + (distance[id] ?? 0);
  };
  const chosen = new Map<ValueId, number>();
  const path: Node[] = [];
  for (let node = nodeAt(graph, last); ; ) {
    path.push(node);
    let best = -1;
    for (const [index, id] of node.inputs.entries()) {
      const current = node.inputs[best];
      if (current === undefined || rank(id) > rank(current)) best = index;
    }
    const next = node.inputs[best];
    if (next === undefined) break;
    chosen.set(node.id, best);
    node = nodeAt(graph, next);
  }
  path.reverse();

  const onPath = new Set(path.map((node) => node.id));
  const sides = new Map<ValueId, readonly SideInput[]>();
  for (const node of path) {
    const main = node.inputs[chosen.get(node.id) ?? 0];
    const others = node.inputs.filter((id) => id !== main);
    if (others.length > 0)
      sides.set(
        node.id,
        others.map((id) => sideInput(graph, id, onPath)),
      );
  }
  const { nodes: before } = sideInput(graph, last, new Set());
  return { nodes: path, sides, needed: new Set(before.map(({ id }) => id)) };
}

/** The nodes between a value and the main path. */
export function sideInput(graph: Graph, value: ValueId, onPath: ReadonlySet<ValueId>): SideInput {
  const sources = new Set<ValueId>();
  const between = new Set<ValueId>();
  const queue: ValueId[] = [value];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (onPath.has(id)) sources.add(id);
    else if (!between.has(id)) {
      between.add(id);
      queue.push(...nodeAt(graph, id).inputs);
    }
  }
  const inOrder = (ids: ReadonlySet<ValueId>): readonly ValueId[] => [...ids].sort((a, b) => a - b);
  return { value, sources: inOrder(sources), nodes: inOrder(between).map((id) => nodeAt(graph, id)) };
}
