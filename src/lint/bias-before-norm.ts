import { type Span, spanText } from '../diagnostics/span.js';
import type { Node } from '../ir/graph.js';
import { elementCount } from '../ir/parameter.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { LintRequest } from './lint-request.js';
import { levelOf, ownSpan, parameterCountText, SpanGroups } from './spans.js';
import { takesMeanOfChannel, Uses } from './uses.js';

/**
 * Reports the bias of a conv if the norm after it subtracts it with the mean of the channel (Ioffe & Szegedy 2015,
 * arXiv:1502.03167, section 3.2).
 */
export function lintBiasBeforeNorm({ spec, graph, reporter }: LintRequest): void {
  const uses = new Uses(graph);
  const groups = new SpanGroups<Node>();
  for (const node of graph.nodes) {
    if ((node.kind !== 'conv' && node.kind !== 'convTranspose') || !node.attributes.bias) continue;
    const user = uses.onlyUser(node);
    if (!user || !takesMeanOfChannel(user) || isOfGate(spec, node)) continue;
    groups.add(spanOf(spec, node, user), node);
  }
  for (const { span, items } of groups) {
    const lost = items
      .flatMap((node) => node.parameters.filter(({ role }) => role === 'bias'))
      .reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const help = items.every(setsBias)
      ? '`bias: false` removes them'
      : '`bias = false` removes them; a conv without a norm after it keeps its bias with `bias: true`';
    const notes = [{ message: `${parameterCountText(items, lost)} that change nothing`, span }];
    reporter.report('bias-before-norm', span, {}, { notes, help });
  }
}

/**
 * The cause of a bias before a norm: the line of a setting, or else the conv. It is the conv if the conv itself sets
 * `bias`, and `norm` is the cause only of a norm of its own kind.
 */
function spanOf(spec: NetworkSpec, conv: Node, user: Node): Span {
  if (!setsBias(conv)) {
    const { bias, norm } = levelOf(spec, conv);
    if (bias.origin !== 'default') return bias.span;
    if (norm.origin !== 'default' && user.kind === `${norm.value.kind}Norm`) return norm.span;
  }
  return ownSpan(conv.origin);
}

/** Whether a conv has an argument `bias`. */
function setsBias({ origin }: Node): boolean {
  return /\bbias\s*:/.test(spanText(origin.span));
}

/** Whether a conv belongs to an attention gate. Such a conv always has a bias, which no setting removes. */
function isOfGate(spec: NetworkSpec, { path }: Node): boolean {
  return path.stage === 'skip' && spec.levels[(path.level ?? 0) - 1]?.skip.value.kind === 'attention';
}
