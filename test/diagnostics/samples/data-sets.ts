import type { dataSetCodes } from '../../../src/diagnostics/codes/data-sets.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const flat = [512, 512];
const volume = [32, 256, 256];

export const dataSetSamples: { readonly [C in keyof typeof dataSetCodes]: readonly CodeArguments<C>[] } = {
  'data-set-invalid': [
    { folder: 'cells', problems: [{ message: 'images/a.png: there is no mask for it in masks' }] },
    {
      folder: 'cells',
      problems: [
        { message: 'images/a.png: there is no mask for it in masks' },
        { message: 'images/b.png: 4 of 64 values are NaN or infinite', help: 'replace them' },
      ],
    },
  ],
  'images-missing': [
    { problem: { case: 'nothing', folder: 'cells' } },
    { problem: { case: 'empty', folders: ['cells/images', 'cells/masks'] } },
    { problem: { case: 'no-images', folder: 'cells', masks: 'masks' } },
    { problem: { case: 'no-masks', folder: 'cells', images: 'images' } },
  ],
  'partner-missing': [
    { path: 'images/a.png', missing: 'mask', folder: 'masks' },
    { path: 'masks/a.png', missing: 'image', folder: 'images' },
  ],
  'ambiguous-pair': [
    { clash: { case: 'masks', path: 'masks/a.tif', other: 'masks/a.png' } },
    { clash: { case: 'images', paths: ['images/a.png', 'images/a.tif'], mask: 'masks/a.png' } },
  ],
  'channel-numbers': [{ path: 'images/a_0002.png', channels: [0, 2] }],
  'pair-mismatch': [
    {
      path: 'images/a.png',
      mask: 'masks/a.png',
      difference: { case: 'size', image: flat, mask: [256, 256] },
    },
    { path: 'images/a.tif', mask: 'masks/a.tif', difference: { case: 'pages', image: 1, mask: 3 } },
    {
      path: 'images/a.nii',
      mask: 'masks/a.nii',
      difference: { case: 'spacing', image: [2, 1, 1], mask: [1, 1, 1] },
    },
    { path: 'images/a.nii', mask: 'masks/a.nii', difference: { case: 'directions' } },
  ],
  'unexpected-axes': [
    { path: 'images/a.npy', shape: [2, 3, 64, 64], rank: 2 },
    { path: 'images/a.npy', shape: [64, 64], rank: 3 },
  ],
  'mask-channels': [{ path: 'masks/a.npy', shape: [2, 64, 64] }],
  'mixed-axes': [{ path: 'images/b.nii', axes: 3, other: 'images/a.png', otherAxes: 2 }],
  'image-axes': [
    { folder: 'cells', path: 'images/a.nii', shape: volume, input: [1, 32, 64, 64], wanted: 2 },
    { folder: 'cells', path: 'images/a.png', shape: flat, input: [1, 64, 64], wanted: 3 },
  ],
  'channel-count': [
    { path: 'images/a.png', problem: { case: 'image-file', wanted: 5 } },
    {
      path: 'images/b.png',
      problem: { case: 'other-file', channels: 1, other: 'images/a.png', otherChannels: 3 },
    },
    { path: 'images/a.npy', problem: { case: 'wanted', channels: 2, wanted: 3 } },
  ],
  'values-not-finite': [{ paths: ['images/a_0000.npy', 'images/a_0001.npy'], count: 4, total: 8192 }],
  'image-changed': [{ path: 'images/a.png', shape: flat }],
  'instances-size': [{ path: 'instances/a.png', shape: flat }],
  'label-volume-size': [{ labels: [16, 64, 64], path: 'scan.nii.gz', volume }],
  'nifti-damaged': [
    { path: 'a.nii', damage: { case: 'empty' } },
    { path: 'a.nii', damage: { case: 'header-cut-off' } },
    { path: 'a.nii', damage: { case: 'header' } },
    { path: 'a.nii.gz', damage: { case: 'too-long' } },
    { path: 'a.nii.gz', damage: { case: 'compression', reason: 'incorrect data check' } },
    { path: 'a.nii', damage: { case: 'voxels', shape: volume, bytes: 352, expected: 2_097_152 } },
  ],
  'nifti-unsupported': [
    { path: 'a.nii', kind: { case: 'other-format' } },
    { path: 'a.nii', kind: { case: 'nifti-2' } },
    { path: 'a.hdr', kind: { case: 'separate-voxels' } },
    { path: 'a.nii', kind: { case: 'voxel-type', type: 32 } },
    { path: 'a.nii', kind: { case: 'axes', shape: [2, 2, 2, 2, 2] } },
  ],
  'label-map-invalid': [
    { problem: { case: 'value', text: 'cell' } },
    { problem: { case: 'ignored-value', text: 'cell' } },
    { problem: { case: 'class', value: '255', label: 300, largest: 255 } },
    { problem: { case: 'two-classes', value: '255' } },
    { problem: { case: 'ignored-class', value: '255' } },
    { problem: { case: 'gap', label: 1 } },
    { problem: { case: 'one-class' } },
  ],
  'classes-unclear': [
    { problem: { case: 'one-value', found: { value: '0', count: 4096 } } },
    { problem: { case: 'only-ignored', found: { value: '255', count: 4096 } } },
    { problem: { case: 'one-besides-ignored', found: { value: '0', count: 4000 }, ignored: '255' } },
    { problem: { case: 'one-besides-ignored', found: { value: '255', count: 4000 }, ignored: '3' } },
    {
      problem: {
        case: 'strange-values',
        values: [
          { value: '0', count: 4000 },
          { value: '17', count: 12 },
        ],
        more: 254,
        strange: { value: '17', path: 'masks/a.jpg' },
        remedy: { case: 'jpeg' },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '513', count: 12 }],
        more: 0,
        strange: undefined,
        remedy: { case: 'objects' },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '#ff0000', count: 12 }],
        more: 0,
        strange: undefined,
        remedy: { case: 'label', value: '#ff0000', last: undefined },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '3', count: 12 }],
        more: 0,
        strange: undefined,
        remedy: { case: 'label', value: '1', last: 3 },
      },
    },
  ],
  'mask-value-unknown': [
    { path: 'masks/a.png', values: [{ value: '7', count: 12 }], more: 0, isJpeg: false },
    { path: 'masks/a.jpg', values: [{ value: '7', count: 12 }], more: 3, isJpeg: true },
  ],
  'mask-depth': [{ path: 'masks/a.png' }],
  'validation-fraction': [{ fraction: 1 }],
  'single-image': [{}],
  'validation-names': [
    { problem: { case: 'unknown', names: ['b', 'c'] } },
    { problem: { case: 'none' } },
    { problem: { case: 'all' } },
  ],
  'no-training-image': [{}],
  'loader-setting': [
    { problem: { setting: 'workers', value: -1 } },
    { problem: { setting: 'ahead', value: -1 } },
    { problem: { setting: 'from', value: 0.5 } },
    { problem: { setting: 'to', value: -1 } },
    { problem: { setting: 'batch', value: 0 } },
    { problem: { setting: 'seed', value: -1 } },
    { problem: { setting: 'foreground', value: 2 } },
    { problem: { setting: 'class_weights', values: [1, -1] } },
    { problem: { setting: 'spacing', values: [1, 0], rank: 2 } },
    { problem: { setting: 'sigma', value: 0, unit: 'um' } },
  ],
  'class-weight-count': [{ weights: 3, classes: 2 }],
  'patch-size': [
    { problem: { case: 'rank', rank: 2, input: [32, 64, 64], output: [32, 64, 64] } },
    { problem: { case: 'whole', input: [0, 64], output: [0, 64] } },
    { problem: { case: 'larger', input: [64, 64], output: [72, 72] } },
  ],
  'spacing-missing': [
    { attribute: 'augment', setting: 'std', of: 'elastic', length: { value: 4, unit: 'um' } },
    { attribute: 'weight_map', setting: 'sigma', of: 'border', length: { value: 2, unit: 'mm' } },
  ],
  'grid-axes': [{ grid: [3, 3], rank: 3 }],
  'sample-memory': [
    { path: 'images/a.nii', shape: [4096, 4096, 4096] },
    { path: 'images/a.nii', shape: undefined },
  ],
  'loader-closed': [{}],
  'loader-thread': [{ exitCode: 134 }, { reason: 'out of memory' }],
  'cell-set-setting': [
    { problem: { setting: 'count', value: 0, most: 100_000 } },
    { problem: { setting: 'size', shape: [8, 64], least: 16 } },
    { problem: { setting: 'positions', shape: [100_000, 100_000], positions: 1e10, most: 2 ** 28 } },
    { problem: { setting: 'spacing', spacing: [0, 1, 1], rank: 3 } },
    { problem: { setting: 'radius', value: 1, least: 3, most: 200 } },
    { problem: { setting: 'seed', value: 0.5 } },
    { problem: { setting: 'thin-cells', spacing: [10, 1, 1], radius: 5 } },
    { problem: { setting: 'cells', shape: [8192, 8192], cells: 70_000, radius: 14, most: 65_535 } },
  ],
  'output-folder-used': [
    { folder: 'cells', found: 'files' },
    { folder: 'cells', found: 'a file' },
  ],
};
