import type { dataSetCodes } from '../../../src/diagnostics/codes/data-sets.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';
import { failure } from '../../../src/diagnostics/failure.js';

const folder = 'set';
const path = 'set/images/a.png';
const mask = 'set/masks/a.png';

/** Arguments of every variant of every message of data sets. */
export const dataSetSamples: { readonly [C in keyof typeof dataSetCodes]: readonly CodeArguments<C>[] } = {
  'data-set-invalid': [
    { folder, problems: [failure('partner-missing', { path, missing: 'mask', folder: 'set/masks' })] },
    {
      folder,
      problems: [
        failure('channel-numbers', { path: 'set/images/b_0000.png', channels: [0, 2] }),
        failure('values-not-finite', {
          paths: ['set/images/c.npy'],
          count: 1,
          total: 1024,
          first: [0, 3, 5],
        }),
      ],
    },
  ],
  'images-missing': [
    { problem: { case: 'nothing', folder } },
    { problem: { case: 'unpaired', folder, found: ['set/p1/ct', 'set/p1/seg'] } },
    { problem: { case: 'empty', folders: ['set/images', 'set/masks'] } },
    {
      problem: {
        case: 'ending',
        folders: ['set/imagesTr', 'set/labelsTr'],
        ending: '.nii.gz',
        files: 6,
        example: 'a_0000.nii',
      },
    },
    { problem: { case: 'nested', folder, sets: ['train', 'val'] } },
    { problem: { case: 'no-images', folder, masks: 'masks' } },
    { problem: { case: 'no-masks', folder, images: 'images' } },
  ],
  'names-unmatched': [
    {
      images: { folder: 'set/images', count: 30, example: 'a_t1.nii.gz' },
      masks: { folder: 'set/masks', count: 30, example: 'a_tumour.nii.gz' },
    },
  ],
  'layout-ambiguous': [
    { doubt: { case: 'folders', folder, kind: 'masks', found: ['mask', '1st_manual'] } },
    { doubt: { case: 'kinds', folder, kind: 'masks', found: ['dseg', 'desc-lesion_mask'] } },
    {
      doubt: {
        case: 'kinds',
        folder,
        kind: 'images',
        found: ['T1w', 'T2w'],
        patterns: { images: '**/{case}_T1w.nii.gz', masks: '**/{case}_dseg.nii.gz' },
      },
    },
    { doubt: { case: 'numbered', path: 'set/masks/a_1.png', found: ['1', '2', '3'] } },
    { doubt: { case: 'unclear-parts', path: 'set/masks/a_ids.png', found: ['color', 'ids'] } },
    { doubt: { case: 'mixed', folder, found: ['sub-01', 'images'] } },
  ],
  'folder-unpaired': [{ folder: 'set/images/test', files: 12, missing: 'masks', other: 'set/masks/test' }],
  'case-incomplete': [{ name: 'BraTS_002', missing: ['t2', 'seg'], cases: 13 }],
  'pattern-unmatched': [
    { option: '--masks', pattern: '{case}_seg.png', folder, example: 'images/a.png' },
    { option: '--images', pattern: '{case}.png', folder, example: undefined },
  ],
  'pattern-ambiguous': [{ path: 'set/a_b_c.png', cases: ['a', 'a_b'] }],
  'dataset-json-invalid': [
    { path: 'set/dataset.json', problem: { case: 'json', reason: 'Unexpected end of JSON input' } },
    { path: 'set/dataset.json', problem: { case: 'no-object' } },
    { path: 'set/dataset.json', problem: { case: 'field', field: 'labels' } },
    { path: 'set/dataset.json', problem: { case: 'label-value', name: 'liver' } },
    { path: 'set/dataset.json', problem: { case: 'label-twice', names: ['liver', 'tumor'], value: 1 } },
    { path: 'set/dataset.json', problem: { case: 'few-labels', count: 1 } },
    { path: 'set/dataset.json', problem: { case: 'channel-gap', numbers: [0, 2] } },
    { path: 'set/dataset.json', problem: { case: 'channels', named: 4, files: 3, image: 'a' } },
    { path: 'set/dataset.json', problem: { case: 'channel-count', named: 2, channels: 1, image: 'a' } },
    { path: 'set/dataset.json', problem: { case: 'listed', missing: ['set/imagesTr/a.nii.gz'], total: 40 } },
  ],
  'partner-missing': [
    { path, missing: 'mask', folder: 'set/masks' },
    { path: mask, missing: 'image', folder: 'set/images' },
  ],
  'ambiguous-pair': [
    { clash: { case: 'masks', path: mask, other: 'set/masks/a.tif' } },
    { clash: { case: 'images', paths: [path, 'set/images/a.tif'], mask: 'a.png' } },
  ],
  'channel-numbers': [{ path, channels: [0, 2] }],
  'pair-mismatch': [
    { path, mask, difference: { case: 'origin', distance: 40 } },
    { path, mask, difference: { case: 'size', image: [48, 48], mask: [64, 64] } },
    { path, mask, difference: { case: 'size', image: [48, 64], mask: [64, 48] } },
    { path, mask, difference: { case: 'size', image: [48, 3], mask: [48, 48], channelsLast: 'a.npy' } },
    { path, mask, difference: { case: 'pages', image: 1, mask: 3 } },
    { path, mask, difference: { case: 'pages', image: 2, mask: 3 } },
    { path, mask, difference: { case: 'spacing', image: [2, 1, 1], mask: [1, 1, 1] } },
    { path, mask, difference: { case: 'directions' } },
  ],
  'unexpected-axes': [
    {
      ...{ path: 'set/images/a.npy', shape: [5], axes: ['unnamed'] },
      ...{ rank: 2, sliceAxis: undefined },
    },
    { path, shape: [5, 4], axes: ['y', 'x'], rank: 3, sliceAxis: undefined },
    { path, shape: [5, 4], axes: ['y', 'x'], rank: 2, sliceAxis: 'x' },
    { path: 'a.tif', shape: [9, 5, 4], axes: ['page', 'y', 'x'], rank: 2, sliceAxis: 'y' },
    { path: 'a.tif', shape: [9, 5, 4], axes: ['z', 'y', 'x'], rank: 2, sliceAxis: 'y' },
    {
      ...{ path: 'set/images/a.npy', shape: [9, 5, 4], axes: ['unnamed', 'unnamed', 'unnamed'] },
      ...{ rank: 2, sliceAxis: 'y' },
    },
  ],
  'mask-channels': [{ path: 'set/masks/a.npy', shape: [3, 48, 48] }],
  'mixed-axes': [{ path, axes: 2, other: 'set/images/b.nii.gz', otherAxes: 3 }],
  'image-axes': [
    { folder, path: 'set/images/a.nii.gz', shape: [16, 48, 48], input: [1, 16, 48, 48], wanted: 2 },
    { folder, path, shape: [48, 48], input: [1, 48, 48], wanted: 3 },
  ],
  'channel-count': [
    { path, problem: { case: 'image-file', wanted: 2 } },
    { path, problem: { case: 'other-file', channels: 1, other: 'set/images/b.png', otherChannels: 3 } },
    { path, problem: { case: 'wanted', channels: 2, wanted: 1 } },
  ],
  'values-not-finite': [
    { paths: ['set/images/a.npy'], count: 1, total: 1024, first: [0, 3, 5] },
    { paths: ['set/images/a_0000.npy', 'set/images/a_0001.npy'], count: 12, total: 2048, first: [1, 0, 0] },
  ],
  'image-changed': [{ path, shape: [48, 48] }],
  'instances-size': [{ path: 'set/instances/a.png', shape: [48, 48] }],
  'label-map-invalid': [
    { problem: { case: 'value', text: 'red' } },
    { problem: { case: 'ignored-value', text: 'none' } },
    { problem: { case: 'class', value: '1', label: -1, largest: 65534 } },
    { problem: { case: 'two-classes', value: '255' } },
    { problem: { case: 'ignored-class', value: '1' } },
    { problem: { case: 'gap', label: 1 } },
    { problem: { case: 'one-class' } },
  ],
  'classes-unclear': [
    { problem: { case: 'one-value', found: { value: '5', count: 4 } } },
    { problem: { case: 'only-ignored', found: { value: '7', count: 2 } } },
    { problem: { case: 'objects', classes: 41 } },
    { problem: { case: 'not-finite', count: 3, path: 'masks/a.nii.gz' } },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '0.25', count: 3 }],
        more: 40,
        strange: { value: '0.25', path: 'masks/a.tif' },
        remedy: { case: 'fractions', half: 0.5, most: 1 },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '19', count: 3 }],
        more: 12,
        strange: { value: '19', path: 'masks/a.png' },
        remedy: { case: 'halves', below: 127, most: 255 },
      },
    },
    { problem: { case: 'one-besides-ignored', found: { value: '255', count: 2 }, ignored: '0' } },
    { problem: { case: 'one-besides-ignored', found: { value: '0', count: 2 }, ignored: '255' } },
    {
      problem: {
        case: 'strange-values',
        values: [
          { value: '0', count: 12 },
          { value: '128', count: 1 },
        ],
        more: 0,
        strange: { value: '128', path: mask },
        remedy: { case: 'label', classes: ['0', '128', '255'], more: false, last: undefined },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [
          { value: '0', count: 12 },
          { value: '1', count: 4 },
          { value: '3', count: 2 },
        ],
        more: 0,
        strange: { value: '3', path: mask },
        remedy: { case: 'label', classes: ['0', '1', '3'], more: false, last: 3 },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '0', count: 12 }],
        more: 39,
        strange: undefined,
        remedy: { case: 'objects' },
      },
    },
    {
      problem: {
        case: 'strange-values',
        values: [{ value: '0', count: 12 }],
        more: 5,
        strange: { value: '7', path: 'set/masks/a.jpg' },
        remedy: { case: 'lossy', compression: 'JPEG', coloured: false },
      },
    },
  ],
  'mask-value-unknown': [
    {
      ...{ path: mask, values: [{ value: '#000080', count: 1 }], more: 0 },
      ...{ lossy: undefined, source: undefined },
    },
    {
      ...{ path: 'set/masks/a.jpg', values: [{ value: '3', count: 2 }], more: 9 },
      ...{ lossy: 'JPEG', source: undefined },
    },
    {
      ...{ path: 'set/masks/a.webp', values: [{ value: '#00fe02', count: 2 }], more: 9 },
      ...{ lossy: 'WebP', source: undefined },
    },
    {
      ...{ path: 'set/labelsTr/a.nii.gz', values: [{ value: '3', count: 12 }], more: 0, lossy: undefined },
      source: {
        path: 'set/dataset.json',
        labels: [
          { value: 0, name: 'background' },
          { value: 1, name: 'liver' },
          { value: 2, name: undefined },
        ],
      },
    },
  ],
  'mask-depth': [{ path: mask }],
  'mask-alpha': [{ path: mask, value: '#ff0000' }],
  'palettes-differ': [{ value: 1, paths: [mask, 'set/masks/b.png'], colours: ['#ff0000', '#00ff00'] }],
  'class-file-values': [
    {
      path: 'case/a_seg1.jpg',
      values: [
        { value: '0', count: 90 },
        { value: '2', count: 7 },
        { value: '255', count: 3 },
      ],
      more: 0,
    },
  ],
  'classes-overlap': [
    { path: 'set/masks/a_tumour.png', other: 'set/masks/a_liver.png', count: 1 },
    { path: 'set/masks/a_tumour.png', other: 'set/masks/a_liver.png', count: 40 },
  ],
  'validation-fraction': [{ fraction: 1.5 }],
  'single-image': [{}],
  'validation-names': [
    { problem: { case: 'unknown', names: ['b'] } },
    { problem: { case: 'unknown', names: ['b', 'c', 'd'] } },
    { problem: { case: 'none' } },
    { problem: { case: 'all' } },
  ],
  'no-training-image': [{}],
  'loader-setting': [
    ...(['workers', 'ahead', 'from', 'to', 'batch', 'seed', 'foreground'] as const).map((setting) => ({
      problem: { setting, value: -1 },
    })),
    { problem: { setting: 'class_weights', values: [1, -2] } },
    { problem: { setting: 'spacing', values: [1], rank: 2 } },
    { problem: { setting: 'sigma', value: 0, unit: 'px' } },
  ],
  'class-weight-count': [{ weights: 3, classes: 2 }],
  'patch-size': [
    { problem: { case: 'rank', rank: 2, input: [8, 8, 8], output: [8, 8, 8] } },
    { problem: { case: 'whole', input: [8, 0], output: [8, 0] } },
    { problem: { case: 'larger', input: [8, 8], output: [8, 10] } },
  ],
  'spacing-missing': [
    { attribute: 'augment', setting: 'std', of: 'elastic', length: { value: 8, unit: 'um' } },
    { attribute: 'weight_map', setting: 'sigma', of: 'border', length: { value: 4, unit: 'mm' } },
  ],
  'grid-axes': [{ grid: [3, 4, 5], rank: 2 }],
  'sample-memory': [
    { path, shape: undefined },
    { path, shape: [65536, 65536] },
  ],
  'loader-closed': [{}],
  'loader-thread': [{ exitCode: 3 }, { reason: 'Worker terminated due to reaching memory limit' }],
  'cell-set-setting': [
    { problem: { setting: 'count', value: 0, most: 1_000_000 } },
    { problem: { setting: 'size', shape: [8, 64], least: 16 } },
    { problem: { setting: 'positions', shape: [100_000, 100_000], positions: 1e10, most: 67_108_864 } },
    { problem: { setting: 'spacing', spacing: [0, 1], rank: 2 } },
    { problem: { setting: 'radius', value: 2, least: 4, most: 1000 } },
    { problem: { setting: 'seed', value: -1 } },
    { problem: { setting: 'thin-cells', spacing: [20, 1], radius: 12 } },
    { problem: { setting: 'cells', shape: [8000, 8000], cells: 280_000, radius: 12, most: 65_535 } },
  ],
  'output-folder-used': [
    { folder: 'cells', found: 'files' },
    { folder: 'cells', found: 'a file' },
  ],
};
