import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNames, splitByNames } from '../../src/data/split/by-names.js';
import { splitBySeed } from '../../src/data/split/by-seed.js';
import { freshFolder, ok, put } from './folder.js';

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `cells-${i}`, images: [`set/images/cells-${i}.png`] }));
const names = (samples: readonly { name: string }[]) => samples.map(({ name }) => name);

describe('splitBySeed', () => {
  test('the fraction, disjoint, in order, the same for a seed and for any order of files', () => {
    const samples = named(50);
    const split = ok(splitBySeed(samples, 0.2, 7));
    expect([split.training.length, split.validation.length]).toEqual([40, 10]);
    expect(new Set([...split.training, ...split.validation]).size).toBe(50);
    expect(names(split.training)).toEqual(
      names(samples).filter((name) => names(split.training).includes(name)),
    );
    const again = ok(splitBySeed(samples.toReversed(), 0.2, 7));
    expect(names(again.validation).sort()).toEqual(names(split.validation).sort());
    expect(names(ok(splitBySeed(samples, 0.2, 8)).validation)).not.toEqual(names(split.validation));
  });

  test('one more sample moves at most one other', () => {
    const before = new Set(names(ok(splitBySeed(named(50), 0.2, 1)).validation));
    for (const count of [51, 52, 53]) {
      const after = new Set(names(ok(splitBySeed(named(count), 0.2, 1)).validation));
      expect([...before].filter((name) => !after.has(name)).length).toBeLessThanOrEqual(count - 50);
    }
  });

  test('neither part is empty; one image, and fractions out of range, cannot be split', () => {
    expect(ok(splitBySeed(named(2), 0.01, 0)).validation.length).toBe(1);
    expect(ok(splitBySeed(named(2), 0.99, 0)).training.length).toBe(1);
    expect(splitBySeed(named(1), 0.5, 0)).toMatchObject({ code: 'single-image' });
    for (const fraction of [1, -1, Number.NaN]) {
      expect(splitBySeed(named(3), fraction, 0)).toMatchObject({
        code: 'validation-fraction',
        args: { fraction },
      });
    }
  });

  test('a fraction of 0 trains with all images, one or several', () => {
    for (const count of [1, 3]) {
      expect(splitBySeed(named(count), 0, 0)).toEqual({ training: named(count), validation: [] });
    }
  });
});

describe('splitByNames', () => {
  const pages = ['train#1', 'train#2'].map((name) => ({ name, images: ['set/train.tif'] }));
  const samples = [
    ...named(3),
    ...pages,
    { name: 'case', images: ['a/case_0000.nii.gz', 'a/case_0001.nii.gz'] },
  ];

  test.each([
    [['cells-1'], ['cells-1']],
    [
      ['cells-1.png', 'cells-0'],
      ['cells-0', 'cells-1'],
    ],
    [['train'], ['train#1', 'train#2']],
    [['train#2'], ['train#2']],
    [['case_0000.nii.gz'], ['case']],
  ])('%j', (list, chosen) => {
    const split = ok(splitByNames(samples, list));
    expect(names(split.validation)).toEqual(chosen);
    expect(split.training.length).toBe(samples.length - chosen.length);
  });

  test('all unknown names at once; a part without images', () => {
    const failed = (problem: object) => ({ code: 'validation-names', args: { problem } });
    expect(splitByNames(samples, ['x', 'cells-1', 'y.png'])).toMatchObject(
      failed({ case: 'unknown', names: ['x', 'y.png'] }),
    );
    expect(splitByNames(samples, [])).toMatchObject(failed({ case: 'none' }));
    expect(splitByNames(named(1), ['cells-0'])).toMatchObject(failed({ case: 'all' }));
  });

  test('a text file of names', () => {
    const path = put(join(freshFolder(), 'names.txt'), '# held out\r\ncells-1\r\n\n  cells-2.png \n');
    expect(ok(readNames(path))).toEqual(['cells-1', 'cells-2.png']);
    expect(readNames('/nowhere/names.txt')).toMatchObject({
      message: expect.stringContaining('/nowhere/names.txt'),
    });
  });
});
