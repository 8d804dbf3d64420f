import type { Graph, Node, ValueId } from '../../ir/graph.js';
import { hasConstantSize } from './main-path.js';
import { roleOf } from './op-label.js';

/** Facts about the values of a graph. */
export class MapOps {
  private readonly readers: readonly ValueId[][];

  constructor(private readonly graph: Graph) {
    this.readers = graph.nodes.map(() => []);
    for (const { id, inputs } of graph.nodes) {
      for (const input of new Set(inputs)) this.readers[input]?.push(id);
    }
  }

  readersOf(id: ValueId): readonly ValueId[] {
    return this.readers[id] ?? [];
  }

  channelsOf(id: ValueId | undefined): number {
    return this.graph.nodes[id ?? -1]?.channels ?? 0;
  }

  /** Whether a value has the same size for every input. */
  isConstant(id: ValueId): boolean {
    return hasConstantSize(this.graph.nodes[id]);
  }

  /** Whether a node gets a box in a row of maps. */
  makesMap(node: Node): boolean {
    const role = roleOf(node);
    return role === 'map' || role === 'join';
  }
}
