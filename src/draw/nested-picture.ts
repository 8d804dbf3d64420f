import type { StagePath } from '../ir/stage-path.js';
import type { Arrow, Embedding, Heading } from './picture-parts.js';

/** A node of the grid, X(i,j) of the U-Net++ paper: a whole block as one box. */
export interface GridBox {
  /** Its stage: `encoder[2]`, `node[1,2]`, `decoder[1]`, `bottleneck`. */
  readonly path: StagePath;
  /** From 0, downwards. */
  readonly level: number;
  /** From 0, the encoder, to the right. */
  readonly column: number;
  readonly channels: number;
  readonly spatial: readonly number[];
  /** What its block does, op by op. */
  readonly block: string;
  readonly trainingOnly: boolean;
}

/** An arrow between two nodes, given as indices into the list of nodes. */
export interface GridEdge {
  readonly from: number;
  readonly to: number;
  readonly arrow: Arrow;
  /** What is taken from each end of the map; empty where nothing is. */
  readonly crop: string;
  readonly trainingOnly: boolean;
}

/** What makes classes of a node. */
export interface GridHead {
  readonly node: number;
  readonly arrow: Arrow;
  /** The output's name. */
  readonly output: string;
  readonly channels: number;
  readonly spatial: readonly number[];
  readonly trainingOnly: boolean;
}

/** Everything that a drawing of a nested network shows. */
export interface NestedPicture extends Heading {
  readonly kind: 'nested';
  readonly input: { readonly channels: number; readonly spatial: readonly number[] };
  readonly nodes: readonly GridBox[];
  readonly edges: readonly GridEdge[];
  readonly heads: readonly GridHead[];
  /** What blocks take from beside the grid. */
  readonly embeddings: readonly Embedding[];
  /** Connections of the network that the grid has no place for. */
  readonly undrawn: number;
}
