import type { Graph, Node } from '../../ir/graph.js';
import type { Feed } from '../picture.js';
import type { Arrow } from '../picture-parts.js';
import type { DraftMap, DraftRows } from './draft-rows.js';
import type { SideInput } from './main-path.js';

/** What a feed needs to know of the picture so far. */
export interface FeedRequest {
  readonly source: DraftMap;
  readonly target: DraftMap;
  readonly graph: Graph;
  readonly rows: DraftRows;
  readonly stepOf: (ops: readonly Node[]) => Arrow | undefined;
}

/**
 * A head of a deeper level that goes into a join of the first one: its map, before it is enlarged, ends the level's
 * row. Undefined where a line has no place in the figure.
 */
export function readFeed({ nodes }: SideInput, request: FeedRequest): Feed | undefined {
  const { source, target, graph, rows, stepOf } = request;
  const isEnd = rows.wayUp(source.row).at(-1) === source;
  if (target.side !== 'decoder' || target.row > 0 || target.index === 0 || !isEnd) return undefined;
  const size = (node: Node | undefined) => JSON.stringify(node?.spatial);
  const own = size(graph.nodes[source.value]);
  const enlarging = nodes.findIndex((node) => size(node) !== own);
  const ops = nodes.slice(0, enlarging < 0 ? nodes.length : enlarging);
  const end = ops.at(-1);
  const map = end ? rows.start(source, end.path.root, end, ops) : source;
  rows.last = target;
  if (end) map.isAside = true;
  return {
    from: { level: source.row, index: map.index },
    to: { level: target.row, index: target.index },
    step: stepOf(nodes.slice(ops.length)) ?? { family: 'copy', label: 'copy' },
  };
}
