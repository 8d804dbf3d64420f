import type { StagePath } from '../ir/stage-path.js';
import type { Arrow, Embedding, Heading } from './picture-parts.js';

/** A node of the grid, X(i,j) in the U-Net++ paper: one block as one box. */
export interface GridBox {
  /** Its stage: `encoder[2]`, `node[1,2]`, `decoder[1]`, `bottleneck`. */
  readonly path: StagePath;
  /** From 0, downwards. */
  readonly level: number;
  /** From 0, the encoder, to the right. */
  readonly column: number;
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The ops of its block. */
  readonly block: string;
  readonly trainingOnly: boolean;
}

/** An arrow between two nodes, as indices into the list of nodes. */
export interface GridEdge {
  readonly from: number;
  readonly to: number;
  readonly arrow: Arrow;
  /** How the map is cropped or padded; empty if it is not. */
  readonly crop: string;
  readonly trainingOnly: boolean;
}

/** A head: the ops that turn a node into classes. */
export interface GridHead {
  readonly node: number;
  readonly arrow: Arrow;
  /** The output's name. */
  readonly output: string;
  readonly channels: number;
  readonly spatial: readonly number[];
  readonly trainingOnly: boolean;
}

/** Everything that the drawing of a nested network shows. */
export interface NestedPicture extends Heading {
  readonly kind: 'nested';
  readonly input: { readonly channels: number; readonly spatial: readonly number[] };
  readonly nodes: readonly GridBox[];
  readonly edges: readonly GridEdge[];
  readonly heads: readonly GridHead[];
  /** Values from beside the grid that blocks take. */
  readonly embeddings: readonly Embedding[];
  /** The number of connections that the grid cannot show. */
  readonly undrawn: number;
}
