import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { filesBelow, freshFolder, putPng } from './folder.js';

describe('unet data cells', () => {
  test('writes a set, and prints a summary for people or machines', () => {
    const folder = freshFolder();
    const size = ['--count', '2', '--size', '64 x 48'];
    const { code, stdout, stderr } = unet(['data', 'cells', '--out', 'a', ...size], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^wrote 2 images of 64 x 48 with masks and instances into a: \d+ cells, \d+ pairs of cells touch\n$/,
    );
    const json = JSON.parse(unet(['data', 'cells', '--out', 'b', ...size, '--json'], folder).stdout);
    expect(json).toMatchObject({
      folder: 'b',
      description: join('b', 'dataset.json'),
      shape: [64, 48],
      count: 2,
      seed: 0,
    });
    expect(stdout).toContain(`${json.cells} cells, ${json.touching} pairs`);
    const names = ['cells-001.png', 'cells-002.png'];
    const parts = ['images', 'instances', 'masks'].flatMap((part) => names.map((name) => join(part, name)));
    expect(filesBelow(join(folder, 'b'))).toEqual(['dataset.json', ...parts]);
    const again = unet(['data', 'cells', '--out', 'a', ...size], folder);
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/error\[output-folder-used\]: a /),
    });
  });

  test('volumes', () => {
    const folder = freshFolder();
    const args = [
      '--out',
      'v',
      '--count',
      '1',
      '--size',
      '16x32x40',
      '--volume',
      '--spacing',
      '2 x 1 x 1',
      '--radius',
      '9',
    ];
    const { code, stdout } = unet(['data', 'cells', ...args, '--json'], folder);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ shape: [16, 32, 40], spacing: [2, 1, 1], radius: 9 });
    expect(existsSync(join(folder, 'v/images/cells-001.nii.gz'))).toBe(true);
  });

  test.each([
    [['--size', 'large'], 2, /error\[invalid-option-value\]: --size .*`large`/],
    [['--size', '8x8x8'], 2, /error\[invalid-option-value\]: --size .*`8x8x8`/],
    [['--size', '8'], 1, /error\[cell-set-setting\]: .* 16, .*8 x 8/],
    [['--count', '0'], 1, /error\[cell-set-setting\]: .*1000000.* 0$/m],
    [['--count', '-2'], 2, /error\[invalid-option-value\]: --count .*`-2`/],
    [['--seed', 'x'], 2, /error\[invalid-option-value\]: --seed .*`x`/],
    [['--radius', 'x'], 2, /error\[invalid-option-value\]: --radius .*`x`/],
    [['--bits', '12'], 2, /error\[invalid-option-value\]: --bits .*8 or 16.*`12`/],
    [['--classes', '4'], 2, /error\[invalid-option-value\]: --classes .*2 or 3.*`4`/],
    [['--spacing', '2'], 2, /error\[incomplete-options\]: --spacing .*--volume/],
    [['--volume', '--spacing', '1x2'], 2, /error\[invalid-option-value\]: --spacing .*`1x2`/],
  ])('%j is one line', (args, code, message) => {
    const folder = freshFolder();
    const result = unet(['data', 'cells', '--out', 'a', ...args], folder);
    expect(result).toEqual({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(result.stderr.trimEnd()).not.toContain('\n');
    expect(filesBelow(folder)).toEqual([]);
  });
});

describe('unet data check', () => {
  test('warns of 12 bits in files of 16, which reach a network near 0', async () => {
    const folder = freshFolder();
    const dim = Array.from({ length: 64 }, (_, i) => Math.floor(4095 * (i / 64) ** 3));
    await putPng(join(folder, 'set/images/a.png'), dim, 8, 1, 16);
    await putPng(
      join(folder, 'set/masks/a.png'),
      dim.map((_, i) => (i < 32 ? 0 : 255)),
      8,
    );
    const { stdout, stderr } = unet(['data', 'check', 'set'], folder);
    expect(stdout).toContain(`values: 0 to ${(dim.at(-1) ?? 0).toLocaleString('en')};`);
    expect(stderr).toMatch(/normalize = none.*normalize = zscore/);
    const { notes } = JSON.parse(unet(['data', 'check', 'set', '--json'], folder).stdout);
    expect(notes).toHaveLength(1);
  });

  test('counts, or everything that is wrong', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'set/images/a.png'), [0, 10, 20, 30, 40, 50, 60, 70], 4);
    await putPng(join(folder, 'set/masks/a.png'), [0, 0, 0, 255, 255, 3, 3, 3], 4);
    const labels = ['--label', '0=0', '--label', '255=1'];
    const good = unet(['data', 'check', 'set', ...labels, '--ignore', '3'], folder);
    expect(good).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'set: 1 image with masks, 1 x 2 x 4\nvalues: 0 to 70; percentiles 0.5, 50 and 99.5: 0, 30, 70\nclass 0 (value 0): 37.5 %\nclass 1 (value 255): 25.0 %\nignored (value 3): 37.5 %\n',
    });
    const json = unet(['data', 'check', 'set', ...labels, '--ignore', '3', '--json'], folder);
    expect(JSON.parse(json.stdout)).toMatchObject({ samples: 1, channels: 1, sizes: ['2 x 4'], ignored: 3 });
    expect(JSON.parse(json.stdout).values).toMatchObject([{ min: 0, max: 70, mean: 35, p50: 30 }]);
    const bad = unet(['data', 'check', 'set', ...labels], folder);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(
      /error\[data-set-invalid\]: set: .*1 problem\n {2}set.masks.a\.png: .* 3 \(3 times\)\n$/,
    );
    await putPng(join(folder, 'set/images/b.png'), [0], 1);
    await putPng(join(folder, 'set/masks/c.png'), [0], 1);
    expect(unet(['data', 'check', 'set'], folder).stderr.split('\n').length).toBe(4);
    expect(unet(['data', 'check', 'set', '--label', '5'], folder)).toMatchObject({ code: 2 });
    expect(unet(['data', 'check', 'none'], folder).stderr).toMatch(/error\[file-unreadable\]: .*none/);
  });

  test('pairs by patterns, with a file for each class', async () => {
    const folder = freshFolder();
    for (const name of ['p', 'q']) {
      await putPng(join(folder, `set/${name}/scan_t1.png`), [1, 2, 3, 4], 4);
      await putPng(join(folder, `set/${name}/scan_t2.png`), [5, 6, 7, 8], 4);
      await putPng(join(folder, `set/${name}/rib.png`), [0, 255, 0, 0], 4);
      await putPng(join(folder, `set/${name}/disc.png`), [0, 0, 255, 255], 4);
    }
    const patterns = ['--images', '{case}/scan_{channel}.png', '--masks', '{case}/{class}.png'];
    const { code, stdout, stderr } = unet(['data', 'check', 'set', ...patterns, '--json'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { samples, channels, classes, notes } = JSON.parse(stdout);
    expect(notes.join()).toMatch(/t1 and t2.*1 is disc, 2 is rib/);
    expect({ samples, channels }).toEqual({ samples: 2, channels: 2 });
    expect(classes.map((one: { positions: number }) => one.positions)).toEqual([2, 4, 2]);
    const wrong = unet(['data', 'check', 'set', '--images', '{case}/scan_t1.png'], folder);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/error\[invalid-option-value\]: --masks/),
    });
  });
});
