import type { Graph } from '../ir/graph.js';
import { withCollapsedRows } from './layout/collapse-rows.js';
import { isTooWide } from './layout/u-layout.js';
import { mapSizeText, type Picture, type UPicture } from './picture.js';
import type { Heading } from './picture-parts.js';
import { type Collapsing, GraphReader } from './read/graph-reader.js';
import { readNested } from './read/nested-reader.js';

/**
 * The figure of a network, derived from its stage paths (`encoder[l]`, `pool[l]`, `bottleneck`, `up[l]`,
 * `skip[l]`, `decoder[l]`, `node[l,j]`, `head`) and op kinds. A network with nodes between encoder and decoder is a
 * grid, every other one a U. Never fails: a connection that the figure has no place for is counted in `undrawn`.
 *
 * @param graph the training graph, where the heads that only training needs are to be shown
 * @param subtitle a line below the title; the input's shape where it is left out
 */
export function pictureOf(graph: Graph, subtitle?: string): Picture {
  const shape = [String(graph.nodes[0]?.channels ?? 0), mapSizeText(graph.inputSize)].join(' x ');
  const heading: Heading = { title: graph.name, subtitle: subtitle ?? `input ${shape}`, rank: graph.rank };
  const nested = readNested(graph);
  if (nested) return { kind: 'nested', ...heading, ...nested };
  const collapsed = (collapsing: Collapsing): UPicture => ({
    kind: 'u',
    ...heading,
    ...new GraphReader(graph, collapsing).read(),
  });
  // As much detail as a page has room for.
  let picture = collapsed('runs');
  if (isTooWide(picture)) picture = withCollapsedRows(picture);
  for (const collapsing of ['blocks', 'stages'] as const) {
    if (isTooWide(picture)) picture = withCollapsedRows(collapsed(collapsing));
  }
  return picture;
}
