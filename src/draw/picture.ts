import type { NestedPicture } from './nested-picture.js';
import type { Arrow, Embedding, Heading } from './picture-parts.js';

export type JoinKind = 'add' | 'mul' | 'concat';

/** A run of equal blocks that is one box. */
export interface CollapsedRun {
  /** The block's name in words. */
  readonly name: string;
  readonly count: number;
  /** What is worth knowing of it, a line each: `12 heads`, `3072 channels inside`. */
  readonly details: readonly string[];
  /** One block, op by op. */
  readonly label: string;
}

/** A line that leaves the row at an earlier map and comes back at this one. */
export interface Bypass {
  /** Index of the source in the same list of maps. */
  readonly from: number;
  /** The ops on the way; absent for an identity. */
  readonly arrow?: Arrow;
}

/** One box: a value of shape (channels, ...spatial). */
export interface FeatureMap {
  /** The stage path of the last op in it: `encoder[1].relu[2]`. */
  readonly path: string;
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The arrow that leads here; absent for the input, and where a join alone makes the map. */
  readonly arrow?: Arrow;
  /** A node on the arrow that joins what comes from elsewhere. */
  readonly join?: { readonly kind: JoinKind; readonly label: string };
  /** Channels that a concat skip brought: drawn as the white part of the box. */
  readonly copied: number;
  readonly bypasses: readonly Bypass[];
  /** The blocks that make this map, where they are drawn as its box and not as arrows. */
  readonly run?: CollapsedRun;
  /** The name of the network's output, where this map is one. */
  readonly output?: string;
  /** Whether it stands beside the way up, which has left the row before: a head. */
  readonly isAside: boolean;
  /** Whether only training needs it: a supervised head. */
  readonly trainingOnly: boolean;
}

/** A row of the U. The last level is the bottleneck: its maps are in `encoder` and `decoder` is empty. */
export interface PictureLevel {
  readonly encoder: readonly FeatureMap[];
  readonly decoder: readonly FeatureMap[];
}

/** What weighs a skip with a signal that comes from below. */
export interface Gate {
  /** The join that applies the coefficients. */
  readonly kind: 'mul' | 'add';
  /** Whether the signal is the map below or the one that has come up from it. */
  readonly signal: 'below' | 'up';
  /** How many gates there are side by side. */
  readonly count: number;
  /** The channels in which skip and signal meet; absent where they don't. */
  readonly channels?: number;
  readonly parameters: number;
  /** What is in it, op by op. */
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

/** A map at the end of a deeper row that goes into a join of another row: a head that is fused into the output. */
export interface Feed {
  /** Indices into `levels` and into the level's maps of the way up (its `encoder` at the bottom). */
  readonly from: { readonly level: number; readonly index: number };
  readonly to: { readonly level: number; readonly index: number };
  readonly arrow: Arrow;
}

/** Everything that a drawing of a U shows, in the terms of the figure and not of the graph. */
export interface UPicture extends Heading {
  readonly kind: 'u';
  /** Top to bottom; one level more than there are poolings. */
  readonly levels: readonly PictureLevel[];
  readonly skips: readonly PictureSkip[];
  readonly feeds: readonly Feed[];
  /** What blocks take from beside the U. */
  readonly embeddings: readonly Embedding[];
  /** Connections of the network that the U has no place for. */
  readonly undrawn: number;
}

/** A picture of a network, as a U or as a grid of nodes. */
export type Picture = UPicture | NestedPicture;

/** `572 x 572`; a size that is no integer is shown with two decimals. */
export function mapSizeText(spatial: readonly number[]): string {
  return spatial.map((size) => String(Math.round(size * 100) / 100)).join(' x ');
}
