import type { Span } from '../diagnostics/span.js';
import type { Affine } from './affine.js';
import type { OpAttributes, OpKind } from './op-attributes.js';
import type { Parameter } from './parameter.js';
import type { StagePath } from './stage-path.js';

/** A value is the output of the node with the same number. */
export type ValueId = number;

/** Where in the text a node comes from, innermost first: the op's own span, then each use of a block. */
export interface Origin {
  readonly span: Span;
  readonly uses: readonly { readonly block: string; readonly span: Span }[];
}

/** One op: its output is a value of shape (N, channels, ...spatial), row-major, N free. */
export interface NodeOf<K extends OpKind> {
  readonly id: ValueId;
  readonly kind: K;
  readonly inputs: readonly ValueId[];
  readonly attributes: OpAttributes[K];
  readonly channels: number;
  /** The size of each axis as a function of the input's size along the same axis. */
  readonly spatial: readonly Affine[];
  /** Unique in the graph: `encoder[2].conv[1]`. */
  readonly path: StagePath;
  readonly origin: Origin;
  readonly parameters: readonly Parameter[];
}

export type Node = { [K in OpKind]: NodeOf<K> }[OpKind];

/** A row of the shape table: the value of a stage. */
export interface Stage {
  readonly path: StagePath;
  readonly value: ValueId;
}

/** The positions that a skip loses at each side before it is joined, one entry per axis; negative if it is padded. */
export interface SkipCrop {
  readonly level: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A network as dataflow. Nodes are in an order in which they can run. Node i has id i, and node 0 is the input. */
export interface Graph {
  readonly name: string;
  readonly rank: number;
  /** The declared input size, one entry per axis. The nodes are the same for every admissible size. */
  readonly inputSize: readonly number[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly value: ValueId }[];
  readonly stages: readonly Stage[];
  readonly crops: readonly SkipCrop[];
}

/** The name of an axis, as errors and tables print it: H, W or D, H, W. */
export function axisName(axis: number, rank: number): string {
  return 'DHW'[3 - rank + axis] ?? `axis ${axis + 1}`;
}

/** All parameters in node order: the order of weight files and initializers. */
export function parametersOf(graph: Graph): readonly Parameter[] {
  return graph.nodes.flatMap((node) => node.parameters);
}
