import { expect, test } from 'vitest';
import { findPairs } from '../../src/data/files/pairs.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { shown, treeOf } from './layout.js';

/** The options that a help names, as a person would type them. */
function optionsIn(help: string | undefined): { readonly images?: string; readonly masks?: string } {
  const found = [...(help ?? '').matchAll(/--(images|masks) "([^"]+)"/g)];
  return Object.fromEntries(found.map(([, option, pattern]) => [option, pattern]));
}

test.each<[string, readonly string[], readonly string[]]>([
  [
    'two kinds of images',
    [
      'sub-1/anat/sub-1_T1w.nii.gz',
      'sub-1/anat/sub-1_T2w.nii.gz',
      'derivatives/a/sub-1/anat/sub-1_dseg.nii.gz',
    ],
    ['sub-1/anat/sub-1_T1w.nii.gz', 'derivatives/a/sub-1/anat/sub-1_dseg.nii.gz'],
  ],
  [
    'two kinds of masks, of sessions',
    [
      'sub-1/ses-a/anat/sub-1_ses-a_T1w.nii',
      'sub-1/ses-a/anat/sub-1_ses-a_T1w.json',
      'derivatives/a/sub-1/ses-a/anat/sub-1_ses-a_desc-brain_mask.nii',
      'derivatives/a/sub-1/ses-a/anat/sub-1_ses-a_dseg.nii',
    ],
    [
      'sub-1/ses-a/anat/sub-1_ses-a_T1w.nii',
      'derivatives/a/sub-1/ses-a/anat/sub-1_ses-a_desc-brain_mask.nii',
    ],
  ],
])('the patterns that a message gives for %s take the first', (_, files, pair) => {
  const folder = treeOf(files);
  const failed = findPairs(folder);
  expect(failed).toMatchObject({ code: 'layout-ambiguous', args: { doubt: { case: 'kinds' } } });
  const options = optionsIn(failed instanceof Failure ? failed.help : undefined);
  expect(Object.keys(options)).toEqual(['images', 'masks']);
  const again = shown(folder, options);
  expect(typeof again === 'string' ? again : Object.values(again.pairs)).toEqual([pair]);
});
