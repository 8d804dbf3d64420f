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

/** Fails with one message, without a stack trace, and writes nothing. */
function failed(...args: readonly string[]): readonly [number | null, string] {
  const { code, stderr } = unet(trainArguments('out', ...args), work);
  expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  expect(stderr).toMatch(/^unet: error\[[a-z0-9-]+\]: [^\n]*\n(?:help: [^\n]*\n)?$/);
  return [code, stderr];
}

describe('folders of data', () => {
  test.each([
    ['no-masks', /error\[images-missing\]: no-masks .* images/],
    ['no-images', /error\[images-missing\]: no-images .* masks/],
    ['both-empty', /error\[images-missing\]: both-empty\/images and both-empty\/masks /],
    ['file', /error\[file-unreadable\]: .*file: .* not a folder/],
    ['set/images/cells-001.png', /error\[file-unreadable\]: .*cells-001.png: .* not a folder/],
  ])('%s', (folder, message) => {
    expect(failed('-d', folder)).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('options', () => {
  test.each([
    [['-d', ''], /--data .* folder/],
    [['-o', ''], /--output .* folder/],
    [['--epochs', 'abc'], /--epochs .* 1 to 1000000, not `abc`/],
    [['--epochs', '0'], /--epochs .* 1 to 1000000, not `0`/],
    [['--epochs', '1.5'], /--epochs .* 1 to 1000000, not `1.5`/],
    [['--threads', '0'], /--threads .* 1 to 999, not `0`/],
    [['--workers', '-1'], /--workers .* 0 to 999, not `-1`/],
    [['--seed', 'x'], /--seed .* 0 to 4294967295, not `x`/],
    [['--device', 'gpu'], /--device .*cpu.*, not `gpu`/],
    [['--label', 'x'], /--label VALUE=CLASS|--label .*, not `x`/],
  ] as const)('%j', (args, message) => {
    const [code, text] = failed(...args);
    expect(code).toBe(2);
    expect(text).toContain('error[invalid-option-value]');
    expect(text).toMatch(message);
  });
});

describe('the spec', () => {
  test.each([
    ['nowhere.unet', 1, /error\[file-unreadable\]: .*nowhere\.unet: .* no such file/],
    ['set', 1, /error\[file-unreadable\]: .*set: .* a folder/],
    ['file', 1, /error\[no-network\]: file /],
  ])('%s', (target, code, message) => {
    const outcome = unet(['train', target, ...trainArguments('out').slice(2)], work);
    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });

  test('a network that is not in it', () => {
    const outcome = unet(['train', 'cells.unet#Nope', ...trainArguments('out').slice(2)], work);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/error\[unknown-network\]: .*`Nope`[\s\S]*cells\.unet#Small/),
    });
  });

  test('a recipe whose batch is larger than the memory, and one whose warm-up is longer than the training', () => {
    for (const [line, message] of [
      [
        'batch = 65536\n  patch = 4096 x 4096',
        /error\[step-memory\]: .* Small .*65536 patches of 4096 x 4096.*\nhelp: .*`patch`/,
      ],
      ['batch = 2\n  schedule = cosine(warmup: 1000)', /error\[warmup-too-long\]: .* 1000 .* 3 epochs /],
    ] as const) {
      writeFileSync(at('other.unet'), network + recipe.replace(/batch .*/, line));
      const outcome = unet(['train', 'other.unet', ...trainArguments('out').slice(2)], work);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(message);
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
        expect(failed('-o', output)).toEqual([
          1,
          expect.stringMatching(new RegExp(`error\\[file-unwritable\\]: .*${output}: .* read-only`)),
        ]);
      }
    } finally {
      spawnSync('umount', [at('small')]);
    }
  });

  test('--resume with an empty folder starts from the first step, with a note', () => {
    mkdirSync(at('fresh'));
    const { code, stderr } = unet(trainArguments('fresh', '--resume', '--epochs', '1'), work);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^note: fresh contains no run yet[^\n]*\nnote: no epoch has a mean Dice above 0 yet[^\n]*\n$/,
      ),
    });
  });
});
