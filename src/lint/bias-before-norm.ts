import { type Span, spanText } from '../diagnostics/span.js';
import type { Node } from '../ir/graph.js';
import { elementCount } from '../ir/parameter.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { LintRequest } from './lint-request.js';
import { levelOf, ownPlace, Places, parameterCountText } from './places.js';
import { takesMeanOfChannel, Uses } from './uses.js';

/**
 * A conv's bias that the norm behind it takes away with the mean of the channel (Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3.2).
 */
export function lintBiasBeforeNorm({ spec, graph, reporter }: LintRequest): void {
  const uses = new Uses(graph);
  const places = new Places<Node>();
  for (const node of graph.nodes) {
    if ((node.kind !== 'conv' && node.kind !== 'convTranspose') || !node.attributes.bias) continue;
    const user = uses.onlyUser(node);
    if (!user || !takesMeanOfChannel(user) || isOfGate(spec, node)) continue;
    places.add(placeOf(spec, node, user), node);
  }
  for (const { span, things } of places) {
    const lost = things
      .flatMap((node) => node.parameters.filter(({ role }) => role === 'bias'))
      .reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const help = things.every(saysBias)
      ? '`bias: false` leaves them out'
      : '`bias = false` leaves them out; a conv with no norm behind it keeps its own by `bias: true`';
    const notes = [{ message: `${parameterCountText(things, lost)} that change nothing`, span }];
    reporter.report('bias-before-norm', span, {}, { notes, help });
  }
}

/**
 * Where a bias and the norm that takes it away come from: the line of a setting, or else the conv. A conv that says
 * itself that it has a bias keeps it whatever the settings are, and `norm` did not make a norm of another kind.
 */
function placeOf(spec: NetworkSpec, conv: Node, user: Node): Span {
  if (!saysBias(conv)) {
    const { bias, norm } = levelOf(spec, conv);
    if (bias.origin !== 'default') return bias.span;
    if (norm.origin !== 'default' && user.kind === `${norm.value.kind}Norm`) return norm.span;
  }
  return ownPlace(conv.origin);
}

function saysBias({ origin }: Node): boolean {
  return /\bbias\s*:/.test(spanText(origin.span));
}

/** Whether a conv is one of an attention gate: these have a bias whatever is written, so there is nothing to mend. */
function isOfGate(spec: NetworkSpec, { path }: Node): boolean {
  return path.stage === 'skip' && spec.levels[(path.level ?? 0) - 1]?.skip.value.kind === 'attention';
}
