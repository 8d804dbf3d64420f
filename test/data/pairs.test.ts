import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stemOf } from '../../src/data/files/file-names.js';
import { findPairs } from '../../src/data/files/pairs.js';
import { shown, treeOf } from './layout.js';

const READ = [
  'tif tiff TIF ome.tif ome.tiff lsm stk tf8 btf png PNG jpg jpeg gif webp bmp nii nii.gz mgh mgz nrrd nhdr mha mhd',
  'npy npz h5 hdf5',
].flatMap((line) => line.split(' '));

describe('endings', () => {
  test.each(READ)('.%s is one ending, and of a file that is data', (ending) => {
    expect(stemOf(`a.b_0000.${ending}`)).toBe('a.b_0000');
    const other = ending.toLowerCase() === 'png' ? 'tif' : 'png';
    for (const [image, mask] of [
      [`images/a.${ending}`, `masks/a.${other}`],
      [`images/a.${other}`, `masks/a_mask.${ending}`],
      [`a.b.${ending}`, `a.b-labels.${other}`],
    ] as const) {
      const name = image.startsWith('images') ? 'a' : 'a.b';
      expect(shown(treeOf([image, mask]))).toEqual({
        pairs: { [name]: [image, mask] },
        problems: [],
        notes: [],
      });
    }
  });

  test.each(['v1.2', 'case.7', 'a', 'a.xyz', '2020.01.02'])('%s has no ending that is known', (name) =>
    expect(stemOf(name)).toBe(name));

  test.each([
    ['hdr', 'img'],
    ['mhd', 'raw'],
    ['mhd', 'zraw'],
    ['nhdr', 'raw.gz'],
    ['nhdr', 'img'],
  ])('a .%s header and its .%s are one file', (header, elements) => {
    const files = [`images/a.${header}`, `images/a.${elements}`, `masks/a.${header}`, `masks/a.${elements}`];
    expect(shown(treeOf(files))).toEqual({
      pairs: { a: [`images/a.${header}`, `masks/a.${header}`] },
      problems: [],
      notes: [],
    });
  });

  test('a folder of chunks is a file', () => {
    const files = ['images/a.zarr/0/0', 'images/b.ome.zarr/.zattrs', 'masks/a.zarr/0/0', 'masks/b.tif'];
    expect(shown(treeOf(files))).toMatchObject({
      pairs: { a: ['images/a.zarr', 'masks/a.zarr'], b: ['images/b.ome.zarr', 'masks/b.tif'] },
      problems: [],
    });
  });

  test('HDF5 files without masks contain their own', () => {
    expect(shown(treeOf(['a.h5', 'b.hdf5', 'README.md']))).toMatchObject({
      pairs: { a: ['a.h5', 'a.h5'], b: ['b.hdf5', 'b.hdf5'] },
      problems: [],
      notes: [expect.stringMatching(/raw.*label/)],
    });
    expect(shown(treeOf(['a.h5', 'a_mask.h5', 'b.h5']))).toMatchObject({
      pairs: { a: ['a.h5', 'a_mask.h5'] },
      problems: ['partner-missing b.h5'],
    });
  });
});

describe('files that are not read', () => {
  const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
  test.each([
    ['a mask of an unknown format', ['images/a.png', 'masks/a_mask.xyz'], ['format-unread masks/a_mask.xyz']],
    ['an image of one', ['images/a.czi', 'masks/a.png'], ['format-unread images/a.czi']],
    ['both', ['images/a.czi', 'masks/a.jp2'], ['format-unread images/a.czi', 'format-unread masks/a.jp2']],
    ['in one folder', ['a.png', 'a_mask.pgm'], ['format-unread a_mask.pgm']],
    ['nothing else', ['a.nd2', 'b.nd2'], ['format-unread a.nd2', 'format-unread b.nd2']],
    [
      'drawn in a text',
      ['images/a.png', 'images/b.png', 'masks/a.json', 'masks/b.png'],
      ['format-unread masks/a.json'],
    ],
    ['channels', ['images/a_0000.png', 'images/a_0001.png', 'masks/a.mat'], ['format-unread masks/a.mat']],
    ['without an ending', ['images/a', 'masks/a.png'], ['format-unread images/a']],
  ])('%s are named, not absent', (_, files, problems) => {
    expect(shown(treeOf(files))).toMatchObject({ problems });
  });

  test('a DICOM file by its content, and a folder of slices, are images', () => {
    const folder = treeOf({
      'images/a/IM0001': dicom,
      'images/b': dicom,
      'masks/a.nii': '',
      'masks/b.nii': '',
    });
    expect(shown(folder)).toEqual({
      pairs: { a: ['images/a', 'masks/a.nii'], b: ['images/b', 'masks/b.nii'] },
      problems: [],
      notes: [],
    });
  });

  test.each([
    [
      'folders of slices on both sides',
      { 'images/a/1.dcm': dicom, 'images/a/2.dcm': dicom, 'masks/a/1.dcm': dicom },
      { a: ['images/a', 'masks/a'] },
    ],
    [
      'single DICOM images',
      { 'images/a.dcm': dicom, 'images/b.dcm': dicom, 'masks/a.png': '', 'masks/b.png': '' },
      { a: ['images/a.dcm', 'masks/a.png'], b: ['images/b.dcm', 'masks/b.png'] },
    ],
    [
      'single DICOM images in folders of the same names',
      { 'images/train/a.dcm': dicom, 'masks/train/a.png': '' },
      { a: ['images/train/a.dcm', 'masks/train/a.png'] },
    ],
    [
      'a folder of slices beside its mask',
      { 'a/IM1': dicom, 'a/IM2': dicom, 'a_mask.nii.gz': '' },
      { a: ['a', 'a_mask.nii.gz'] },
    ],
  ])('%s', (_, files, pairs) => {
    expect(shown(treeOf(files))).toMatchObject({ pairs, problems: [] });
  });

  test('a mask among the slices of a series is named as what keeps them from being one', () => {
    const folder = treeOf({
      'a/IM1': dicom,
      'a/IM2': dicom,
      'a/mask.nii': '',
      'b/IM1': dicom,
      'b/mask.nii': '',
    });
    expect(shown(folder)).toMatchObject({ pairs: {}, problems: ['series-unread a', 'series-unread b'] });
    expect(findPairs(folder)).toMatchObject({
      problems: ['a', 'b'].map((name) => ({
        args: {
          path: join(folder, name),
          problem: { case: 'other-file', other: join(folder, name, 'mask.nii') },
        },
      })),
    });
  });

  test('series that no name tells apart are named, not absent, and patterns pair them', () => {
    const folder = treeOf({ 'a/scan/1.dcm': dicom, 'a/scan/2.dcm': dicom, 'a/scan_seg/1.dcm': dicom });
    const found = ['scan', 'scan_seg'].map((name) => join(folder, 'a', name));
    const problem = { case: 'unpaired', folder, found };
    expect(findPairs(folder)).toMatchObject({ code: 'images-missing', args: { problem } });
    expect(shown(folder, { images: '{case}/scan', masks: '{case}/scan_seg' })).toMatchObject({
      pairs: { a: ['a/scan', 'a/scan_seg'] },
      problems: [],
    });
  });

  test('texts and leftovers beside whole pairs say nothing', () => {
    const others = [
      'README.md',
      'images/a.json',
      'images/Thumbs.db',
      'masks/.DS_Store',
      'masks/._a.png',
      'images/~$a.png',
    ];
    expect(shown(treeOf(['images/a.png', 'masks/a.png', ...others]))).toEqual({
      pairs: { a: ['images/a.png', 'masks/a.png'] },
      problems: [],
      notes: [],
    });
  });

  test('others beside whole pairs are a note', () => {
    expect(shown(treeOf(['images/a.png', 'masks/a.png', 'masks/a.czi']))).toMatchObject({
      problems: [],
      notes: [expect.stringContaining('masks/a.czi')],
    });
  });
});

