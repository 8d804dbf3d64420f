import type { Origin, ValueId } from '../../ir/graph.js';
import type { AttributeValue, SkipSetting } from '../../semantics/attributes.js';
import type { PooledLevelSpec } from '../../semantics/network-spec.js';
import type { Maybe } from '../context.js';
import type { Layers } from '../layers.js';

/** What a skip mode is given at a level to make the input of the decoder's block. */
export interface SkipRequest<K extends SkipSetting['kind']> {
  readonly setting: SkipSetting & { readonly kind: K };
  readonly level: PooledLevelSpec;
  /** The encoder's map (N, channels of the level, ...spatial). */
  readonly skip: ValueId;
  /** The map that came up from below (N, C, ...spatial), in general smaller. */
  readonly up: ValueId;
  readonly crop: AttributeValue<'crop'>;
  /** Layers below `skip[l]`, for what happens to the encoder's map. */
  readonly skipLayers: Layers;
  /** Layers below `decoder[l]`, for the join. */
  readonly decoderLayers: Layers;
  readonly origin: Origin;
}

/** A skip mode: one file each, registered in skip-modes.ts. */
export type SkipMode<K extends SkipSetting['kind']> = (request: SkipRequest<K>) => Maybe;
