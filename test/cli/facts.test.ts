import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshFolder, unet } from './unet.js';

function json(...args: string[]) {
  const { code, stdout, stderr } = unet([...args, '--json']);
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('unet table', () => {
  test('--json has the published numbers of U-Net 2015', () => {
    const table = json('table', 'specs/unet2d.unet');
    expect(Object.keys(table)).toEqual(
      expect.arrayContaining([
        'network',
        'input',
        'output',
        'stages',
        'params',
        'trainableParams',
        'macs',
        'memory',
        'crops',
        'context',
      ]),
    );
    expect(table).toMatchObject({
      network: 'UNet2D',
      input: { channels: 1, spatial: [572, 572] },
      output: { channels: 2, spatial: [388, 388] },
      params: 31_030_658,
      trainableParams: 31_030_658,
      crops: { 1: [88, 88], 2: [40, 40], 3: [16, 16], 4: [4, 4] },
      context: [184, 184],
    });
    const bottleneck = table.stages.find((row: { stage: string }) => row.stage === 'bottleneck');
    expect(bottleneck).toEqual({
      stage: 'bottleneck',
      channels: 1024,
      spatial: [28, 28],
      params: 9 * 512 * 1024 + 1024 + 9 * 1024 * 1024 + 1024,
      macs: 9 * 512 * 1024 * 30 * 30 + 9 * 1024 * 1024 * 28 * 28,
      receptiveField: [140, 140],
    });
    const sums = table.stages.reduce((sum: number, row: { params: number }) => sum + row.params, 0);
    expect(sums).toBe(table.params);
  });

  test('is aligned as text, and complete as Markdown and CSV', () => {
    const text = unet(['table', 'specs/unet3d.unet']).stdout;
    const lines = text.split('\n').slice(0, 20);
    // Right-aligned numbers: every size ends in the same column.
    const ends = lines.flatMap((line) => /^\S+ +\d+ +(\d+ x \d+ x \d+)/.exec(line)?.[0].length ?? []);
    expect(new Set(ends).size).toBe(1);
    expect(text).toContain('19,069,955 parameters');
    const markdown = unet(['table', 'specs/unet3d.unet', '--format', 'markdown']).stdout;
    expect(markdown).toMatch(/^\| stage \| channels \|/);
    const csv = unet(['table', 'specs/unet3d.unet', '--format', 'csv']).stdout.trim().split('\n');
    expect(csv[0]?.split(',')).toHaveLength(6);
    for (const line of csv) expect(line.split(',')).toHaveLength(6);
    expect(csv).toContain('output,3,44 x 44 x 28,195,10407936,100');
  });

  test('--input gives another size', () => {
    const table = json('table', 'specs/unet2d.unet', '--input', '1x188x204');
    expect(table.output.spatial).toEqual([4, 20]);
  });
});

describe('unet sizes', () => {
  test('--json states the rule and the neighbours of 570', () => {
    const sizes = json('sizes', 'specs/unet2d.unet', '--near', '570');
    expect(sizes.axes).toEqual([
      { axis: 'H', step: 16, offset: 124, minimum: 188 },
      { axis: 'W', step: 16, offset: 124, minimum: 188 },
    ]);
    expect(sizes.nearest).toEqual({ below: [556, 556], above: [572, 572] });
    expect(sizes.examples).toContainEqual({ input: [572, 572], output: [388, 388] });
  });

  test('as text states the closed form', () => {
    const { stdout } = unet(['sizes', 'specs/unet3d.unet']);
    expect(stdout).toContain('D: in = 8b + 60, out = 8b - 28, b >= 4');
    expect(unet(['sizes', 'specs/unet2d.unet', '--near', '1']).stdout).toContain('nearest that fit: 188');
  });
});

describe('unet diff', () => {
  test('--json lists the settings and stages that differ', () => {
    const path = join(freshFolder(), 'pair.unet');
    writeFileSync(
      path,
      'unet A { input = 1 x 64 x 64 classes = 2 depth = 2 channels = 8 padding = same }\nunet B extends A { skip[2] = none }\n',
    );
    const diff = json('diff', `${path}#A`, `${path}#B`);
    expect(diff).toMatchObject({ a: 'A', b: 'B' });
    expect(diff.fields).toContainEqual({ path: 'skip[2]', a: 'concat(order: skip_first)', b: 'none' });
    expect(diff.stages).toEqual([{ stage: 'skip[2]', a: { channels: 16, spatial: [32, 32] }, b: null }]);
    // Level 2 joins 16 channels less: its first 3x3 conv to 16 channels loses 16 x 9 x 16 weights.
    expect(diff.params.a - diff.params.b).toBe(16 * 9 * 16);
    expect(diff.macs.a - diff.macs.b).toBe(16 * 9 * 16 * 32 * 32);
    expect(unet(['diff', `${path}#A`, `${path}#B`]).stdout).toContain('skip[2]');
  });
});

test('diff sees blocks of the same name and other content, and params behind arguments', () => {
  const folder = freshFolder();
  const spec = (body: string, width: number) => `param width = ${width}
block Own(c, w = width) { input -> ${body} -> conv(3, w) -> conv(1, c) }
unet A { input = 1 x 16 x 16 classes = 2 depth = 1 channels = 4 padding = same block = Own(w: width) }
`;
  writeFileSync(join(folder, 'a.unet'), spec('conv(3, c)', 4));
  writeFileSync(join(folder, 'b.unet'), spec('conv(3, c) -> conv(3, c)', 4));
  writeFileSync(join(folder, 'c.unet'), spec('conv(3, c)', 6));
  const paths = (a: string, b: string) =>
    json('diff', join(folder, a), join(folder, b)).fields.map((field: { path: string }) => field.path);
  expect(paths('a.unet', 'b.unet')).toEqual(['block Own']);
  expect(paths('a.unet', 'c.unet')).toEqual(['param width']);
  expect(paths('a.unet', 'a.unet')).toEqual([]);
});

test('facts are shown although an expectation fails; a build is not made', () => {
  const path = join(freshFolder(), 'a.unet');
  writeFileSync(path, 'unet A { input = 1 x 188 x 188 classes = 2 channels = 4 expect { params == 1 } }');
  const table = unet(['table', path]);
  expect(table.code).toBe(0);
  expect(table.stderr).toContain('expectation-failed');
  expect(table.stdout).toContain('188 x 188');
  expect(unet(['build', path, '-t', 'onnx', '-o', `${path}.onnx`]).code).toBe(1);
  expect(unet(['check', path]).code).toBe(1);
});

describe('several networks', () => {
  test('are listed where one must be named', () => {
    const { code, stderr } = unet(['table', 'specs/unet2d-padded.unet']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /error\[network-not-chosen\][\s\S]*specs\/unet2d-padded\.unet#UNet2DPaddedBilinear/,
    );
    expect(unet(['table', 'specs/unet2d-padded.unet#UNet2DPaded']).stderr).toMatch(
      /error\[unknown-network\][\s\S]*`specs\/unet2d-padded\.unet#UNet2DPadded`/,
    );
  });
});
