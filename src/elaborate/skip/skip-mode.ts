import type { Origin, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import type { PooledLevelSpec } from '../../language/resolve/network-spec.js';
import type { AttributeValue, SkipSetting } from '../../language/schema/attributes.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';

/** What a skip mode is given at a level to make the input of the decoder's block. */
export interface SkipRequest<K extends SkipSetting['kind']> {
  readonly setting: SkipSetting & { readonly kind: K };
  readonly level: PooledLevelSpec;
  /** The encoder's map (N, C, ...spatial), and the stage that it is: `encoder[2]`. */
  readonly skip: ValueId;
  readonly skipStage: StagePath;
  /** The nodes of the level that were decoded before this one, in order: those of a dense mode only. */
  readonly earlier: readonly GridNode[];
  /** The map that came up from below (N, C, ...spatial), in general smaller. */
  readonly up: ValueId;
  readonly upStage: StagePath;
  /** The map below, before it came up (N, C, ...spatial). */
  readonly below: ValueId;
  readonly crop: AttributeValue<'crop'>;
  /** Whether this is the join whose crop is `skip[l].crop`: of the level's last node, with the encoder's last map. */
  readonly last: boolean;
  /** Layers below `skip[l]`, for what happens to the encoder's map. */
  readonly skipLayers: Layers;
  /** Layers below `decoder[l]`, for the join. */
  readonly decoderLayers: Layers;
  readonly origin: Origin;
}

/** A node of a level by its column: column 0 is the encoder's map. */
export interface GridNode {
  readonly column: number;
  readonly value: ValueId;
}

/** A skip mode: one file each, registered in skip-modes.ts. */
export interface SkipMode<K extends SkipSetting['kind']> {
  /** The input of the decoder's block. */
  join(request: SkipRequest<K>): Maybe;
  /**
   * Whether the level has a node for every map that comes up from the level below, not only for its last one: the
   * grid of a nested network. Node j takes what comes up from node j - 1 below; node 0 is the encoder's map.
   */
  readonly dense?: boolean;
  /**
   * How often the level's block is used on the way down, where every use has a skip of its own. The level's input is a
   * skip then too, and on the way up the block is used once more than on the way down.
   */
  blocks?(setting: SkipSetting & { readonly kind: K }): number;
  /** The node of level 1 that the head takes, where it is not the last one. */
  outputNode?(setting: SkipSetting & { readonly kind: K }): number | undefined;
  /** Whether every node of level 1 has a head that is supervised. */
  supervised?(setting: SkipSetting & { readonly kind: K }): boolean;
}
