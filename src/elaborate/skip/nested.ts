import { alignAll } from './align.js';
import type { SkipMode } from './skip-mode.js';

/**
 * The grid of UNet++ (Zhou et al. 2018, arXiv:1807.10165, section 2.1): X(i,j) is the block of what comes up from
 * X(i+1,j-1) beside X(i,0) ... X(i,j-1). All of them are brought to one size, by the level's `crop`.
 */
export const nested: SkipMode<'nested'> = {
  dense: true,
  join(request) {
    const aligned = alignAll(request);
    if (!aligned) return undefined;
    const { maps, up } = aligned;
    const inputs = request.setting.order.kind === 'skip_first' ? [...maps, up] : [up, ...maps];
    const { elaboration, path } = request.decoderLayers;
    return elaboration.add('concat', inputs, {}, path, request.origin);
  },
  outputNode: ({ prune }) => prune,
  supervised: (setting) => setting.deep_supervision,
};
