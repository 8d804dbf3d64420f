import type { Node } from '../ir/graph.js';
import { elementCount } from '../ir/parameter.js';
import type { LintRequest } from './lint-request.js';
import { firstOf, normPlace, SpanGroups } from './places.js';

/** A norm over one number: that number less its mean is 0, whatever it was. */
export function lintNormOfOne({ spec, graph, sizes, reporter }: LintRequest): void {
  const groups = new SpanGroups<Node>();
  for (const node of graph.nodes) {
    const count = normalised(node, elementCount(sizes.sizes[node.id] ?? []));
    if (count !== 1) continue;
    groups.add(normPlace(spec, node), node);
  }
  for (const { span, items } of groups) {
    reporter.report(
      'norm-of-one',
      span,
      {},
      {
        notes: [
          {
            message: `${firstOf(items)} ${items.length === 1 ? 'gets' : 'get'} ${shapeText(items[0], sizes.sizes)}`,
            span,
          },
        ],
        help: 'use a larger input, fewer poolings, or another norm at this level',
      },
    );
  }
}

/** How many numbers of a sample a norm takes the mean of; undefined for other ops, and for the mean of a batch. */
function normalised(node: Node, positions: number): number | undefined {
  switch (node.kind) {
    case 'instanceNorm':
      return positions;
    case 'groupNorm':
      return (positions * node.channels) / node.attributes.groups;
    case 'layerNorm':
      return node.channels;
    default:
      return undefined;
  }
}

function shapeText(node: Node | undefined, sizes: readonly (readonly number[])[]): string {
  return node ? [node.channels, ...(sizes[node.id] ?? [])].join(' x ') : '';
}
