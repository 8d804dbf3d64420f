import type { Graph, Node } from '../ir/graph.js';

/** Finds the users of each value of a graph. */
export class Uses {
  private readonly users: Node[][];
  private readonly outputs: ReadonlySet<number>;

  constructor(private readonly graph: Graph) {
    this.users = graph.nodes.map(() => []);
    for (const node of graph.nodes) for (const input of node.inputs) this.users[input]?.push(node);
    this.outputs = new Set(graph.outputs.map(({ value }) => value));
  }

  /** The only user of a node's value, past crops, which change no number. Undefined if there are several users. */
  onlyUser(node: Node): Node | undefined {
    const [user, ...more] = this.users[node.id] ?? [];
    if (!user || more.length > 0 || this.outputs.has(node.id)) return undefined;
    return user.kind === 'crop' ? this.onlyUser(user) : user;
  }

  /** The node that computes an input of a node. */
  source(node: Node, index: number): Node | undefined {
    const id = node.inputs[index];
    return id === undefined ? undefined : this.graph.nodes[id];
  }
}

/** Whether an op subtracts the mean of each channel, which cancels any constant of a channel. */
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
