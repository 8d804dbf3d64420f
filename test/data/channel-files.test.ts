import { expect, test } from 'vitest';
import { channelNames, filesOfChannels } from '../../src/data/files/channel-files.js';

/** The files of one case in the order of the training, the names that tell them apart, and the same files of other cases. */
const layouts: readonly (readonly [string, readonly string[], readonly string[], readonly string[][]])[] = [
  [
    'a folder for each case',
    ['B_1/B_1_t1.nii.gz', 'B_1/B_1_t1ce.nii.gz', 'B_1/B_1_flair.nii.gz'],
    ['t1', 't1ce', 'flair'],
    [
      ['x/t1.nii.gz', 'x/t1ce.nii.gz', 'x/flair.nii.gz'],
      ['x/p-7-T1.nii', 'x/p-7-T1ce.nii', 'x/p-7-FLAIR.nii'],
      ['x/t1_of_7.mha', 'x/t1ce_of_7.mha', 'x/flair_of_7.mha'],
    ],
  ],
  ['nnU-Net', ['i/a_0000.png', 'i/a_0001.png'], ['0000', '0001'], [['o/b_c_0000.tif', 'o/b_c_0001.tif']]],
  ['folders of channels', ['CT/a.nii', 'PET/a.nii'], ['CT', 'PET'], [['new/CT/b.nii', 'new/PET/b.nii']]],
  ['series', ['p1/CT/scan', 'p1/PET/scan'], ['CT', 'PET'], [['p2/CT/scan', 'p2/PET/scan']]],
  [
    'words inside',
    ['a-red-s1.tif', 'a-far_red-s1.tif'],
    ['red', 'far_red'],
    [['b-red-s2.tif', 'b-far_red-s2.tif']],
  ],
  ['one name that ends earlier', ['a.tif', 'a_nir.tif'], ['a', 'a_nir'], []],
  ['numbers', ['c2.tif', 'c10.tif'], ['c2', 'c10'], [['n/c2.tif', 'n/c10.tif']]],
];

test.each(layouts)('%s', (_, files, names, others) => {
  expect(channelNames(files)).toEqual(names);
  for (const own of [files, ...others]) {
    expect(filesOfChannels(own, names)).toEqual(own);
    expect(filesOfChannels(own.toReversed(), names)).toEqual(own);
  }
});

test('other files are left out, and names that say nothing tell no files', () => {
  const files = ['c/c_flair.nii', 'c/c_seg.nii', 'c/c_t1.nii', 'c/readme.txt'];
  expect(filesOfChannels(files, ['t1', 'flair'])).toEqual(['c/c_t1.nii', 'c/c_flair.nii']);
  expect(filesOfChannels(files, ['t1', 't2'])).toBeUndefined();
  // Two files for one channel.
  expect(filesOfChannels(['a_t1.nii', 'b_t1.nii', 'b_t2.nii'], ['t1', 't2'])).toBeUndefined();
  expect(filesOfChannels(['t1_t2.nii', 't1.nii'], ['t1', 't2'])).toBeUndefined();
  expect(channelNames(['a.nii'])).toBeUndefined();
});
