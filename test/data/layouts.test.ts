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
  [
    'BraTS',
    [
      'x.csv',
      ...['B_001', 'B_002'].flatMap((name) =>
        ['flair', 'seg', 't1', 't1ce', 't2'].map((part) => `${name}/${name}_${part}.nii.gz`),
      ),
    ],
    Object.fromEntries(
      ['B_001', 'B_002'].map((name) => [
        name,
        ['t1', 't1ce', 't2', 'flair', 'seg'].map((part) => `${name}/${name}_${part}.nii.gz`),
      ]),
    ),
  ],
  [
    'BraTS of 2023, in two folders',
    ['GLI/B-0', 'MEN/B-0'].flatMap((folder) =>
      ['seg', 't1c', 't1n', 't2f', 't2w'].map((part) => `${folder}/B-0-${part}.nii.gz`),
    ),
    Object.fromEntries(
      ['GLI/B-0', 'MEN/B-0'].map((name) => [
        name,
        ['t1n', 't1c', 't2w', 't2f', 'seg'].map((part) => `${name}/B-0-${part}.nii.gz`),
      ]),
    ),
  ],
  [
    'KiTS',
    [
      'kits.json',
      'case_0/imaging.nii.gz',
      'case_0/segmentation.nii.gz',
      'case_1/imaging.nii.gz',
      'case_1/segmentation.nii.gz',
    ],
    {
      case_0: ['case_0/imaging.nii.gz', 'case_0/segmentation.nii.gz'],
      case_1: ['case_1/imaging.nii.gz', 'case_1/segmentation.nii.gz'],
    },
  ],
  [
    'a folder a case, with a file a class',
    ['p/image.nii', 'p/liver.nii', 'p/tumor.nii', 'q/image.nii', 'q/liver.nii', 'q/tumor.nii'],
    {
      p: ['p/image.nii', '1:p/liver.nii', '2:p/tumor.nii'],
      q: ['q/image.nii', '1:q/liver.nii', '2:q/tumor.nii'],
    },
  ],
  [
    'TotalSegmentator',
    ['meta.csv', 's0/ct.nii.gz', 's0/segmentations/spleen.nii.gz', 's0/segmentations/liver.nii.gz'],
    { s0: ['s0/ct.nii.gz', '1:s0/segmentations/liver.nii.gz', '2:s0/segmentations/spleen.nii.gz'] },
  ],
  [
    'slices of patients, with masks beside them',
    [
      'data.csv',
      'T_1/T_1_1.tif',
      'T_1/T_1_1_mask.tif',
      'T_1/T_1_2.tif',
      'T_1/T_1_2_mask.tif',
      'T_2/T_2_1.tif',
      'T_2/T_2_1_mask.tif',
    ],
    {
      T_1_1: ['T_1/T_1_1.tif', 'T_1/T_1_1_mask.tif'],
      T_1_2: ['T_1/T_1_2.tif', 'T_1/T_1_2_mask.tif'],
      T_2_1: ['T_2/T_2_1.tif', 'T_2/T_2_1_mask.tif'],
    },
  ],
  [
    'BIDS',
    [
      'dataset_description.json',
      'participants.tsv',
      'sub-01/anat/sub-01_T1w.nii.gz',
      'sub-01/anat/sub-01_T1w.json',
      'sub-01/func/sub-01_task-rest_bold.nii.gz',
      'derivatives/manual/sub-01/anat/sub-01_desc-lesion_mask.nii.gz',
    ],
    {
      'sub-01': [
        'sub-01/anat/sub-01_T1w.nii.gz',
        'derivatives/manual/sub-01/anat/sub-01_desc-lesion_mask.nii.gz',
      ],
    },
  ],
  [
    'BIDS with sessions and several kinds of images',
    ['ses-1', 'ses-2'].flatMap((ses) => [
      `sub-a/${ses}/anat/sub-a_${ses}_FLAIR.nii`,
      `sub-a/${ses}/anat/sub-a_${ses}_T1w.nii`,
      `derivatives/x/sub-a/${ses}/anat/sub-a_${ses}_space-FLAIR_dseg.nii`,
    ]),
    Object.fromEntries(
      ['ses-1', 'ses-2'].map((ses) => [
        `sub-a_${ses}`,
        [
          `sub-a/${ses}/anat/sub-a_${ses}_FLAIR.nii`,
          `derivatives/x/sub-a/${ses}/anat/sub-a_${ses}_space-FLAIR_dseg.nii`,
        ],
      ]),
    ),
  ],
  [
    'Cityscapes',
    ['train/ulm', 'val/bonn'].flatMap((folder) => {
      const name = `${folder}/${folder.slice(folder.indexOf('/') + 1)}_0_1`;
      const forms = ['color.png', 'instanceIds.png', 'labelIds.png', 'polygons.json'];
      return [`leftImg8bit/${name}_leftImg8bit.png`, ...forms.map((form) => `gtFine/${name}_gtFine_${form}`)];
    }),
    {
      ulm_0_1: [
        'leftImg8bit/train/ulm/ulm_0_1_leftImg8bit.png',
        'gtFine/train/ulm/ulm_0_1_gtFine_labelIds.png',
      ],
      bonn_0_1: [
        'leftImg8bit/val/bonn/bonn_0_1_leftImg8bit.png',
        'gtFine/val/bonn/bonn_0_1_gtFine_labelIds.png',
      ],
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
      'a case that lacks files',
      ['p/p_t1.nii', 'p/p_t2.nii', 'p/p_seg.nii', 'q/q_t1.nii', 'q/q_seg.nii', 'r/r_t1.nii', 'r/r_t2.nii'],
      {
        pairs: { p: ['p/p_t1.nii', 'p/p_t2.nii', 'p/p_seg.nii'] },
        problems: ['case-incomplete', 'case-incomplete'],
      },
    ],
    [
      'a case with a mask that is not read',
      ['p/p_t1.nii', 'p/p_seg.nii', 'q/q_t1.nii', 'q/q_seg.mat'],
      { pairs: { p: ['p/p_t1.nii', 'p/p_seg.nii'] }, problems: ['format-unread q/q_seg.mat'] },
    ],
    [
      'one more file a case',
      ['p/image.nii', 'p/other.nii', 'q/image.nii', 'q/other.nii'],
      'layout-ambiguous',
    ],
    ['a mask and classes', ['p/image.nii', 'p/mask.nii', 'p/liver.nii', 'p/tumor.nii'], 'layout-ambiguous'],
    ['numbered masks of a case', ['p/image.nii', 'p/roi1.nii', 'p/roi2.nii'], 'layout-ambiguous p'],
    [
      'two kinds of masks of subjects',
      [
        'sub-1/anat/sub-1_T1w.nii',
        'derivatives/a/sub-1/sub-1_dseg.nii',
        'derivatives/a/sub-1/sub-1_desc-brain_mask.nii',
      ],
      'layout-ambiguous',
    ],
    [
      'two kinds of images of subjects',
      ['sub-1/anat/sub-1_T1w.nii', 'sub-1/anat/sub-1_T2w.nii', 'derivatives/a/sub-1/sub-1_dseg.nii'],
      'layout-ambiguous',
    ],
    [
      'the same mask of two pipelines',
      [
        'sub-1/anat/sub-1_T1w.nii',
        'derivatives/a/sub-1/sub-1_dseg.nii',
        'derivatives/b/sub-1/sub-1_dseg.nii',
      ],
      {
        pairs: { 'sub-1': ['sub-1/anat/sub-1_T1w.nii', 'derivatives/a/sub-1/sub-1_dseg.nii'] },
        problems: ['ambiguous-pair derivatives/b/sub-1/sub-1_dseg.nii'],
      },
    ],
    [
      'two forms of labels',
      [
        'leftImg8bit/a/a_leftImg8bit.png',
        'gtFine/a/a_gtFine_labelIds.png',
        'gtFine/a/a_gtFine_labelTrainIds.png',
      ],
      'layout-ambiguous',
    ],
    [
      'fine and coarse labels',
      ['leftImg8bit/a_leftImg8bit.png', 'gtFine/a_gtFine_labelIds.png', 'gtCoarse/a_gtCoarse_labelIds.png'],
      'layout-ambiguous',
    ],
    ['a stray image beside cases', ['preview.png', 'p/p_t1.nii', 'p/p_seg.nii'], 'layout-ambiguous'],
    [
      'two masks beside an image',
      ['p/a.png', 'p/a_mask.png', 'p/a_mask_1.png'],
      { pairs: { a: ['p/a.png', 'p/a_mask.png'] }, problems: ['ambiguous-pair p/a_mask_1.png'] },
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
