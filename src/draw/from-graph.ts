import type { Graph } from '../ir/graph.js';
import { withFoldedRows } from './fold-rows.js';
import { type Folding, GraphReader } from './graph-reader.js';
import { readNested } from './nested-reader.js';
import { type Heading, type Picture, sizeText, type UPicture } from './picture.js';
import { isTooWide } from './u-layout.js';

/**
 * The figure of a network, derived from its stage paths (`encoder[l]`, `pool[l]`, `bottleneck`, `up[l]`,
 * `skip[l]`, `decoder[l]`, `node[l,j]`, `head`) and op kinds. A network with nodes between encoder and decoder is a
 * grid, every other one a U. Never fails: a connection that the figure has no place for is counted in `undrawn`.
 *
 * @param graph the training graph, where the heads that only training needs are to be shown
 * @param subtitle a line below the title; the input's shape where it is left out
 */
export function pictureOf(graph: Graph, subtitle?: string): Picture {
  const shape = [String(graph.nodes[0]?.channels ?? 0), sizeText(graph.inputSize)].join(' x ');
  const heading: Heading = { title: graph.name, subtitle: subtitle ?? `input ${shape}`, rank: graph.rank };
  const nested = readNested(graph);
  if (nested) return { kind: 'nested', ...heading, ...nested };
  const folded = (folding: Folding): UPicture => ({
    kind: 'u',
    ...heading,
    ...new GraphReader(graph, folding).read(),
  });
  // As much detail as a page has room for.
  let picture = folded('runs');
  if (isTooWide(picture)) picture = withFoldedRows(picture);
  for (const folding of ['blocks', 'stages'] as const) {
    if (isTooWide(picture)) picture = withFoldedRows(folded(folding));
  }
  return picture;
}
