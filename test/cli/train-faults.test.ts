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

/** The exit code and the failure, of one line and perhaps a remedy. Nothing may be written. */
function refusal(...args: readonly string[]): readonly [number | null, string] {
  const { code, stderr } = unet(trainArguments('out', ...args), work);
  expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  expect(stderr).toMatch(/^unet: error\[[^\n]*\n(?:help: [^\n]*\n)?$/);
  return [code, stderr.trimEnd()];
}

describe('folders of data', () => {
  test.each([
    ['no-masks', /error\[images-missing\]: no-masks .* no folder named masks/],
    ['no-images', /error\[images-missing\]: no-images .* no folder named images/],
    ['both-empty', /error\[images-missing\]: both-empty\/images and both-empty\/masks/],
    ['file', /error\[file-unreadable\]: .* file: .* not a folder/],
    ['set/images/cells-001.png', /error\[file-unreadable\]: .* not a folder/],
  ])('%s', (folder, failure) => {
    const [code, line] = refusal('-d', folder);
    expect(code).toBe(1);
    expect(line).toMatch(failure);
  });
});

describe('options', () => {
  test.each([
    ['-d', '', '--data'],
    ['-o', '', '--output'],
    ['--epochs', 'abc'],
    ['--epochs', '0'],
    ['--epochs', '1.5'],
    ['--threads', '0'],
    ['--workers', '-1'],
    ['--seed', 'x'],
    ['--device', 'gpu'],
    ['--label', 'x'],
  ])('%s "%s"', (option, value, name = option) => {
    const { code, stdout } = unet(trainArguments('out', option, value, '--json'), work);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 2,
      error: { code: 'invalid-option-value', args: { option: name, value } },
    });
    expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  });
});

describe('the spec', () => {
  test.each([
    ['nowhere.unet', 1, 'file-unreadable', { cause: 'ENOENT' }],
    ['set', 1, 'file-unreadable', { cause: 'EISDIR' }],
    ['file', 1, 'no-network', {}],
    ['cells.unet#Nope', 2, 'unknown-network', { path: 'cells.unet', network: 'Nope', networks: ['Small'] }],
  ])('%s', (target, exit, code, args) => {
    const outcome = unet(['train', target, ...trainArguments('out').slice(2), '--json'], work);
    expect(outcome.code).toBe(exit);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code, args } });
  });

  test('a recipe whose batch no memory holds, and one whose warmup no step is behind', () => {
    for (const [line, said] of [
      [
        'batch = 65536\n  patch = 4096 x 4096',
        /^unet: error\[step-memory\]: .*\nhelp: set `batch|^unet: error\[step-memory\]: .*\nhelp: set a smaller/,
      ],
      ['batch = 2\n  schedule = cosine(warmup: 1000)', /^unet: error\[warmup-too-long\]: .* 1000 steps/],
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
          expect.stringMatching(`error\\[file-unwritable\\]: .* ${output}: .* read-only`),
        ]);
      }
    } finally {
      spawnSync('umount', [at('small')]);
    }
  });

  test('--resume of an empty one begins there, and says so', () => {
    mkdirSync(at('fresh'));
    const { code, stderr } = unet(trainArguments('fresh', '--resume', '--epochs', '1'), work);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: fresh .*no run.*\n$/);
  });
});
