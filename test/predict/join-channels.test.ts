import { expect, test } from 'vitest';
import { joinChannels } from '../../src/predict/cases/join-channels.js';

const found = (...paths: readonly (string | readonly string[])[]) => ({
  cases: paths.map((path) => ({ name: String(path), paths: typeof path === 'string' ? [path] : path })),
  isOne: false,
});

test.each([
  [['a_t1.nii.gz', 'a_flair.nii.gz'], { a: ['a_flair.nii.gz', 'a_t1.nii.gz'] }],
  [
    ['a_T1.nii', 'a_FLAIR.nii', 'b_t1.nii', 'b_flair.nii'],
    { a: ['a_FLAIR.nii', 'a_T1.nii'], b: ['b_flair.nii', 'b_t1.nii'] },
  ],
  [['in/t1_a.tif', 'in/flair_a.tif'], { a: ['in/flair_a.tif', 'in/t1_a.tif'] }],
  [['t1-2_t1.nii', 't1-2_flair.nii'], { 't1-2': ['t1-2_flair.nii', 't1-2_t1.nii'] }],
  [['a_t1_brain.nii', 'a_flair_brain.nii'], { a_brain: ['a_flair_brain.nii', 'a_t1_brain.nii'] }],
])('%j are images by the names of their channels', (paths, expected) => {
  const joined = joinChannels(found(...paths), ['flair', 't1']);
  expect('cases' in joined && Object.fromEntries(joined.cases.map((one) => [one.name, one.paths]))).toEqual(
    expected,
  );
});

test.each([
  ['files that name no channel', found('a.nii', 'a_t1.nii'), ['flair', 't1']],
  ['a longer name', found('a_t1ce.nii', 'a_flair.nii'), ['flair', 't1']],
  ['two files of a channel', found('a_t1.nii', 'a-t1.nii', 'a_flair.nii'), ['flair', 't1']],
  ['files that belong together already', found(['a_0000.nii', 'a_0001.nii']), ['0000', '0001']],
  ['a network of one channel', found('a_t1.nii'), ['t1']],
  ['a network without names', found('a_t1.nii', 'a_flair.nii'), undefined],
])('%s stay as they are', (_name, cases, names) => {
  expect(joinChannels(cases, names)).toBe(cases);
});

test('an image that lacks a channel is refused', () => {
  expect(joinChannels(found('a_t1.nii', 'a_flair.nii', 'b_t1.nii'), ['flair', 't1'])).toMatchObject({
    code: 'input-count',
    args: { files: ['b_t1.nii'], channels: 2 },
  });
});
