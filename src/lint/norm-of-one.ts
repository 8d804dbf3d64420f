import type { Node } from '../ir/graph.js';
import { elementCount } from '../ir/parameter.js';
import type { LintRequest } from './lint-request.js';
import { firstOf, normSpan, SpanGroups } from './spans.js';

/** Reports a norm over one number: the number minus its mean is always 0. */
export function lintNormOfOne({ spec, graph, sizes, reporter }: LintRequest): void {
  const groups = new SpanGroups<Node>();
  for (const node of graph.nodes) {
    const count = normalised(node, elementCount(sizes.sizes[node.id] ?? []));
    if (count !== 1) continue;
    groups.add(normSpan(spec, node), node);
  }
  for (const { span, items } of groups) {
    reporter.report(
      'norm-of-one',
      span,
      {},
      {
        notes: [
          {
            message: `${firstOf(items)} ${items.length === 1 ? 'receives' : 'receive'} ${shapeText(items[0], sizes.sizes)}`,
            span,
          },
        ],
        help: 'use a larger input, fewer poolings, or another norm at this level',
      },
    );
  }
}

/** Over how many numbers of a sample a norm takes a mean; undefined for batch norms and for all other ops. */
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
