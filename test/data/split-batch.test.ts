import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/data/batch.js';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { readNames, splitByNames, splitBySeed } from '../../src/data/split.js';
import { freshFolder, messageOf, ok, put } from './folder.js';

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

  test('one sample more moves at most one other', () => {
    const before = new Set(names(ok(splitBySeed(named(50), 0.2, 1)).validation));
    for (const count of [51, 52, 53]) {
      const after = new Set(names(ok(splitBySeed(named(count), 0.2, 1)).validation));
      expect([...before].filter((name) => !after.has(name)).length).toBeLessThanOrEqual(count - 50);
    }
  });

  test('neither part is empty; what can not be split is said', () => {
    expect(ok(splitBySeed(named(2), 0.01, 0)).validation.length).toBe(1);
    expect(ok(splitBySeed(named(2), 0.99, 0)).training.length).toBe(1);
    expect(messageOf(splitBySeed(named(1), 0.5, 0))).toMatch(/one image cannot be split/);
    for (const part of [1, -1, Number.NaN]) expect(messageOf(splitBySeed(named(3), part, 0))).toMatch(/not/);
  });

  test('a part of 0 trains with all, one image or several', () => {
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

  test('names that are no image, all at once; nothing left on a side', () => {
    expect(messageOf(splitByNames(samples, ['x', 'cells-1', 'y.png']))).toBe(
      'there is no image x, y.png to validate with',
    );
    expect(messageOf(splitByNames(samples, []))).toMatch(/no image is named/);
    expect(messageOf(splitByNames(named(1), ['cells-0']))).toMatch(/none is left to train/);
  });

  test('a text file of names', () => {
    const path = put(join(freshFolder(), 'names.txt'), '# held out\r\ncells-1\r\n\n  cells-2.png \n');
    expect(ok(readNames(path))).toEqual(['cells-1', 'cells-2.png']);
    expect(messageOf(readNames('/nowhere/names.txt'))).toMatch(/no such file/);
  });
});

describe('batchOf', () => {
  const sample = (name: string, start: number, shape = [2, 1, 3]) => ({
    name,
    image: { shape, data: Float32Array.from({ length: 6 }, (_, i) => start + i) },
    classes: Uint8Array.of(1, IGNORED, 2),
    spacing: undefined,
  });

  test('(N, C, ...spatial), and weight 0 where nobody labelled', () => {
    const { images, classes, weights } = ok(batchOf([sample('a', 0), sample('b', 10)]));
    expect(images.shape).toEqual([2, 2, 1, 3]);
    expect([...images.data]).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
    expect([...classes]).toEqual([1, 0, 2, 1, 0, 2]);
    expect(weights.shape).toEqual([2, 1, 3]);
    expect([...weights.data]).toEqual([1, 0, 1, 1, 0, 1]);
  });

  test('other sizes are named', () => {
    expect(messageOf(batchOf([sample('a', 0), sample('b', 0, [2, 3, 1])]))).toMatch(
      /a is 2 x 1 x 3 and b is 2 x 3 x 1$/,
    );
  });
});
