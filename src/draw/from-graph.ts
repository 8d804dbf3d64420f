import type { Graph } from '../ir/graph.js';
import { withCollapsedRows } from './layout/collapse-rows.js';
import { isTooWide } from './layout/u-layout.js';
import { mapSizeText, type Picture, type UPicture } from './picture.js';
import type { Heading } from './picture-parts.js';
import { type Collapsing, GraphReader } from './read/graph-reader.js';
import { readNested } from './read/nested-reader.js';

/**
 * The picture of a network, derived from its stage paths (`encoder[l]`, `pool[l]`, `bottleneck`, `up[l]`, `skip[l]`,
 * `decoder[l]`, `node[l,j]`, `head`) and op kinds. A network with nodes between encoder and decoder is drawn as a grid,
 * every other network as a U. This never fails: connections that the picture cannot show are counted in `undrawn`.
 *
 * @param graph the training graph, to show the heads that only training needs
 * @param subtitle a line below the title; the input's shape if omitted
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
  // Show as much detail as fits on a page.
  let picture = collapsed('runs');
  if (isTooWide(picture)) picture = withCollapsedRows(picture);
  for (const collapsing of ['blocks', 'stages'] as const) {
    if (isTooWide(picture)) picture = withCollapsedRows(collapsed(collapsing));
  }
  return picture;
}
