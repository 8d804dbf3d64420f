import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshFolder, unetProcess } from '../cli/unet.js';
import { peersPython } from '../formats/peers-python.js';

// Two public images, fetched by scripts/peers.sh. Each is cut into two halves with a gap between: one trains, the other
// tests.
const python = peersPython();
const data = python && join(python, '..', '..', 'data');
const files = ['img2d.tif', 'mask2d.tif', 'ch2.nii.gz', 'ch2bet.nii.gz'];
const isThere = data !== undefined && files.every((file) => existsSync(join(data, file)));

const spec = (name: string, size: string, channels: number, normalize: string, recipe: string) =>
  `unet ${name} { input = 1 x ${size}; classes = 2; depth = 3; channels = ${channels}; padding = same; norm = batch; normalize = ${normalize} }\n` +
  `training Fast { ${recipe}; batch = 8; patch = ${size}; seed = 0 }\n`;

let work = '';
beforeAll(() => {
  if (!isThere) return;
  work = freshFolder();
  execFileSync(python ?? '', [join(import.meta.dirname, 'real_sets.py'), 'cut', data, work]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Trains with one half, runs on the other, and gives the Dice of what is found, by another program. */
function diceOf(name: string, text: string, ending: string, ...options: readonly string[]): number {
  writeFileSync(join(work, `${name}.unet`), text);
  const train = ['train', `${name}.unet`, '--data', name, '--validation', '0', '-o', `runs/${name}`];
  expect(unetProcess([...train, ...options], work)).toMatchObject({ code: 0 });
  const found = `${name}-found${ending}`;
  expect(
    unetProcess(['run', `runs/${name}`, '--input', `${name}${ending}`, '-o', found], work),
  ).toMatchObject({
    code: 0,
  });
  const script = join(import.meta.dirname, 'real_sets.py');
  const [dice, place] = execFileSync(python ?? '', [script, 'dice', found, `${name}-truth${ending}`], {
    cwd: work,
    encoding: 'utf8',
  })
    .trim()
    .split(' ');
  expect(place).toBe('True');
  return Number(dice);
}

describe.skipIf(!isThere)('the half of an image that was not trained with', () => {
  test('nuclei in 16 bits whose masks number the objects: Dice of at least 0.90', {
    timeout: 900_000,
  }, () => {
    const text = spec(
      'Nuclei',
      '64 x 64',
      16,
      'percentile(1, 99.8)',
      'epochs = 30; augment = [flip, rotate90]',
    );
    expect(diceOf('nuclei', text, '.tif', '--label', '*=1')).toBeGreaterThanOrEqual(0.9);
  });

  test('a brain in slices: Dice of at least 0.85, in its place', { timeout: 900_000 }, () => {
    const text = spec('Brain', '96 x 96', 8, 'zscore', 'epochs = 3; augment = [flip]');
    expect(diceOf('brain', text, '.nii.gz')).toBeGreaterThanOrEqual(0.85);
  });
});
