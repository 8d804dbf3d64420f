import type { ValueId } from '../../ir/graph.js';
import type { SkipSetting } from '../../language/schema/attributes.js';
import type { Maybe } from '../context.js';
import { align } from './align.js';
import type { SkipMode, SkipRequest } from './skip-mode.js';

/** Concatenation along the channels (Ronneberger et al. 2015), the skip first unless written otherwise. */
export const joinConcat: SkipMode<'concat'>['join'] = (request) => {
  const aligned = align(request);
  return aligned && concatMaps(request, request.setting.order.kind, [aligned.skip], aligned.up);
};

/** Maps of one size joined along the channels: those of the level in their order, before or behind what came up. */
export function concatMaps(
  { decoderLayers, origin }: SkipRequest<SkipSetting['kind']>,
  order: 'skip_first' | 'up_first',
  maps: readonly ValueId[],
  up: ValueId,
): Maybe {
  const inputs = order === 'skip_first' ? [...maps, up] : [up, ...maps];
  return decoderLayers.elaboration.add('concat', inputs, {}, decoderLayers.path, origin);
}
