import {
  type ConvolutionSpec,
  convolutionCase,
  depthwiseCase,
  fusedConvolutionCase,
  transposedCase,
} from './convolution-cases.js';
import { binaryCase } from './elementwise-cases.js';
import type { OpCase } from './op-case.js';
import { type PoolingSpec, poolingCase } from './pooling-cases.js';
import { batchNormCase, matMulCase, reductionCase } from './reduction-cases.js';
import { type ResizeSpec, resizeCase } from './resampling-cases.js';
import { padCase, tileCase } from './reshaping-cases.js';

/** A case that a stock engine has wrong, and a patched one right. */
export interface KnownBug {
  readonly engines: readonly ('cpu' | 'wasm')[];
  readonly what: 'forward' | 'gradients';
  /** Wrong numbers are worse than an error: whether it throws. */
  readonly throws: boolean;
  readonly opCase: OpCase;
}

const both = ['cpu', 'wasm'] as const;
const none = [0, 0] as const;

const image: ConvolutionSpec = {
  batch: 2,
  spatial: [6, 5],
  channelsIn: 3,
  channelsOut: 2,
  kernel: [3, 2],
  stride: [1, 1],
  dilation: [1, 1],
  padding: 'valid',
};
const volume: ConvolutionSpec = {
  ...image,
  spatial: [5, 4, 6],
  kernel: [3, 2, 2],
  stride: [1, 1, 1],
  dilation: [1, 1, 1],
};
/** A kernel smaller than the stride on one axis, and padding on the other. */
const skipping: ConvolutionSpec = { ...image, kernel: [1, 3], stride: [2, 2], padding: 'same' };
const skippingVolume: ConvolutionSpec = {
  ...volume,
  spatial: [6, 4, 6],
  kernel: [1, 2, 2],
  stride: [3, 3, 2],
  padding: 'same',
};

const pooling: PoolingSpec = {
  kind: 'max',
  batch: 2,
  spatial: [5, 6],
  channels: 3,
  window: [2, 3],
  stride: [2, 2],
  padding: 'valid',
  shift: 0,
};
const pooling3d: PoolingSpec = { ...pooling, spatial: [4, 5, 6], window: [2, 2, 3], stride: [2, 1, 2] };

const resizing: ResizeSpec = {
  mode: 'bilinear',
  batch: 2,
  from: [3, 4],
  to: [7, 8],
  channels: 2,
  alignCorners: false,
  halfPixelCenters: false,
};

export const knownBugs: readonly KnownBug[] = [
  bug(['wasm'], 'gradients', convolutionCase(image, 1), { throws: true }),
  bug(['wasm'], 'gradients', depthwiseCase(image, 2), { throws: true }),
  bug(['wasm'], 'forward', convolutionCase(skipping, 3)),
  bug(['wasm'], 'forward', depthwiseCase(skipping, 4)),
  bug(['wasm'], 'forward', fusedConvolutionCase(skipping, 5)),
  bug(['wasm'], 'forward', transposedCase(volume, 6)),
  bug(['wasm'], 'gradients', convolutionCase({ ...volume, stride: [2, 2, 2] }, 7)),
  bug(both, 'forward', convolutionCase(skippingVolume, 8)),
  bug(both, 'forward', transposedCase(skippingVolume, 9)),
  bug(both, 'gradients', transposedCase(volume, 10), { throws: true }),
  bug(both, 'gradients', convolutionCase({ ...image, dilation: [2, 1] }, 11), { throws: true }),
  bug(both, 'gradients', depthwiseCase({ ...image, dilation: [2, 3] }, 12), { throws: true }),
  bug(both, 'gradients', convolutionCase({ ...volume, dilation: [2, 1, 3] }, 13), { throws: true }),

  bug(['wasm'], 'gradients', poolingCase({ ...pooling, shift: -3 }, 20)),
  bug(['wasm'], 'forward', poolingCase({ ...pooling3d, shift: -3 }, 21)),
  bug(['wasm'], 'gradients', poolingCase({ ...pooling3d, shift: -3 }, 21)),
  bug(['cpu'], 'gradients', poolingCase(pooling3d, 22)),
  bug(
    both,
    'forward',
    poolingCase({ ...pooling3d, window: [2, 1, 2], stride: [2, 2, 3], padding: 'same' }, 23),
  ),
  bug(
    both,
    'forward',
    poolingCase({ ...pooling3d, kind: 'avg', window: [2, 1, 2], stride: [2, 2, 3], padding: 'same' }, 24),
  ),
  bug(both, 'gradients', poolingCase({ ...pooling, kind: 'avg', padding: 'same' }, 25)),
  bug(both, 'gradients', poolingCase({ ...pooling3d, kind: 'avg', padding: 'same' }, 26)),

  bug(both, 'gradients', resizeCase({ ...resizing, from: [4, 4], halfPixelCenters: true }, 30)),
  bug(both, 'gradients', resizeCase({ ...resizing, mode: 'nearest', halfPixelCenters: true }, 31)),
  bug(['cpu'], 'gradients', resizeCase(resizing, 32), { throws: true }),
  bug(['cpu'], 'gradients', resizeCase({ ...resizing, mode: 'nearest' }, 33)),

  bug(both, 'gradients', padCase('reflect', [2, 4, 3, 2], [none, [1, 2], [2, 0], none], 40)),
  bug(both, 'gradients', padCase('symmetric', [2, 4, 3, 2], [none, [1, 2], [2, 0], none], 41)),
  bug(both, 'gradients', tileCase([2, 3, 1, 2, 2], [1, 2, 3, 1, 2], 42), { throws: true }),

  bug(['wasm'], 'forward', binaryCase('prelu', [2, 3, 4, 3], [2, 1, 1, 3], 50)),
  bug(['wasm'], 'forward', binaryCase('prelu', [2, 3, 4, 3], [3, 4, 1], 51)),
  bug(both, 'gradients', binaryCase('maximum', [2, 3, 4], [4], 52), { throws: true }),
  bug(both, 'gradients', binaryCase('minimum', [3, 1], [2, 3, 4], 53), { throws: true }),
  bug(both, 'gradients', binaryCase('squaredDifference', [2, 3, 4], [2, 1, 4], 54), { throws: true }),
  bug(both, 'gradients', binaryCase('where greater', [2, 3], [2, 3], 55), { throws: true }),
  bug(both, 'gradients', binaryCase('times less', [2, 3], [2, 3], 56), { throws: true }),
  bug(both, 'gradients', matMulCase([3, 2, 4], [1, 4, 2], false, false, 57), { throws: true }),
  bug(both, 'gradients', batchNormCase([2, 2, 3, 2, 3], 58), { throws: true }),

  // Enough elements for the rounding of one running sum to add up.
  bug(['wasm'], 'forward', reductionCase('variance', [2 ** 18], [0], false, 60)),
];

function bug(
  engines: readonly ('cpu' | 'wasm')[],
  what: 'forward' | 'gradients',
  opCase: OpCase,
  { throws } = { throws: false },
): KnownBug {
  return { engines, what, throws, opCase };
}
