import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { put, putPng } from '../data/folder.js';
import { network, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { unet } from './unet.js';

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(network + recipe, ['--count', '6', '--size', '32']);
  for (const [group, files] of [
    ['p1', [1, 2, 3]],
    ['p2', [4, 5]],
    ['p3', [6]],
  ] as const) {
    for (const [i, file] of files.entries()) {
      for (const part of ['images', 'masks']) {
        const bytes = readFileSync(at(`set/${part}/cells-00${file}.png`));
        put(at(`patients/${part}/${group}_${i}.png`), bytes);
      }
    }
  }
  put(at('part.txt'), 'p1_0\n');
  put(at('whole.txt'), 'p1_0\np1_1\np1_2\n');
});
afterAll(() => rmSync(work, { recursive: true }));

const train = (folder: string, ...args: readonly string[]) =>
  unet(trainArguments(folder, '--epochs', '1', '--json', ...args), work);
const dataOf = (folder: string) => JSON.parse(readFileSync(at(folder, 'data.json'), 'utf8'));

function refused(...args: readonly string[]): unknown {
  const { code, stdout } = train('refused', '-d', 'patients', ...args);
  return { code, ...JSON.parse(stdout).error };
}

describe('--fold and --group', () => {
  test('every image validates in one fold, and data.json records the fold', () => {
    const validated = [1, 2, 3].flatMap((index) => {
      expect(train(`fold-${index}`, '--fold', `${index}/3`).code).toBe(0);
      const { split, validation } = dataOf(`fold-${index}`);
      expect(split).toEqual({ fold: { index, count: 3 } });
      expect(validation).toHaveLength(2);
      expect(readFileSync(at(`fold-${index}`, 'report.md'), 'utf8')).toMatch(`- fold: ${index} of 3\n`);
      return validation;
    });
    expect(validated.sort()).toEqual([1, 2, 3, 4, 5, 6].map((i) => `cells-00${i}`));
    // Another fold is another run.
    const { error } = JSON.parse(train('fold-1', '--fold', '2/3', '--resume').stdout);
    expect(error).toMatchObject({ code: 'run-different', args: { differences: [{ part: 'data' }] } });
  });

  test('a fold of masks and images that cannot be read lists all of them, as without a fold', async () => {
    const from = at('patients');
    const halved = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
    cpSync(from, at('damaged'), { recursive: true });
    const cut = (path: string) => put(at('damaged', path), halved(readFileSync(join(from, path))));
    for (const path of ['masks/p1_0.png', 'masks/p2_1.png', 'images/p3_0.png']) cut(path);
    await putPng(at('damaged/masks/p1_2.png'), [...Array(1023).fill(0), 7], 32);
    const problemsWith = (...args: readonly string[]) => {
      const { code, stdout } = train('unread', '-d', 'damaged', '--label', '0=0', '--label', '1=1', ...args);
      const { error } = JSON.parse(stdout);
      expect([code, error.code]).toEqual([1, 'data-set-invalid']);
      return error.args.problems
        .map((one: { code: string; args: { path: string } }) => [one.code, one.args.path])
        .sort();
    };
    const found = problemsWith('--fold', '1/2');
    expect(found).toEqual([
      ['elements-damaged', 'damaged/images/p3_0.png'],
      ['elements-damaged', 'damaged/masks/p1_0.png'],
      ['elements-damaged', 'damaged/masks/p2_1.png'],
      ['mask-value-unknown', 'damaged/masks/p1_2.png'],
    ]);
    expect(problemsWith('--validation', '0.5')).toEqual(found);
  });

  test('groups stay together, in a part, in folds and in a file of names', () => {
    for (const [folder, args] of [
      ['part', ['--validation', '0.3']],
      ['groups-fold', ['--fold', '1/2']],
      ['names', ['--validation', 'whole.txt']],
    ] as const) {
      expect(train(folder, '-d', 'patients', '--group', '{group}_*', ...args).code).toBe(0);
      const { split, validation, samples } = dataOf(folder);
      expect(split).toMatchObject({ group: '{group}_*' });
      expect(readFileSync(at(folder, 'report.md'), 'utf8')).toMatch(/^- groups: .*\{group\}/m);
      const groupOf = (name: string) => name.split('_')[0];
      const held = new Set(validation.map(groupOf));
      const others = samples
        .map(({ name }: { readonly name: string }) => name)
        .filter((name: string) => !validation.includes(name));
      expect(others.filter((name: string) => held.has(groupOf(name)))).toEqual([]);
    }
  });

  test('without them, data.json records what earlier versions recorded', () => {
    expect(train('plain', '-d', 'patients').code).toBe(0);
    expect(Object.keys(dataOf('plain'))).toEqual(['samples', 'classes', 'values', 'validation']);
  });

  test.each([
    [['--group', 'p1_*', '--fold', '1/2'], 1, 'group-pattern', { problem: { case: 'captures', count: 0 } }],
    [['--group', '^(p[12])'], 1, 'group-unmatched', { images: { names: ['p3_0'], count: 1 }, total: 6 }],
    [['--group', '(p)'], 1, 'single-group', { group: 'p', samples: 6 }],
    [['--group', '{group}_*', '--validation', 'part.txt'], 1, 'group-divided', { groups: [{ group: 'p1' }] }],
    [['--group', '{group}_*', '--fold', '1/4'], 1, 'fold-count', { count: 4, available: 3, of: 'groups' }],
    [['--fold', '1/2', '--validation', '0.2'], 2, 'conflicting-options', {}],
    [['--fold', '3/2'], 2, 'invalid-option-value', { option: '--fold' }],
    [['--fold', '0/2'], 2, 'invalid-option-value', { option: '--fold' }],
    [['--fold', '1/1'], 2, 'invalid-option-value', { option: '--fold' }],
    [['--fold', '0.2'], 2, 'invalid-option-value', { option: '--fold' }],
    [['--group', ''], 2, 'invalid-option-value', { option: '--group' }],
  ])('%j is refused', (args, code, error, details) => {
    expect(refused(...args)).toMatchObject({ code: error, args: details });
    expect(train('refused', '-d', 'patients', ...args).code).toBe(code);
  });
});
