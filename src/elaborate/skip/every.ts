import { align } from './align.js';
import { concatMaps } from './concat.js';
import type { SkipMode } from './skip-mode.js';

/**
 * A skip from every block of the level and from the level's input. They are concatenated one by one, the last one
 * first, and a block of the decoder path follows each (the denoiser of Ho et al. 2020, arXiv:2006.11239, appendix B,
 * and its code).
 */
export const every: SkipMode<'every'> = {
  join(request) {
    const aligned = align(request);
    return aligned && concatMaps(request, request.setting.order.kind, [aligned.skip], aligned.up);
  },
  blocks: ({ blocks }) => blocks,
};
