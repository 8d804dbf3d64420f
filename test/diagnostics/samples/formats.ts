import type { formatCodes } from '../../../src/diagnostics/codes/formats.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

/** Arguments for each code, one for each form of its sentence. */
export const formatSamples: { readonly [C in keyof typeof formatCodes]: readonly CodeArguments<C>[] } = {
  'format-unread': [{ path: 'masks/a_mask.xyz', format: 'XYZ', saveAs: 'PNG, TIFF, NIfTI or .npy' }],
  'package-missing': [
    {
      path: 'images/case1',
      format: 'DICOM',
      package: '@itk-wasm/dicom',
      command: 'npm install @itk-wasm/dicom',
    },
  ],
  'series-unread': [
    {
      path: 'ct',
      problem: {
        case: 'several',
        series: [
          { count: 40, example: 'ct/a1.dcm' },
          { count: 1, example: 'ct/b1.dcm' },
        ],
      },
    },
    {
      path: 'ct',
      problem: { case: 'sizes', other: 'ct/b.dcm', size: [512, 512], otherSize: [256, 256] },
    },
    { path: 'ct', problem: { case: 'types', other: 'ct/b.dcm', type: 'int16', otherType: 'uint16' } },
    { path: 'ct', problem: { case: 'frames', other: 'ct/b.dcm', count: 12 } },
    { path: 'ct', problem: { case: 'unplaced', other: 'ct/b.dcm' } },
    {
      path: 'ct',
      problem: {
        case: 'directions',
        other: 'ct/b.dcm',
        own: [1, 0, 0, 0, 1, 0],
        others: [1, 0, 0, 0, 0, -1],
      },
    },
    { path: 'mr.dcm', problem: { case: 'frame-directions' } },
    { path: 'ct', problem: { case: 'not-orthogonal', own: [1, 0, 0, 0.5, 1, 0] } },
    {
      path: 'ct',
      problem: { case: 'spacings', other: 'ct/b.dcm', spacing: [0.7, 0.7], otherSpacing: [0.9, 0.9] },
    },
    { path: 'ct', problem: { case: 'same-place', other: 'ct/a.dcm', path: 'ct/b.dcm', frame: 0 } },
    {
      path: 'ct',
      problem: {
        case: 'uneven',
        usual: 1.25,
        least: 1.25,
        most: 2.5,
        before: 'ct/a.dcm',
        after: 'ct/b.dcm',
      },
    },
    { path: 'ct', problem: { case: 'tilted', degrees: 12.5 } },
    { path: 'ct', problem: { case: 'other-file', other: 'ct/a.raw' } },
  ],
  'compression-unread': [{ path: 'a.tif', format: 'TIFF', compression: 'LZMA' }],
  'element-type-unread': [{ path: 'a.nii', format: 'NIfTI-1', type: 'complex64' }],
  'layout-unread': [
    { path: 'a.tif', format: 'TIFF', layout: 'volume-tiles' },
    { path: 'a.tif', format: 'TIFF', layout: 'chroma-subsampling' },
    { path: 'a.tif', format: 'TIFF', layout: 'component-sizes' },
    { path: 'a.nii', format: 'NIfTI-1', layout: 'axes' },
    { path: 'a.mhd', format: 'MetaImage', layout: 'byte-skip' },
    { path: 'a.nhdr', format: 'NRRD', layout: 'element-list' },
    { path: 'a.jpg', format: 'JPEG', layout: 'colour-space' },
  ],
  'header-damaged': [
    { path: 'a.png', format: 'PNG', problem: 'signature' },
    { path: 'a.nii', format: 'NIfTI-1', problem: 'cut-off' },
    { path: 'a.nrrd', format: 'NRRD', problem: 'sizes' },
    { path: 'a.nii', format: 'NIfTI-1', problem: 'element-type' },
    { path: 'a.nii', format: 'NIfTI-1', problem: 'data-offset' },
    { path: 'a.nrrd', format: 'NRRD', problem: 'field-missing', field: 'encoding' },
    { path: 'a.webp', format: 'WebP', problem: 'field-invalid', reason: 'bad image header' },
    { path: 'a.tif', format: 'TIFF', problem: 'directory' },
    { path: 'a.bmp', format: 'BMP', problem: 'palette' },
    { path: 'a.tif', format: 'TIFF', problem: 'blocks' },
  ],
  'elements-missing': [
    { path: 'a.nii.gz', format: 'NIfTI-1', sizes: [8, 512, 512], needed: 4194304, found: 1234 },
  ],
  'elements-damaged': [
    { path: 'a.png', format: 'PNG', reason: 'incorrect data check' },
    { path: 'a.tif', format: 'TIFF', block: 3, reason: 'it has 12 bytes of 256' },
    { path: 'a.bmp', format: 'BMP' },
  ],
  'array-exceeds-memory': [{ path: 'a.tif', sizes: [4096, 4096, 4096], bytes: 68719476736 }],
  'pages-differ': [{ path: 'a.tif', page: 1, first: [1, 64, 64], other: [3, 32, 32] }],
  'page-missing': [
    { path: 'a.tif', page: 4, pages: 3 },
    { path: 'a.png', page: 1, pages: 1 },
  ],
  'planes-elsewhere': [{ path: 'a.ome.tif', planes: 60, here: 20 }],
  'data-file-missing': [{ path: 'a.mhd', data: 'a.raw' }],
  'array-not-chosen': [
    { path: 'a.npz', arrays: ['image', 'label'] },
    { path: 'a.npz', arrays: ['image', 'label'], chosen: 'mask' },
    { path: 'a.npz', arrays: [], chosen: 'mask' },
  ],
  'integer-too-large': [{ path: 'a.npy', value: '18446744073709551615', index: 7 }],
  'picture-too-large': [{ path: 'a.png', height: 40000, width: 40000, pixels: 1073741824, side: 1000000 }],
  'array-not-writable': [
    { path: 'a.png', format: 'PNG', problem: 'axes', found: 'z, y, x' },
    { path: 'a.png', format: 'PNG', problem: 'element-type', found: 'float32' },
    { path: 'a.png', format: 'PNG', problem: 'colour', found: 'cmyk' },
    { path: 'a.nii', format: 'NIfTI-1', problem: 'size', found: '8 x 40000 x 8' },
    { path: 'a.nii', format: 'NIfTI-1', problem: 'geometry', found: 'a sheared affine' },
    { path: 'a.xyz', format: 'XYZ', problem: 'format', found: 'y, x' },
  ],
};
