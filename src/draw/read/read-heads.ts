import type { Graph, Node } from '../../ir/graph.js';
import type { Feed } from '../picture.js';
import type { Arrow } from '../picture-parts.js';
import type { DraftMap, DraftRows } from './draft-rows.js';
import { type MainPath, type SideInput, sideInput } from './main-path.js';

/** The state of the picture that a feed is added to. */
export interface FeedRequest {
  readonly source: DraftMap;
  readonly target: DraftMap;
  readonly graph: Graph;
  readonly rows: DraftRows;
  readonly arrowOf: (ops: readonly Node[]) => Arrow | undefined;
}

/**
 * A head of a deeper level that is joined at the first level. Its map, before it is enlarged, ends the row of its
 * level. Undefined if the picture cannot show the line.
 */
export function readFeed({ nodes }: SideInput, request: FeedRequest): Feed | undefined {
  const { source, target, graph, rows, arrowOf } = request;
  const isEnd = rows.decoderPath(source.row).at(-1) === source;
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
    arrow: arrowOf(nodes.slice(ops.length)) ?? { family: 'copy', label: 'copy' },
  };
}

/**
 * Names the maps that are outputs; an output off the main path is drawn at the end of its row.
 * @returns the number of outputs that the U cannot show
 */
export function readOutputs(graph: Graph, main: MainPath, rows: DraftRows): number {
  const onPath = new Set(main.nodes.map((node) => node.id));
  let undrawn = 0;
  for (const { name, value } of graph.outputs) {
    const drawn = rows.mapWith(value);
    if (drawn) {
      if (drawn.value === value) drawn.output ??= name;
      continue;
    }
    const { sources, nodes } = sideInput(graph, value, onPath);
    const [only] = sources;
    const source = only === undefined || sources.length > 1 ? undefined : rows.mapWith(only);
    const end = nodes.at(-1);
    if (source && end && rows.decoderPath(source.row).at(-1) === source && !source.output) {
      const map = rows.start(source, end.path.root, end, nodes);
      map.output = name;
      map.isAside = true;
    } else undrawn += 1;
  }
  return undrawn;
}
