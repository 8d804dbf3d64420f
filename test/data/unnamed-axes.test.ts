import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder, ok, problemsOf, put } from './folder.js';

/** A .npy of ones and zeros in turn. */
function npy(shape: readonly number[]): Buffer {
  const count = shape.reduce((product, size) => product * size, 1);
  return Buffer.concat([
    ...npyChunks({ shape, data: Float32Array.from({ length: count }, (_, i) => i % 2) }),
  ]);
}

function folderWith(image: readonly number[], mask: readonly number[]): string {
  const folder = freshFolder();
  put(join(folder, 'images/a.npy'), npy(image));
  put(join(folder, 'masks/a.npy'), npy(mask));
  return folder;
}

test.each<[readonly number[], readonly number[], number, readonly number[]]>([
  [[4, 5], [4, 5], 1, [4, 5]],
  [[2, 4, 5], [4, 5], 2, [4, 5]],
  [[4, 5], [1, 4, 5], 1, [4, 5]],
  [[3, 4, 5], [3, 4, 5], 1, [3, 4, 5]],
  [[2, 3, 4, 5], [3, 4, 5], 2, [3, 4, 5]],
  [[3, 4, 5], [1, 3, 4, 5], 1, [3, 4, 5]],
  [[1, 2, 3, 4, 5], [1, 1, 3, 4, 5], 2, [3, 4, 5]],
])('an image of %j and a mask of %j', async (image, mask, channels, spatial) => {
  const set = ok(await openDataSet(folderWith(image, mask)));
  expect([set.channels, set.rank, set.samples[0]?.spatial]).toEqual([channels, spatial.length, spatial]);
});

test.each([
  [
    [3, 4, 5, 1],
    [3, 4, 5, 1],
  ],
  [
    [3, 4, 5, 2],
    [3, 4, 5, 1],
  ],
  [
    [2, 3, 4, 5],
    [2, 3, 4, 5],
  ],
  [[5], [5]],
  [
    [2, 3, 4, 5, 2],
    [2, 3, 4, 5, 2],
  ],
])('an image of %j and a mask of %j have no axes of an image or a volume', async (image, mask) => {
  const problems = problemsOf(await openDataSet(folderWith(image, mask)));
  expect(problems.length).toBeGreaterThan(0);
});

test.each<[readonly number[], readonly number[], string | undefined]>([
  [[4, 5, 3], [4, 5], 'images'],
  [[2, 4, 5, 3], [2, 4, 5], 'images'],
  [[4, 5], [4, 5, 1], 'masks'],
  [[4, 5], [5, 4], undefined],
])('an image of %j and a mask of %j: the channels that come last are named', async (image, mask, kind) => {
  const folder = folderWith(image, mask);
  const [problem] = problemsOf(await openDataSet(folder));
  const channelsLast = kind && join(folder, kind, 'a.npy');
  expect(problem).toMatchObject({ code: 'pair-mismatch', args: { difference: { case: 'size' } } });
  const { args } = { ...Object(problem) };
  expect(args.difference.channelsLast).toBe(channelsLast);
});

test('of an image of two axes, a mask of several numbers is refused', async () => {
  const [problem] = problemsOf(await openDataSet(folderWith([4, 5], [3, 4, 5])));
  expect(problem).toMatchObject({ code: 'mask-channels', args: { shape: [3, 4, 5] } });
});
