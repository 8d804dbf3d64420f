import type { Graph } from '../../ir/graph.js';
import type { DraftRows } from './draft-rows.js';
import { type MainPath, sideInput } from './main-path.js';

/**
 * Names the maps that are outputs; an output off the main path is drawn at the end of its row.
 * @returns the number of outputs that the U has no place for
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
    if (source && end && rows.wayUp(source.row).at(-1) === source && !source.output) {
      const map = rows.start(source, end.path.root, end, nodes);
      map.output = name;
      map.isAside = true;
    } else undrawn += 1;
  }
  return undrawn;
}
