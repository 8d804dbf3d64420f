import type { NestedPicture } from './nested-picture.js';
import type { Arrow, Embedding, Heading } from './picture-parts.js';

export type JoinKind = 'add' | 'mul' | 'concat';

/** A run of equal blocks, drawn as one box. */
export interface CollapsedRun {
  /** The block's name in words. */
  readonly name: string;
  readonly count: number;
  /** Its details: `12 heads`, `3072 channels inside`. */
  readonly details: readonly string[];
  /** The ops of one block. */
  readonly label: string;
}

/** A line from an earlier map of the row to this one, such as a residual shortcut. */
export interface Bypass {
  /** Index of the source in the same list of maps. */
  readonly from: number;
  /** The ops on the line; absent for an identity. */
  readonly arrow?: Arrow;
}

/** One box: a value of shape (channels, ...spatial). */
export interface FeatureMap {
  /** The stage path of the last op in it: `encoder[1].relu[2]`. */
  readonly path: string;
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The arrow to this map; absent for the input, and if only a join makes the map. */
  readonly arrow?: Arrow;
  /** A join on the arrow, with values from elsewhere. */
  readonly join?: { readonly kind: JoinKind; readonly label: string };
  /** The channels that a concatenated skip brought, drawn as the white part of the box. */
  readonly copied: number;
  readonly bypasses: readonly Bypass[];
  /** The blocks that make this map, if they are drawn as its box. */
  readonly run?: CollapsedRun;
  /** The name of the output that this map is, if it is one. */
  readonly output?: string;
  /** Whether it stands beside the decoder path, which leaves the row before it: a head. */
  readonly isAside: boolean;
  /** Whether only training needs it: a supervised head. */
  readonly trainingOnly: boolean;
}

/** A row of the U. The last level is the bottleneck: its maps are in `encoder` and `decoder` is empty. */
export interface PictureLevel {
  readonly encoder: readonly FeatureMap[];
  readonly decoder: readonly FeatureMap[];
}

/** A gate: it weights a skip with a signal from below. */
export interface Gate {
  /** The join that applies the coefficients. */
  readonly kind: 'mul' | 'add';
  /** Whether the signal is the map below, or the map upsampled from it. */
  readonly signal: 'below' | 'up';
  /** The number of gates side by side. */
  readonly count: number;
  /** The channels of the sum of skip and signal; absent if there is no sum. */
  readonly channels?: number;
  readonly parameters: number;
  /** The ops of the gate. */
  readonly label: string;
}

/** A connection across the U, within one level. */
export interface PictureSkip {
  /** Index into `levels`. */
  readonly level: number;
  /** Index into that level's `encoder` and `decoder`. */
  readonly from: number;
  readonly to: number;
  /** Positions removed at each end of each axis; negative where positions are added. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly arrow: Arrow;
  readonly gate?: Gate;
}

/** A line from the last map of a deeper row to a join of another row: a head that is fused into the output. */
export interface Feed {
  /** Indices into `levels` and into the level's maps on the decoder path (in the last level, its `encoder`). */
  readonly from: { readonly level: number; readonly index: number };
  readonly to: { readonly level: number; readonly index: number };
  readonly arrow: Arrow;
}

/** Everything that the drawing of a U shows, in terms of the picture and not of the graph. */
export interface UPicture extends Heading {
  readonly kind: 'u';
  /** From top to bottom: one level more than the network has poolings. */
  readonly levels: readonly PictureLevel[];
  readonly skips: readonly PictureSkip[];
  readonly feeds: readonly Feed[];
  /** Values from beside the U that blocks take. */
  readonly embeddings: readonly Embedding[];
  /** The number of connections that the U cannot show. */
  readonly undrawn: number;
}

/** A picture of a network, as a U or as a grid of nodes. */
export type Picture = UPicture | NestedPicture;

/** `572 x 572`; sizes that are not integers have two decimals. */
export function mapSizeText(spatial: readonly number[]): string {
  return spatial.map((size) => String(Math.round(size * 100) / 100)).join(' x ');
}
