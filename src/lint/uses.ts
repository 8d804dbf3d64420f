import type { Graph, Node } from '../ir/graph.js';

/** Who reads each value of a graph. */
export class Uses {
  private readonly users: Node[][];
  private readonly outputs: ReadonlySet<number>;

  constructor(private readonly graph: Graph) {
    this.users = graph.nodes.map(() => []);
    for (const node of graph.nodes) for (const input of node.inputs) this.users[input]?.push(node);
    this.outputs = new Set(graph.outputs.map(({ value }) => value));
  }

  /** The one op that reads a node's value, and nothing else does; crops, which move no number, are passed over. */
  onlyUser(node: Node): Node | undefined {
    const [user, ...more] = this.users[node.id] ?? [];
    if (!user || more.length > 0 || this.outputs.has(node.id)) return undefined;
    return user.kind === 'crop' ? this.onlyUser(user) : user;
  }

  /** The node that makes an input of a node. */
  source(node: Node, index: number): Node | undefined {
    const id = node.inputs[index];
    return id === undefined ? undefined : this.graph.nodes[id];
  }
}

/** Whether an op subtracts from each channel its own mean, so that a constant of a channel is lost. */
export function takesMeanOfChannel(node: Node): boolean {
  switch (node.kind) {
    case 'batchNorm':
    case 'instanceNorm':
      return true;
    case 'groupNorm':
      return node.attributes.groups === node.channels;
    default:
      return false;
  }
}
