import { align } from './align.js';
import type { SkipMode } from './skip-mode.js';

/** Concatenation along the channels (Ronneberger et al. 2015), the skip first unless written otherwise. */
export const joinConcat: SkipMode<'concat'>['join'] = (request) => {
  const aligned = align(request);
  if (!aligned) return undefined;
  const { skip, up } = aligned;
  const inputs = request.setting.order.kind === 'skip_first' ? [skip, up] : [up, skip];
  const { elaboration, path } = request.decoderLayers;
  return elaboration.add('concat', inputs, {}, path, request.origin);
};