describe('names', () => {
  test.each([
    ['c0.jpg', 'c0_mask.gif', 'Carvana'],
    ['000_HC.png', '000_HC_Annotation.png', 'HC18'],
    ['ISIC_0000000.jpg', 'ISIC_0000000_segmentation.png', 'ISIC'],
    ['21_training.tif', '21_manual1.gif', 'DRIVE'],
    ['Image_01L.jpg', 'Image_01L_GT.png', 'a suffix in capitals'],
    ['volume-0.nii', 'segmentation-0.nii', 'LiTS'],
    ['img_7.png', 'mask_7.png', 'prefixes'],
    ['image007.png', 'mask007.png', 'prefixes without a separator'],
    ['104_sat.jpg', '104_mask.png', 'DeepGlobe'],
    ['a_1.png', 'a_mask_1.png', 'a word inside'],
    ['a-b c.tif', 'a-b c-mask.tif', 'a hyphen'],
    ['scan.ome.tif', 'scan.ground-truth.tif', 'two words'],
    ['train-volume.tif', 'train-labels.tif', 'ISBI'],
  ])('%s with %s (%s)', (image, mask) => {
    const files = [`images/${image}`, `masks/${mask}`];
    expect(shown(treeOf(files))).toMatchObject({ pairs: { [stemOf(image)]: files }, problems: [] });
  });

  test.each([
    ['c0.jpg', 'c0_mask.gif'],
    ['volume-0.nii', 'segmentation-0.nii'],
    ['img_7.png', 'mask_7.png'],
    ['mask_rcnn.png', 'mask_rcnn_mask.png'],
  ])('%s with %s in one folder', (image, mask) => {
    expect(shown(treeOf([image, mask]))).toMatchObject({
      pairs: { [stemOf(image)]: [image, mask] },
      problems: [],
    });
  });

  test('a name may be composed or decomposed', () => {
    const files = ['images/caf\u00e9.png', 'masks/cafe\u0301_mask.png'];
    expect(shown(treeOf(files))).toMatchObject({ pairs: { 'caf\u00e9': files }, problems: [] });
  });

  test.each([
    ['two masks', ['images/a.png', 'masks/a.png', 'masks/a_mask.png'], ['ambiguous-pair masks/a_mask.png']],
    [
      'two images',
      ['images/a.png', 'images/a.tif', 'masks/a.png'],
      ['ambiguous-pair images/a.png images/a.tif'],
    ],
    [
      'an image and channels',
      ['images/a.png', 'images/a_0000.png', 'masks/a.png'],
      ['ambiguous-pair images/a.png images/a_0000.png'],
    ],
    [
      'a mask and a second',
      ['b (1).png', 'b (1)_mask.png', 'b (1)_mask_1.png'],
      ['ambiguous-pair b (1)_mask_1.png'],
    ],
    [
      'a gap in the channels',
      ['images/a_0000.png', 'images/a_0002.png', 'masks/a.png'],
      ['channel-numbers images/a_0000.png'],
    ],
  ])('%s are refused', (_, files, problems) => {
    expect(shown(treeOf(files))).toMatchObject({ problems });
  });
});
