import { alignAll } from './align.js';
import { concatMaps } from './concat.js';
import type { SkipMode } from './skip-mode.js';

/**
 * The grid of UNet++ (Zhou et al. 2018, arXiv:1807.10165, section 2.1). X(i,j) is a block applied to the concatenation
 * of X(i,0) ... X(i,j-1) and the map that comes up from X(i+1,j-1). The level's `crop` makes their sizes equal.
 */
export const nested: SkipMode<'nested'> = {
  dense: true,
  join(request) {
    const aligned = alignAll(request);
    if (!aligned) return undefined;
    return concatMaps(request, request.setting.order.kind, aligned.maps, aligned.up);
  },
  outputNode: ({ prune }) => prune,
  supervised: (setting) => setting.deep_supervision,
};
