import type { DeadParameters } from '../diagnostics/codes/spec/lints.js';
import type { Node } from '../ir/graph.js';
import { elementCount, type ParameterRole } from '../ir/parameter.js';
import type { LintRequest } from './lint-request.js';
import { isWritten, ownSpan, parameterCountText, SpanGroups } from './spans.js';
import { takesMeanOfChannel, Uses } from './uses.js';

/** Reports parameters that get no gradient, because the output does not depend on them. */
export function lintDeadParameters(request: LintRequest): void {
  unusedStages(request);
  const { graph, reporter } = request;
  const uses = new Uses(graph);
  const dead = new SpanGroups<Dead>();
  for (const node of graph.nodes) {
    if (!isWritten(node.origin)) continue;
    const user = uses.onlyUser(node);
    if (!user) continue;
    // The second norm removes any constant and any scale of a channel, so those of the first norm change nothing.
    if (node.kind.endsWith('Norm') && takesMeanOfChannel(user)) {
      add(dead, node, ['scale', 'shift'], 'norm-after-norm');
    }
    // A bias of the keys adds the same number to all scores of a query, which does not change their softmax.
    if (node.kind === 'conv' && user.kind === 'attention' && uses.source(user, 1) === node) {
      add(dead, node, ['bias'], 'key-bias');
    }
  }
  for (const { span, items } of dead) {
    const [first] = items;
    if (!first) continue;
    const count = items.reduce((sum, one) => sum + one.count, 0);
    reporter.report(
      'dead-parameters',
      span,
      { cause: first.cause },
      {
        notes: [
          {
            message: parameterCountText(
              items.map(({ node }) => node),
              count,
            ),
            span,
          },
        ],
        help: remedies[first.cause],
      },
    );
  }
}

interface Dead {
  readonly node: Node;
  readonly count: number;
  readonly cause: DeadParameters;
}

const remedies: { readonly [C in DeadParameters]: string } = {
  'norm-after-norm': 'one of the two norms is enough',
  'key-bias': '`bias: false` in the conv removes it',
  'unused-time': 'a block reads the time step under the name `time`',
};

function add(
  dead: SpanGroups<Dead>,
  node: Node,
  roles: readonly ParameterRole[],
  cause: DeadParameters,
): void {
  const count = parametersOf(node, roles);
  if (count > 0) dead.add(ownSpan(node.origin), { node, count, cause });
}

/** Reports stages that no output uses, unless the spec prunes a grid and so leaves them out on purpose. */
function unusedStages({ spec, unused, reporter }: LintRequest): void {
  const pruned = spec.levels.some(
    ({ skip }) => skip.value.kind === 'nested' && skip.value.prune !== undefined,
  );
  if (pruned) return;
  const groups = new SpanGroups<Node>();
  for (const node of unused) {
    const whole = spec.time && node.path.stage === 'time' ? spec.time.span : undefined;
    if (whole && parametersOf(node) > 0) groups.add(whole, node);
  }
  for (const { span, items } of groups) {
    const count = items.reduce((sum, node) => sum + parametersOf(node), 0);
    reporter.report(
      'dead-parameters',
      span,
      { cause: 'unused-time' },
      {
        notes: [{ message: parameterCountText(items, count), span }],
        help: remedies['unused-time'],
      },
    );
  }
}

function parametersOf(node: Node, roles?: readonly ParameterRole[]): number {
  return node.parameters
    .filter(({ role, trainable }) => trainable && (!roles || roles.includes(role)))
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
