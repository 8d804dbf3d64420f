import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { network, numbersOf, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { unet } from './unet.js';

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(network + recipe, ['--count', '3', '--size', '32']);
  for (const [from, to] of [
    ['set/images', 'no-masks/images'],
    ['set/masks', 'no-images/masks'],
  ] as const) {
    cpSync(at(from), at(to), { recursive: true });
  }
  for (const part of ['images', 'masks']) mkdirSync(at('both-empty', part), { recursive: true });
  writeFileSync(at('file'), '');
});
afterAll(() => rmSync(work, { recursive: true }));

/** Refused with one line and nothing written. */
function refusal(...args: readonly string[]): readonly [number | null, string] {
  const { code, stderr } = unet(trainArguments('out', ...args), work);
  expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  return [code, stderr.trimEnd()];
}

describe('folders of data', () => {
  test.each([
    ['no-masks', 'no-masks has images in images, but no folder masks'],
    ['no-images', 'no-images has masks in masks, but no folder images'],
    ['both-empty', /^unet: both-empty\/images and both-empty\/masks are empty: no PNG/],
    ['file', 'cannot read file: a part of its path is a file, not a folder'],
    ['set/images/cells-001.png', /a part of its path is a file, not a folder$/],
  ])('%s', (folder, said) => {
    const [code, line] = refusal('-d', folder);
    expect(code).toBe(1);
    if (typeof said === 'string') expect(line).toBe(`unet: ${said}`);
    else expect(line).toMatch(said);
  });
});

describe('options', () => {
  test.each([
    [['-d', ''], '--data takes a folder, and its name is empty'],
    [['-o', ''], '--output takes a folder, and its name is empty'],
    [['--epochs', 'abc'], '--epochs takes a number from 1 to 1000000, not `abc`'],
    [['--epochs', '0'], '--epochs takes a number from 1 to 1000000, not `0`'],
    [['--epochs', '1.5'], '--epochs takes a number from 1 to 1000000, not `1.5`'],
    [['--threads', '0'], '--threads takes a number from 1 to 999, not `0`'],
    [['--workers', '-1'], '--workers takes a number from 0 to 999, not `-1`'],
    [['--seed', 'x'], '--seed takes a number from 0 to 4294967295, not `x`'],
    [['--device', 'gpu'], /^unet: --device takes .*, not `gpu`$/],
    [['--label', 'x'], '--label takes VALUE=CLASS, as 255=1, not `x`'],
  ] as const)('%j', (args, said) => {
    const [code, line] = refusal(...args);
    expect(code).toBe(2);
    if (typeof said === 'string') expect(line).toBe(`unet: ${said}`);
    else expect(line).toMatch(said);
  });
});

describe('the spec', () => {
  test.each([
    ['nowhere.unet', 1, 'cannot read nowhere.unet: there is no such file'],
    ['set', 1, 'cannot read set: it is a folder'],
    ['file', 1, 'file has no network'],
  ])('%s', (target, code, said) => {
    const outcome = unet(['train', target, ...trainArguments('out').slice(2)], work);
    expect(outcome).toMatchObject({ code, stderr: `unet: ${said}\n` });
  });

  test('a network that is not in it', () => {
    const outcome = unet(['train', 'cells.unet#Nope', ...trainArguments('out').slice(2)], work);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: 'unet: cells.unet has no network `Nope`; it has:\n  cells.unet#Small\n',
    });
  });

  test('a recipe whose batch no memory holds, and one whose warmup no step is behind', () => {
    for (const [line, said] of [
      [
        'batch = 65536\n  patch = 4096 x 4096',
        /^unet: a step of Small takes at least .* of memory, and there are .*\. Take (at most|a smaller)/,
      ],
      [
        'batch = 2\n  schedule = cosine(warmup: 1000)',
        /^unet: the warmup of 1000 steps takes all of the training: 3 x/,
      ],
    ] as const) {
      writeFileSync(at('other.unet'), network + recipe.replace(/batch .*/, line));
      const outcome = unet(['train', 'other.unet', ...trainArguments('out').slice(2)], work);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(said);
      expect(() => numbersOf(at('out'))).toThrow('ENOENT');
    }
  });

  test('a batch norm of a single value is an error of the recipe, with its place', () => {
    const text = network.replace('padding  = same', 'padding = same\n  norm = batch\n  bias = false');
    writeFileSync(at('other.unet'), text + recipe.replace(/batch .*/, 'batch = 1\n  patch = 4 x 4'));
    const outcome = unet(['train', 'other.unet', ...trainArguments('out').slice(2)], work);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /^other.unet:\d+:\d+ error\[contradiction\]: in training, the batch norm bottleneck/,
    );
    expect(outcome.stderr).toMatch(/\nhelp: .*`batch = 2` or more, `patch = 8 x 8`/);
  });
});

describe('the folder of the run', () => {
  test('one that is read-only', ({ skip }) => {
    mkdirSync(at('small'));
    const mounted =
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=100k', 'tmpfs', at('small')]).status === 0;
    if (!mounted) return skip();
    try {
      for (const output of ['small/run', 'small/far/run']) {
        expect(refusal('-o', output)).toEqual([
          1,
          `unet: cannot write ${output}: the file system is read-only`,
        ]);
      }
    } finally {
      spawnSync('umount', [at('small')]);
    }
  });

  test('--resume of an empty one begins there, and says so', () => {
    mkdirSync(at('fresh'));
    const { code, stderr } = unet(trainArguments('fresh', '--resume', '--epochs', '1'), work);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'note: there is no run in fresh yet: it begins from the first step\n',
    });
  });
});
