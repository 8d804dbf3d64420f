import { describe, expect, test } from 'vitest';
import type { PairOptions } from '../../src/data/files/pairs.js';
import { shown, treeOf } from './layout.js';

type Row = [
  what: string,
  files: readonly string[],
  pairs: Readonly<Record<string, readonly string[]>>,
  options?: PairOptions,
];

const rows: Row[] = [
  [
    'nnU-Net, raw',
    ['imagesTr/a_0000.nii.gz', 'imagesTr/a_0001.nii.gz', 'labelsTr/a.nii.gz', 'imagesTs/t_0000.nii.gz'],
    { a: ['imagesTr/a_0000.nii.gz', 'imagesTr/a_0001.nii.gz', 'labelsTr/a.nii.gz'] },
  ],
  [
    'the Decathlon, with the files that a Mac leaves',
    [
      'imagesTr/la_003.nii.gz',
      'imagesTr/._la_003.nii.gz',
      'labelsTr/la_003.nii.gz',
      'labelsTr/._la_003.nii.gz',
    ],
    { la_003: ['imagesTr/la_003.nii.gz', 'labelsTr/la_003.nii.gz'] },
  ],
  [
    'other names of folders',
    ['Images/a.png', 'GT/a.png', 'thumbs/a.png'],
    { a: ['Images/a.png', 'GT/a.png'] },
  ],
  [
    'folders that are named',
    ['images/a.tif', 'mask/a_mask.gif', '1st_manual/a_manual1.gif'],
    { a: ['images/a.tif', '1st_manual/a_manual1.gif'] },
    { masks: '1st_manual' },
  ],
  [
    'labels without images of their own',
    ['images/a.png', 'masks/a.png', 'labels/a.txt'],
    { a: ['images/a.png', 'masks/a.png'] },
  ],
  [
    'two trees',
    ['images/train/a.png', 'images/val/b.png', 'masks/train/a.png', 'masks/val/b_mask.png'],
    { a: ['images/train/a.png', 'masks/train/a.png'], b: ['images/val/b.png', 'masks/val/b_mask.png'] },
  ],
  [
    'two trees, in which names occur twice',
    ['images/x/1.png', 'images/y/1.png', 'masks/x/1.png', 'masks/y/1.png'],
    { 'x/1': ['images/x/1.png', 'masks/x/1.png'], 'y/1': ['images/y/1.png', 'masks/y/1.png'] },
  ],
  [
    'one word more in the name of each mask',
    ['images/a.png', 'images/b.png', 'masks/a_L.png', 'masks/b_L.png'],
    { a: ['images/a.png', 'masks/a_L.png'], b: ['images/b.png', 'masks/b_L.png'] },
  ],
  [
    'classes by words',
    [
      'images/a.nii',
      'images/a_b.nii',
      'masks/a_liver.nii',
      'masks/a_tumor.nii',
      'masks/a_b_liver.nii',
      'masks/a_b_tumor.nii',
    ],
    {
      a: ['images/a.nii', '1:masks/a_liver.nii', '2:masks/a_tumor.nii'],
      a_b: ['images/a_b.nii', '1:masks/a_b_liver.nii', '2:masks/a_b_tumor.nii'],
    },
  ],
  [
    'classes by words beside channels',
    ['images/a_0000.nii', 'images/a_0001.nii', 'masks/a_rib_mask.nii', 'masks/a_disc_mask.nii'],
    { a: ['images/a_0000.nii', 'images/a_0001.nii', '1:masks/a_disc_mask.nii', '2:masks/a_rib_mask.nii'] },
  ],
  [
    'classes by folders',
    [
      'images/a.png',
      'images/b.png',
      'masks/rib/a.png',
      'masks/disc/a.png',
      'masks/rib/b.png',
      'masks/disc/b_mask.png',
    ],
    {
      a: ['images/a.png', '1:masks/disc/a.png', '2:masks/rib/a.png'],
      b: ['images/b.png', '1:masks/disc/b_mask.png', '2:masks/rib/b.png'],
    },
  ],
];

describe('layouts', () => {
  test.each(rows)('%s', (_, files, pairs, options) =>
    expect(shown(treeOf(files), options)).toMatchObject({ pairs, problems: [] }));
});

describe('layouts that are refused', () => {
  test.each<readonly [string, readonly string[], unknown]>([
    ['two folders of masks', ['images/a.tif', 'mask/a.gif', '1st_manual/a.gif'], 'layout-ambiguous'],
    ['two folders of images', ['images/a.tif', 'imgs/a.gif', 'masks/a.gif'], 'layout-ambiguous'],
    [
      'sets below a folder',
      ['train/images/a.png', 'train/masks/a.png', 'val/images/b.png', 'val/masks/b.png'],
      'images-missing',
    ],
    [
      'a part without masks',
      ['images/train/a.png', 'images/test/b.png', 'masks/train/a.png'],
      { pairs: { a: ['images/train/a.png', 'masks/train/a.png'] }, problems: ['folder-unpaired'] },
    ],
    [
      'images and trees',
      ['images/a.png', 'masks/x/a.png'],
      { pairs: {}, problems: ['folder-unpaired', 'folder-unpaired'] },
    ],
    [
      'numbered masks',
      ['images/a.png', 'masks/a_1.png', 'masks/a_2.png'],
      { pairs: {}, problems: ['layout-ambiguous masks/a_1.png'] },
    ],
    [
      'annotators',
      ['images/a.png', 'masks/a_reader1.png', 'masks/a_reader2.png'],
      { pairs: {}, problems: ['layout-ambiguous masks/a_reader1.png'] },
    ],
    [
      'forms of one mask',
      ['images/a.png', 'masks/a_color.png', 'masks/a_x.png'],
      { pairs: {}, problems: ['layout-ambiguous masks/a_color.png'] },
    ],
    [
      'a class that is missing once',
      ['images/a.png', 'images/b.png', 'masks/a_rib.png', 'masks/a_disc.png', 'masks/b_rib.png'],
      {
        pairs: { a: ['images/a.png', '1:masks/a_disc.png', '2:masks/a_rib.png'] },
        problems: ['case-incomplete'],
      },
    ],
    [
      'a class folder that lacks one',
      ['images/a.png', 'images/b.png', 'masks/rib/a.png', 'masks/rib/b.png', 'masks/disc/a.png'],
      {
        pairs: { a: ['images/a.png', '1:masks/disc/a.png', '2:masks/rib/a.png'] },
        problems: ['case-incomplete'],
      },
    ],
    [
      'names of another kind',
      ['images/a.png', 'images/b.png', 'masks/x.png', 'masks/y.png'],
      { pairs: {}, problems: ['names-unmatched'] },
    ],
  ])('%s', (_, files, expected) => {
    const result = shown(treeOf(files));
    if (typeof result === 'string' || typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toMatchObject(expected as object); // a table of objects
  });
});
