import type { Node } from '../ir/graph.js';
import { elementCount, type ParameterRole } from '../ir/parameter.js';
import type { LintRequest } from './lint-request.js';
import { isWritten, ownPlace, Places, parameterCountText } from './places.js';
import { takesMeanOfChannel, Uses } from './uses.js';

/** Parameters that no gradient moves, because nothing that they change is ever seen. */
export function lintDeadParameters(request: LintRequest): void {
  unusedStages(request);
  const { graph, reporter } = request;
  const uses = new Uses(graph);
  const dead = new Places<Dead>();
  for (const node of graph.nodes) {
    if (!isWritten(node.origin)) continue;
    const user = uses.onlyUser(node);
    if (!user) continue;
    // A norm takes away what is constant in a channel and what scales it; the norm behind the first one does so again.
    if (node.kind.endsWith('Norm') && takesMeanOfChannel(user)) {
      add(dead, node, ['scale', 'shift'], {
        why: 'the norm behind it scales and shifts anew',
        help: 'one of the two norms is enough',
      });
    }
    // One more number for every key changes all scores of a query alike, and the softmax none of its weights.
    if (node.kind === 'conv' && user.kind === 'attention' && uses.source(user, 1) === node) {
      add(dead, node, ['bias'], {
        why: 'a bias of the key changes all scores of a query alike',
        help: '`bias: false` in the conv leaves it out',
      });
    }
  }
  for (const { span, things } of dead) {
    const [first] = things;
    if (!first) continue;
    const count = things.reduce((sum, one) => sum + one.count, 0);
    reporter.report(
      'dead-parameters',
      span,
      { why: first.reason.why },
      {
        notes: [
          {
            message: parameterCountText(
              things.map(({ node }) => node),
              count,
            ),
            span,
          },
        ],
        help: first.reason.help,
      },
    );
  }
}

interface Dead {
  readonly node: Node;
  readonly count: number;
  readonly reason: Reason;
}

interface Reason {
  readonly why: string;
  readonly help: string;
}

function add(dead: Places<Dead>, node: Node, roles: readonly ParameterRole[], reason: Reason): void {
  const count = parametersOf(node, roles);
  if (count > 0) dead.add(ownPlace(node.origin), { node, count, reason });
}

/** Stages that no output reads, but for those that a pruned grid leaves out: that was asked for. */
function unusedStages({ spec, unused, reporter }: LintRequest): void {
  const pruned = spec.levels.some(
    ({ skip }) => skip.value.kind === 'nested' && skip.value.prune !== undefined,
  );
  if (pruned) return;
  const places = new Places<Node>();
  for (const node of unused) {
    const whole = spec.time && node.path.stage === 'time' ? spec.time.span : undefined;
    if (whole && parametersOf(node) > 0) places.add(whole, node);
  }
  for (const { span, things } of places) {
    const count = things.reduce((sum, node) => sum + parametersOf(node), 0);
    reporter.report(
      'dead-parameters',
      span,
      { why: 'no block uses the time step' },
      {
        notes: [{ message: parameterCountText(things, count), span }],
        help: 'a block reads it by the name `time`',
      },
    );
  }
}

function parametersOf(node: Node, roles?: readonly ParameterRole[]): number {
  return node.parameters
    .filter(({ role, trainable }) => trainable && (!roles || roles.includes(role)))
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
