import type { Node, ValueId } from '../../ir/graph.js';
import type { Gate, PictureSkip } from '../picture.js';
import type { DraftMap } from './draft-rows.js';
import type { SideInput } from './main-path.js';
import { labelOf } from './op-label.js';
import { gateOf } from './read-gate.js';

/** A skip from a map of the encoder to one of the decoder. */
export interface SkipReadRequest {
  readonly side: SideInput;
  readonly source: DraftMap;
  readonly target: DraftMap;
  readonly rank: number;
  /** Where the signal of a gate comes from, if the skip has one. */
  readonly signal: Gate['signal'] | undefined;
  readonly channelsOf: (id: ValueId | undefined) => number;
}

export function skipOf({ side, source, target, rank, signal, channelsOf }: SkipReadRequest): PictureSkip {
  const { before, after } = cropOf(side.nodes, rank);
  const ops = side.nodes.filter((node) => node.kind !== 'crop' && node.kind !== 'pad');
  const gate = signal && gateOf(ops, signal, channelsOf);
  const names = gate ? [] : new Set(ops.map((node) => labelOf(node, channelsOf(node.inputs[0]))));
  return {
    level: target.row,
    from: source.index,
    to: target.index,
    before,
    after,
    arrow: { family: 'copy', label: [copyText([...before, ...after]), ...names].join(', ') },
    ...(gate ? { gate } : {}),
  };
}

/** The positions that crops and pads remove at each end of each axis. */
export function cropOf(
  nodes: readonly Node[],
  rank: number,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const before = Array.from({ length: rank }, () => 0);
  const after = [...before];
  for (const node of nodes) {
    if (node.kind !== 'crop' && node.kind !== 'pad') continue;
    const sign = node.kind === 'crop' ? 1 : -1;
    for (const axis of before.keys()) {
      before[axis] = (before[axis] ?? 0) + sign * (node.attributes.before[axis] ?? 0);
      after[axis] = (after[axis] ?? 0) + sign * (node.attributes.after[axis] ?? 0);
    }
  }
  return { before, after };
}

function copyText(ends: readonly number[]): string {
  const words = [
    'copy',
    ...(ends.some((end) => end > 0) ? ['crop'] : []),
    ...(ends.some((end) => end < 0) ? ['pad'] : []),
  ];
  return words.length > 2 ? 'copy, crop and pad' : words.join(' and ');
}
