import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labelPath } from '../../src/predict/labels/label-path.js';

test.each([
  ['a.png', '.png'],
  ['a.JPEG', '.png'],
  ['a.bmp', '.png'],
  ['a.tif', '.tif'],
  ['a.TIFF', '.tif'],
  ['a.ome.tif', '.tif'],
  ['a.ome.tiff', '.tif'],
  ['a.ome.btf', '.tif'],
  ['a.lsm', '.tif'],
  ['a.nii', '.nii.gz'],
  ['a.nii.gz', '.nii.gz'],
  ['a.mgz', '.nii.gz'],
  ['a.dcm', '.nii.gz'],
  ['series', '.nii.gz'],
  ['a.nrrd', '.nrrd'],
  ['a.nhdr', '.nrrd'],
  ['a.mhd', '.mha'],
  ['a.npy', '.npy'],
  ['a.h5', '.nii.gz'],
  ['a.zarr', '.zarr'],
  ['a.OME.Zarr', '.ome.zarr'],
])('the labels of %s end with %s', (image, ending) => {
  expect(labelPath({ name: 'a', paths: [join('in', image)] }, 'out')).toBe(join('out', `a${ending}`));
});
