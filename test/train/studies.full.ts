import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { bin, freshFolder } from '../cli/unet.js';
import { niftiOf, readVolume } from '../data/read-volume.js';

/** Runs a command that must succeed, beside this process: a worker of vitest that is silent for long is given up. */
async function must(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args], { cwd, encoding: 'utf8' });
  return stdout;
}

/** The best Dice of a run. */
function bestOf(folder: string, run: string): number {
  return JSON.parse(readFileSync(join(folder, run, 'metrics.json'), 'utf8')).best.value;
}

/** How many cells of the validation images the report counts as merged with a neighbour. */
function mergedIn(folder: string, run: string): number {
  const report = readFileSync(join(folder, run, 'report.md'), 'utf8');
  return Number(/(\d+) merged with a neighbour/.exec(report)?.[1]);
}

describe('synthetic cells, 64 images of 128 x 128', () => {
  let folder = '';
  beforeAll(async () => {
    folder = freshFolder();
    await must(['data', 'cells', '--out', 'set', '--count', '64', '--size', '128'], folder);
    const training = (name: string, more: string) =>
      `training ${name} { loss = cross_entropy  optimizer = adam(lr: 0.003)  epochs = 8  batch = 4  augment = [flip, rotate90]  seed = 1 ${more} }\n`;
    const net =
      'unet Cells { input = 1 x 128 x 128  classes = 2  depth = 3  channels = 16  padding = same  norm = batch  bias = false }\n';
    const border = training('Border', 'weight_map = border(w0: 10, sigma: 5px)');
    writeFileSync(join(folder, 'cells.unet'), net + training('Plain', '') + border);
    for (const recipe of ['Plain', 'Border']) {
      await must(['train', 'cells.unet', '--recipe', recipe, '--data', 'set', '-o', recipe], folder);
    }
  }, 300_000);

  test('a small U-Net reaches a Dice of 0.90', () => {
    expect(bestOf(folder, 'Plain')).toBeGreaterThan(0.9);
    expect(bestOf(folder, 'Border')).toBeGreaterThan(0.9);
  });

  test('with the border map fewer touching cells are merged', () => {
    expect(mergedIn(folder, 'Border')).toBeLessThan(0.9 * mergedIn(folder, 'Plain'));
  });
});

describe('volumes of cells', () => {
  const UNLABELLED = 9;
  const LABELLED = [5, 12, 19];

  /** A copy of a set in which only three slices of each training volume are labelled; validation keeps all. */
  async function sparse(folder: string, validation: readonly string[]): Promise<void> {
    cpSync(join(folder, 'full'), join(folder, 'sparse'), { recursive: true });
    for (const file of readdirSync(join(folder, 'full/masks'))) {
      if (validation.some((name) => file.startsWith(name))) continue;
      const path = join(folder, 'sparse/masks', file);
      const read = await readVolume(path);
      if (read instanceof Failure) throw new Error(read.message);
      const { shape, data } = read.volume;
      const [depth = 0, height = 0, width = 0] = shape;
      expect(depth).toBeGreaterThan(Math.max(...LABELLED));
      const kept = Uint8Array.from(data, (value, i) =>
        LABELLED.includes(Math.floor(i / (height * width))) ? value : UNLABELLED,
      );
      writeFileSync(path, niftiOf(shape, read.header.geometry?.spacing ?? [1, 1, 1], kept, 'um'));
    }
  }

  test('three labelled slices reach 0.85 of what full labels reach', async () => {
    const folder = freshFolder();
    await must(
      [
        'data',
        'cells',
        '--out',
        'full',
        '--count',
        '8',
        '--size',
        '24 x 40 x 40',
        '--volume',
        '--radius',
        '8',
      ],
      folder,
    );
    mkdirSync(join(folder, 'lists'));
    writeFileSync(join(folder, 'lists/validation.txt'), 'cells-007\ncells-008\n');
    await sparse(folder, ['cells-007', 'cells-008']);
    writeFileSync(
      join(folder, 'net.unet'),
      `unet Net { input = 1 x 24 x 40 x 40  classes = 2  depth = 2  channels = 8  padding = same  norm = instance  bias = false }
training T { loss = cross_entropy  optimizer = adam(lr: 0.003)  epochs = 20  batch = 2  augment = [flip]  seed = 1 }`,
    );
    const labels = ['--label', '0=0', '--label', '1=1', '--ignore', String(UNLABELLED)];
    const values = await must(['data', 'check', 'full', '--json'], folder);
    const [, cell] = JSON.parse(values).classes;
    const named = labels.map((text) => text.replace('1=1', `${cell.values[0]}=1`));
    for (const set of ['full', 'sparse']) {
      await must(
        [
          'train',
          'net.unet',
          '--data',
          set,
          '-o',
          `run-${set}`,
          '--validation',
          'lists/validation.txt',
          ...named,
        ],
        folder,
      );
    }
    const [full, few] = [bestOf(folder, 'run-full'), bestOf(folder, 'run-sparse')];
    expect(full).toBeGreaterThan(0.8);
    expect(few / full).toBeGreaterThan(0.85);
  });
});
