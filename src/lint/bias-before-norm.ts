import { elementCount } from '../ir/parameter.js';
import type { LintRequest } from './lint-network.js';
import { firstOf, levelOf, ownPlace, Places } from './places.js';
import { takesMeanOfChannel, Uses } from './uses.js';

/**
 * A conv's bias that the norm behind it takes away with the mean of the channel (Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3.2).
 */
export function lintBiasBeforeNorm({ spec, graph, reporter }: LintRequest): void {
  const uses = new Uses(graph);
  const places = new Places<(typeof graph.nodes)[number]>();
  for (const node of graph.nodes) {
    if ((node.kind !== 'conv' && node.kind !== 'convTranspose') || !node.attributes.bias) continue;
    const user = uses.onlyUser(node);
    if (!user || !takesMeanOfChannel(user)) continue;
    // A bias that the network's setting gives, not the block, is a matter of the settings.
    const { bias, norm } = levelOf(spec, node);
    const settings = bias.value ? [bias, norm].filter(({ origin }) => origin !== 'default') : [];
    places.add(settings[0]?.span ?? ownPlace(node.origin), node);
  }
  for (const { span, things } of places) {
    const lost = things
      .flatMap((node) => node.parameters.filter(({ role }) => role === 'bias'))
      .reduce((sum, { shape }) => sum + elementCount(shape), 0);
    reporter.report(
      'bias-before-norm',
      span,
      {},
      {
        notes: [
          {
            message: `${firstOf(things)}: ${lost.toLocaleString('en-US')} parameters that change nothing`,
            span,
          },
        ],
        help: '`bias = false` leaves them out; a conv with no norm behind it keeps its own by `bias: true`',
      },
    );
  }
}
