import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import type { StoredArray } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { type Sizes, stored } from '../images/stored.js';
import { freshFolder, put, putPng } from './folder.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const [flat, deep]: Sizes[] = [
  [
    ['y', 4],
    ['x', 4],
  ],
  [
    ['z', 3],
    ['y', 4],
    ['x', 4],
  ],
];

/** Puts images and masks of both names into a folder. */
async function putAll(folder: string, ending: string, write: (path: string) => unknown): Promise<string> {
  for (const path of ['images/a', 'images/b', 'masks/a', 'masks/b']) {
    put(join(work, folder, path), '');
    rmSync(join(work, folder, path));
    await write(join(work, folder, path + ending));
  }
  return join(work, folder);
}

const array = (sizes: Sizes | undefined): StoredArray =>
  stored(
    'NIfTI-1',
    sizes ?? [],
    { type: 'uint8' },
    Array.from({ length: 48 }, (_, i) => i % 2),
  );

test.each<[string, string, (path: string) => unknown, string]>([
  [
    'pictures',
    '.png',
    (path) =>
      putPng(
        path,
        Array.from({ length: 16 }, (_, i) => i % 2),
        4,
      ),
    'y,x',
  ],
  ['arrays', '.npy', (path) => writeArray(path, array(deep)), 'unnamed,unnamed,unnamed'],
  ['flat', '.npy', (path) => writeArray(path, array(flat)), 'unnamed,unnamed'],
])('%s cannot be cut along x, which is said once', async (folder, ending, write, axes) => {
  const set = await openDataSet(await putAll(folder, ending, write), { rank: 2, sliceAxis: 'x' });
  expect(set).toMatchObject({ code: 'unexpected-axes', args: { sliceAxis: 'x', axes: axes.split(',') } });
});

test('where only some files have no such axis, these are named', async () => {
  const folder = await putAll('mixed', '.nii', (path) => writeArray(path, array(deep)));
  for (const kind of ['images', 'masks']) {
    await putPng(
      join(folder, kind, 'c.png'),
      Array.from({ length: 16 }, (_, i) => i % 2),
      4,
    );
  }
  expect(await openDataSet(folder, { rank: 2, sliceAxis: 'x' })).toMatchObject({
    code: 'data-set-invalid',
    args: {
      problems: ['masks', 'images'].map((kind) => ({
        code: 'unexpected-axes',
        args: { path: join(folder, kind, 'c.png') },
      })),
    },
  });
});
