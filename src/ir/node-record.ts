import type { AxisMap } from './axis-map.js';
import type { Graph, Node } from './graph.js';
import type { OpRecord } from './op-record.js';
import { recordOf } from './op-table.js';

/** The record of a node's op; its functions take the node's attributes. */
export function recordOfNode({ kind }: Node): OpRecord<unknown> {
  // The record of node.kind takes node.attributes; the pairing is lost in the union of kinds.
  return recordOf(kind) as OpRecord<unknown>;
}

/** Which input of the network a node is; undefined for all others. */
export function sourceOf(node: Node): 'image' | 'time' | undefined {
  return recordOfNode(node).source;
}

/** The map of a node along an axis. */
export function axisMapOf(node: Node, axis: number): AxisMap {
  return recordOfNode(node).axis(node.attributes, axis);
}

/** The only sizes that a node takes, one entry per axis; undefined for a node that takes several. */
export function pinnedSizeOf(node: Node): readonly number[] | undefined {
  return recordOfNode(node).pinnedSize?.(node.attributes);
}

/** The first node that takes only one size; undefined if there is none. */
export function pinningNode(graph: Graph): Node | undefined {
  return graph.nodes.find((node) => pinnedSizeOf(node) !== undefined);
}

/** Whether only one input size fits a graph. */
export function pinsSize(graph: Graph): boolean {
  return pinningNode(graph) !== undefined;
}
