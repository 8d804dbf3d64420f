import type { ValueId } from '../../ir/graph.js';
import type { SkipSetting } from '../../language/schema/attributes.js';
import type { Maybe } from '../context.js';
import { align } from './align.js';
import type { SkipMode, SkipRequest } from './skip-mode.js';

/** Concatenates along the channels (Ronneberger et al. 2015). The skip comes first by default. */
export const joinConcat: SkipMode<'concat'>['join'] = (request) => {
  const aligned = align(request);
  return aligned && concatMaps(request, request.setting.order.kind, [aligned.skip], aligned.up);
};

/** Concatenates maps of one size: the maps of the level in their order, before or after the map that came up. */
export function concatMaps(
  { decoderLayers, origin }: SkipRequest<SkipSetting['kind']>,
  order: 'skip_first' | 'up_first',
  maps: readonly ValueId[],
  up: ValueId,
): Maybe {
  const inputs = order === 'skip_first' ? [...maps, up] : [up, ...maps];
  return decoderLayers.elaboration.add('concat', inputs, {}, decoderLayers.path, origin);
}
