/** The colour family of an arrow. */
export type StepFamily = 'conv' | 'pointwise' | 'down' | 'up' | 'copy' | 'other';

/** What an arrow stands for: `conv 3x3, batch norm, ReLU`. Equal labels share a legend entry. */
export interface Step {
  readonly family: StepFamily;
  readonly label: string;
}

export type JoinKind = 'add' | 'mul' | 'concat';

/** A line that leaves the row at an earlier map and comes back at this one. */
export interface Bypass {
  /** Index of the source in the same list of maps. */
  readonly from: number;
  /** The ops on the way; absent for an identity. */
  readonly step?: Step;
}

/** One box: a value of shape (channels, ...spatial). */
export interface FeatureMap {
  /** The stage path of the last op in it: `encoder[1].relu[2]`. */
  readonly path: string;
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The arrow that leads here; absent for the input, and where a join alone makes the map. */
  readonly step?: Step;
  /** A node on the arrow that joins what comes from elsewhere. */
  readonly join?: { readonly kind: JoinKind; readonly label: string };
  /** Channels that a concat skip brought: drawn as the white part of the box. */
  readonly copied: number;
  readonly bypasses: readonly Bypass[];
  /** The name of the network's output, where this map is one. */
  readonly output?: string;
}

/** A row of the U. The last level is the bottleneck: its maps are in `encoder` and `decoder` is empty. */
export interface PictureLevel {
  readonly encoder: readonly FeatureMap[];
  readonly decoder: readonly FeatureMap[];
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
  readonly step: Step;
  /** The join that makes a gate of it: a product with a signal made from the level below. */
  readonly gate?: 'mul' | 'add';
}

/** Everything that a drawing shows, in the terms of the figure and not of the graph. */
export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly rank: number;
  /** Top to bottom; one level more than there are poolings. */
  readonly levels: readonly PictureLevel[];
  readonly skips: readonly PictureSkip[];
  /** Connections of the network that the U has no place for. */
  readonly undrawn: number;
}

/** `572 x 572`; a size that is no integer is shown with two decimals. */
export function sizeText(spatial: readonly number[]): string {
  return spatial.map((size) => String(Math.round(size * 100) / 100)).join(' x ');
}
