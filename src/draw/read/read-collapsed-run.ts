import type { Node, ValueId } from '../../ir/graph.js';
import type { CollapsedRun } from '../picture.js';
import type { Arrow, Embedding } from '../picture-parts.js';
import { describeOps, opText } from './describe-ops.js';
import { arrowFamilyOf } from './op-label.js';
import type { RunGroup } from './run-groups.js';

/** Facts of the whole network that a description needs. */
export interface RunContext {
  readonly channelsOf: (id: ValueId | undefined) => number;
  readonly embeddings: ReadonlyMap<ValueId, Embedding>;
}

/** A run of equal blocks as a box: `12 x transformer layer`, with the details of one block. */
export function blockRun(group: RunGroup, context: RunContext): CollapsedRun {
  return {
    name: wordsOf(group.name),
    count: group.count,
    details: detailsOf(group.first),
    label: describe(group, context),
  };
}

/** A whole stage as one arrow, in the colour of the op that changes the size. */
export function stageArrow(group: RunGroup, context: RunContext): Arrow {
  const families = group.first.map(arrowFamilyOf);
  const family =
    families.find((one) => one === 'down' || one === 'up') ??
    families.find((one) => one === 'conv' || one === 'pointwise') ??
    'other';
  return { family, label: describe(group, context) };
}

function describe({ first, entry }: RunGroup, { channelsOf, embeddings }: RunContext): string {
  const last = first.at(-1);
  return last ? opText(describeOps(first, entry, last, channelsOf, embeddings)) : '';
}

/** `transformer layer` of `transformer_layer`; other names stay as they are written. */
function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}

/** The heads of attention, and the channels inside if they differ from those outside. */
function detailsOf(nodes: readonly Node[]): readonly string[] {
  const outside = nodes.at(-1)?.channels ?? 0;
  const heads = nodes.find((node) => node.kind === 'attention');
  const widths = nodes.filter(({ kind }) => kind === 'conv').map(({ channels }) => channels);
  const widest = Math.max(0, ...widths);
  const inside = widest > outside ? widest : Math.min(outside, ...widths);
  return [
    ...(heads?.kind === 'attention'
      ? [`${heads.attributes.heads} ${heads.attributes.heads === 1 ? 'head' : 'heads'}`]
      : []),
    ...(inside === outside ? [] : [`${inside} channels inside`]),
  ];
}
