import type { viewCodes } from '../../../src/diagnostics/codes/views.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

export const viewSamples: { [C in keyof typeof viewCodes]: readonly CodeArguments<C>[] } = {
  'view-sizes-differ': [
    { image: 'cells.png', size: [1, 48, 64], mask: 'cells_mask.png', maskSize: [1, 64, 48] },
  ],
  'view-mask-values': [{ path: 'probabilities.nii.gz', value: '0.25', count: 900, total: 1000 }],
  'view-page-missing': [
    { path: 'stack.tif', page: 12, pages: 10 },
    { path: 'cells.png', page: 1, pages: 1 },
  ],
  'view-too-large': [{ path: 'movie.tif', size: [100000, 2048, 2048], limit: 67108864 }],
};
