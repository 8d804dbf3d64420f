import type { imageCodes } from '../../../src/diagnostics/codes/images.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const path = 'cells.png';

export const imageSamples: { [C in keyof typeof imageCodes]: readonly CodeArguments<C>[] } = {
  'channels-mismatch': [
    { path, channels: 3, network: 5 },
    { path, channels: 1, network: 2 },
    { path: 'a.npy', channels: 64, network: 3, shape: [64, 48, 3] },
  ],
  'input-count': [{ files: ['a_0000.nii.gz', 'a_0001.nii.gz'], channels: 4 }],
  'inputs-differ': [
    { path, other: 'other.png', difference: { case: 'size', size: [1, 48, 48], otherSize: [1, 48, 64] } },
    { path: 'a_0000.nii.gz', other: 'a_0001.nii.gz', difference: { case: 'spacing' } },
    { path: 'a_0000.nii.gz', other: 'a_0001.nii.gz', difference: { case: 'directions' } },
    { path: 'a_0000.nii.gz', other: 'a_0001.nii.gz', difference: { case: 'origin' } },
  ],
  'cases-missing': [{ input: 'scans' }],
  'prediction-missing': [{ path: 'masks/b.png', folder: 'predicted' }],
  'case-names-clash': [{ name: 'a.png', paths: ['scans/a.png', 'scans/a.tif'] }],
  'models-differ': [
    { path: 'fold1', other: 'fold2', difference: 'channels' },
    { path: 'fold1', other: 'fold2', difference: 'head' },
    { path: 'fold1', other: 'fold2', difference: 'class-names' },
    { path: 'fold1', other: 'fold2', difference: 'labels' },
  ],
  'unfit-regions': [
    { problem: { case: 'softmax' } },
    { problem: { case: 'count', labels: 2, channels: 3 } },
    { problem: { case: 'unclear' } },
  ],
  'samples-unavailable': [
    { path: 'model.onnx', problem: 'no-run' },
    { path: 'runs/cells', problem: 'no-dropout' },
    { path: 'runs/cells', problem: 'other-spec' },
  ],
  'single-member': [{}],
  'head-unknown': [{}],
  'model-untrained': [{ path: 'net.unet' }],
  'object-number-invalid': [
    { path: 'a.tif', value: 1.5, count: 4, total: 64 },
    { path: 'a.tif', value: Number.NaN, count: 1, total: 64 },
  ],
  'prediction-changed': [{ part: 'labels.tif.part', output: 'labels.tif' }],
  'head-unclear': [
    { op: 'Clip', least: 0, most: 1 },
    { op: undefined, least: -3.25, most: 7.5 },
  ],
  'output-not-probability': [{ head: 'sigmoid', value: 3.25 }],
  'output-not-finite': [{ count: 12, total: 2048, first: [0, 3, 5] }],
  'npy-damaged': [
    { path: 'a.npy', problem: { case: 'not-npy' } },
    { path: 'a.npy', problem: { case: 'unknown-version', version: 9 } },
    { path: 'a.npy', problem: { case: 'header-cut-off' } },
    { path: 'a.npy', problem: { case: 'header-damaged' } },
    { path: 'a.npy', problem: { case: 'elements', shape: [2, 3], bytes: 23, expected: 24 } },
    { path: 'a.npy', problem: { case: 'elements', shape: [], bytes: 0, expected: 4 } },
  ],
  'npy-not-numbers': [
    { path: 'a.npy', type: undefined },
    { path: 'a.npy', type: 'c8' },
  ],
  'array-shape-mismatch': [
    { name: 'a.npy', shape: [5, 6], channels: 3, rank: 2, channelsLast: false },
    { name: 'a.npy', shape: [2, 4, 5, 6], channels: 1, rank: 3, channelsLast: false },
    { name: 'a.npy', shape: [5, 6, 3], channels: 3, rank: 2, channelsLast: true },
    { name: 'a.npy', shape: [3, 0, 6], channels: 3, rank: 2, channelsLast: false },
    { name: 'a.npy', shape: [2, 6], channels: 3, rank: 1, channelsLast: false },
  ],
  'too-many-classes': [{ classes: 300, limit: 256 }],
  'mask-not-2d': [{ shape: [16, 24, 32] }],
  'no-probabilities': [{}],
  'image-library-broken': [{ reason: 'Could not load the "sharp" module using the linux-x64 runtime' }],
};
