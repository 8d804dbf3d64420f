import type { Node, ValueId } from '../../ir/graph.js';
import { elementCount } from '../../ir/parameter.js';
import type { Gate } from '../picture.js';
import { describeOps } from './describe-ops.js';
import { labelOf } from './op-label.js';

type ChannelsOf = (id: ValueId | undefined) => number;

/**
 * The gate on a skip (Oktay et al. 2018, arXiv:1804.03999, section 2.1), or undefined if nothing weights the skip.
 *
 * @param ops the ops between the encoder's map and the join, in graph order
 */
export function gateOf(
  ops: readonly Node[],
  signal: Gate['signal'],
  channelsOf: ChannelsOf,
): Gate | undefined {
  const products = ops.filter(({ kind }) => kind === 'mul');
  const applied = products[0] ?? ops.findLast(({ kind }) => kind === 'add');
  if (!applied || (applied.kind !== 'mul' && applied.kind !== 'add')) return undefined;
  const sum = ops.find((node) => node.kind === 'add' && node.id < applied.id);
  const parameters = ops
    .flatMap((node) => node.parameters)
    .filter(({ trainable }) => trainable)
    .reduce((total, { shape }) => total + elementCount(shape), 0);
  return {
    kind: applied.kind,
    signal,
    count: Math.max(1, products.length),
    ...(sum ? { channels: sum.channels } : {}),
    parameters,
    label: labelOfGate(ops, applied, sum, channelsOf),
  };
}

function labelOfGate(
  ops: readonly Node[],
  applied: Node,
  sum: Node | undefined,
  channelsOf: ChannelsOf,
): string {
  const names = (nodes: readonly Node[]) =>
    nodes.map((node) => labelOf(node, channelsOf(node.inputs[0]))).join(', ');
  if (!sum) return names(ops);
  const byId = new Map(ops.map((node) => [node.id, node]));
  const term = (id: ValueId) => {
    const last = byId.get(id);
    return last ? describeOps(chainTo(last, byId), -1, last, channelsOf).join(', ') : 'identity';
  };
  const [skip, ...signals] = sum.inputs.map(term);
  const weights = ops.filter(({ id }) => id > sum.id && id < applied.id);
  const lastProduct = ops.findLast(({ kind }) => kind === applied.kind) ?? applied;
  const after = ops.filter(({ id, kind }) => id > lastProduct.id && kind !== 'concat');
  const start = `${skip} of the skip + ${signals.join(' + ')} of the signal`;
  const text = [start, names(weights), `${names([applied])} with the skip`].filter((part) => part !== '');
  return text.join(', ') + (after.length > 0 ? `; then ${names(after)}` : '');
}

/** The ops that lead to a node along first inputs. */
function chainTo(last: Node, byId: ReadonlyMap<ValueId, Node>): readonly Node[] {
  const chain: Node[] = [];
  for (let node: Node | undefined = last; node; node = byId.get(node.inputs[0] ?? -1)) chain.unshift(node);
  return chain;
}
