import type { Origin, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import type { PooledLevelSpec } from '../../language/resolve/network-spec.js';
import type { AttributeValue, SkipSetting } from '../../language/schema/attributes.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';

/** What a skip mode receives at a level to make the input of the decoder's block. */
export interface SkipRequest<K extends SkipSetting['kind']> {
  readonly setting: SkipSetting & { readonly kind: K };
  readonly level: PooledLevelSpec;
  /** The encoder's map (N, C, ...spatial), and its stage: `encoder[2]`. */
  readonly skip: ValueId;
  readonly skipStage: StagePath;
  /** The nodes of the level that were decoded before this one, in order. Only a dense mode has any. */
  readonly earlier: readonly GridNode[];
  /** The map that came up from below (N, C, ...spatial). It is usually smaller. */
  readonly up: ValueId;
  readonly upStage: StagePath;
  /** The map below, before it came up (N, C, ...spatial). */
  readonly below: ValueId;
  readonly crop: AttributeValue<'crop'>;
  /** Whether the crop of this join is `skip[l].crop`: the join of the level's last node with the encoder's last map. */
  readonly last: boolean;
  /** Adds layers below `skip[l]`, which process the encoder's map. */
  readonly skipLayers: Layers;
  /** Adds layers below `decoder[l]`, which join the maps. */
  readonly decoderLayers: Layers;
  readonly origin: Origin;
}

/** A node of a level with its column. Column 0 is the encoder's map. */
export interface GridNode {
  readonly column: number;
  readonly value: ValueId;
}

/** A skip mode. Each has a file, and skip-modes.ts lists it. */
export interface SkipMode<K extends SkipSetting['kind']> {
  /** Makes the input of the decoder's block. */
  join(request: SkipRequest<K>): Maybe;
  /**
   * Whether the level has a node for every map that comes up from the level below, not only for the last one, as in the
   * grid of a nested network. Node j takes the map that comes up from node j - 1 below; node 0 is the encoder's map.
   */
  readonly dense?: boolean;
  /**
   * How often the encoder path uses the level's block, if each use has a skip of its own. The level's input is then a
   * skip too, so the decoder path uses the block once more.
   */
  blocks?(setting: SkipSetting & { readonly kind: K }): number;
  /** The node of level 1 that the head takes; the last one if undefined. */
  outputNode?(setting: SkipSetting & { readonly kind: K }): number | undefined;
  /** Whether every node of level 1 has a supervised head. */
  supervised?(setting: SkipSetting & { readonly kind: K }): boolean;
}
