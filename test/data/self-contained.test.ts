import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { freshFolder, ok, problemsOf } from './folder.js';

/** Writes 2 x 2 numbers under each name. */
function putArrays(path: string, arrays: Readonly<Record<string, readonly number[]>>): void {
  const file = new File(path, 'w');
  for (const [name, values] of Object.entries(arrays)) {
    file.create_dataset({ name, data: Uint8Array.from(values), shape: [2, 2] });
  }
  file.close();
}

const raw = [9, 8, 7, 6];
const label = [0, 1, 1, 0];

describe('an HDF5 file is an image and a mask by the names of its arrays', () => {
  beforeAll(() => ready);

  test.each<[string, Readonly<Record<string, readonly number[]>>]>([
    ['raw and label', { raw, label }],
    ['label first', { label, raw }],
    ['a weight as well', { raw, label, weight: raw }],
    ['image and mask', { image: raw, mask: label }],
    ['raw and labels', { raw, labels: label }],
  ])('%s', async (_, arrays) => {
    const folder = freshFolder();
    putArrays(join(folder, 'a.h5'), arrays);
    const set = ok(await openDataSet(folder));
    const [file] = set.samples;
    if (file === undefined) throw new Error('no sample');
    const sample = ok(await readSample(file, set));
    expect([...sample.image.data]).toEqual(raw);
    expect([...sample.classes]).toEqual(label);
  });

  // The array that is there must not stand for the one that is not.
  test.each<[string, Readonly<Record<string, readonly number[]>>, string[]]>([
    ['no label', { raw: label }, ['label']],
    ['no raw', { label }, ['raw']],
    ['other names', { image: label }, ['raw', 'label']],
  ])('%s is refused', async (_, arrays, missing) => {
    const folder = freshFolder();
    putArrays(join(folder, 'a.h5'), arrays);
    expect(problemsOf(await openDataSet(folder))).toMatchObject(
      missing.map((chosen) => ({ code: 'array-not-chosen', args: { chosen } })),
    );
  });
});
