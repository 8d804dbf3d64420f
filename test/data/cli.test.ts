import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { filesBelow, freshFolder, putPng } from './folder.js';

describe('unet data cells', () => {
  test('writes a set, and says what it is for people and machines', () => {
    const folder = freshFolder();
    const size = ['--count', '2', '--size', '64 x 48'];
    const { code, stdout, stderr } = unet(['data', 'cells', '--out', 'a', ...size], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
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
    expect(again).toEqual({ code: 1, stdout: '', stderr: 'unet: a is not empty: nothing was written\n' });
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
    [['--size', 'large'], 2, 'invalid-option-value', { option: '--size', value: 'large' }],
    [['--size', '8x8x8'], 2, 'invalid-option-value', { option: '--size', value: '8x8x8' }],
    [['--size', '8'], 1, 'cell-set-setting', { problem: { setting: 'size', shape: [8, 8], least: 16 } }],
    [['--count', '0'], 1, 'cell-set-setting', { problem: { setting: 'count', value: 0 } }],
    [['--count', '-2'], 2, 'invalid-option-value', { option: '--count', value: '-2' }],
    [['--seed', 'x'], 2, 'invalid-option-value', { option: '--seed', value: 'x' }],
    [['--radius', 'x'], 2, 'invalid-option-value', { option: '--radius', value: 'x' }],
    [['--bits', '12'], 2, 'invalid-option-value', { wanted: { oneOf: ['8', '16'] } }],
    [['--classes', '4'], 2, 'invalid-option-value', { wanted: { oneOf: ['2', '3'] } }],
    [['--spacing', '2'], 2, 'incomplete-options', { option: '--spacing', required: 'volume' }],
    [['--volume', '--spacing', '1x2'], 2, 'invalid-option-value', { option: '--spacing', value: '1x2' }],
  ])('%j fails', (options, exit, code, args) => {
    const folder = freshFolder();
    const result = unet(['data', 'cells', '--out', 'a', ...options, '--json'], folder);
    expect(result.code).toBe(exit);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code, args } });
    expect(filesBelow(folder)).toEqual([]);
  });
});

describe('unet data check', () => {
  test('counts, or all that is wrong', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'set/images/a.png'), [0, 1, 2, 3, 4, 5, 6, 7], 4);
    await putPng(join(folder, 'set/masks/a.png'), [0, 0, 0, 255, 255, 3, 3, 3], 4);
    const labels = ['--label', '0=0', '--label', '255=1'];
    const good = unet(['data', 'check', 'set', ...labels, '--ignore', '3'], folder);
    expect(good).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'set: 1 image with masks, 1 x 2 x 4\nclass 0 (value 0): 37.5 %\nclass 1 (value 255): 25.0 %\nignored (value 3): 37.5 %\n',
    });
    const json = unet(['data', 'check', 'set', ...labels, '--ignore', '3', '--json'], folder);
    expect(JSON.parse(json.stdout)).toMatchObject({ samples: 1, channels: 1, sizes: ['2 x 4'], ignored: 3 });
    const bad = unet(['data', 'check', 'set', ...labels], folder);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(
      /^unet: error\[data-set-invalid\]: set: .*\n {2}set\/masks\/a\.png: .* 3 \(3 times\)\n$/,
    );
    await putPng(join(folder, 'set/images/b.png'), [0], 1);
    await putPng(join(folder, 'set/masks/c.png'), [0], 1);
    expect(unet(['data', 'check', 'set'], folder).stderr.split('\n').length).toBe(4);
    expect(unet(['data', 'check', 'set', '--label', '5'], folder)).toMatchObject({ code: 2 });
    expect(unet(['data', 'check', 'none'], folder).stderr).toMatch(
      /^unet: error\[file-unreadable\]: .* none: .*\n$/,
    );
  });
});
