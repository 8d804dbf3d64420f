import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import { writeSafetensors } from '../../src/weights/formats/safetensors-write.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { freshFolder, unet } from './unet.js';

const small = `unet Small {
  input = 1 x 32 x 48
  classes = 3
  depth = 2
  channels = 4
  padding = same
}
unet Volume {
  input = 2 x 8 x 12 x 16
  classes = 2
  depth = 1
  channels = 2
  padding = same
  head = sigmoid
}
`;

function folderWithSpec(): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'small.unet'), small);
  return folder;
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('unet fmt', () => {
  test('formats, then has nothing to do; --check changes nothing', () => {
    const folder = freshFolder();
    const path = join(folder, 'a.unet');
    const ugly = 'unet  A{input=1x64x64 // size\nclasses=2}\n';
    writeFileSync(path, ugly);
    expect(unet(['fmt', '--check', 'a.unet'], folder)).toMatchObject({
      code: 1,
      stdout: 'a.unet: would change\n',
    });
    expect(readFileSync(path, 'utf8')).toBe(ugly);
    expect(unet(['fmt', 'a.unet'], folder)).toMatchObject({ code: 0, stdout: 'a.unet: changed\n' });
    expect(readFileSync(path, 'utf8')).toContain('// size');
    expect(unet(['fmt', '--check', 'a.unet'], folder)).toMatchObject({ code: 0, stdout: '' });
  });

  test('says of a file that cannot be read why, for machines too', () => {
    const { code, stdout, stderr } = unet(['fmt', 'none.unet', '--json'], freshFolder());
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[file-unreadable\]: .*none\.unet/);
    expect(JSON.parse(stdout).files).toMatchObject([
      { file: 'none.unet', state: 'failed', error: { code: 'file-unreadable', args: { cause: 'ENOENT' } } },
    ]);
  });

  test('never touches a file with errors', () => {
    const folder = freshFolder();
    const path = join(folder, 'a.unet');
    writeFileSync(path, 'unet A { depth = = 4 }');
    expect(unet(['fmt', 'a.unet'], folder).code).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('unet A { depth = = 4 }');
  });

  test('the specs are formatted', () => {
    const { code, stdout } = unet([
      'fmt',
      '--check',
      'specs/unet2d.unet',
      'specs/unet3d.unet',
      'specs/unet2d-padded.unet',
      'specs/lib/blocks.unet',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

describe('unet build', () => {
  test('same spec, same seed, same bytes; another seed, other bytes', () => {
    const folder = folderWithSpec();
    const build = (name: string, ...more: string[]) => {
      expect(unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', name, ...more], folder).code).toBe(0);
      return sha256(join(folder, name));
    };
    const first = build('a.onnx');
    expect(build('b.onnx', '--seed', '0')).not.toBe('');
    expect(sha256(join(folder, 'b.onnx'))).toBe(first);
    expect(build('c.onnx', '--seed', '1')).not.toBe(first);
  });

  test('weights from a safetensors file make the model that their seed makes', () => {
    const folder = folderWithSpec();
    const { graph } = compile('small.unet', small).networks[0] ?? {};
    if (!graph) throw new Error('the spec has errors');
    writeFileSync(
      join(folder, 'w.safetensors'),
      Buffer.concat(
        Array.from(writeSafetensors(graph, seededWeights(5)).chunks, (chunk) => Buffer.from(chunk)),
      ),
    );
    const build = (name: string, ...more: string[]) =>
      unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', name, ...more], folder).code;
    expect(build('a.onnx', '--weights', 'w.safetensors')).toBe(0);
    expect(build('b.onnx', '--seed', '5')).toBe(0);
    expect(sha256(join(folder, 'a.onnx'))).toBe(sha256(join(folder, 'b.onnx')));
    // The other network of the file has other tensors: each is named.
    const other = unet(
      ['build', 'small.unet#Volume', '-t', 'onnx', '-o', 'c.onnx', '--weights', 'w.safetensors'],
      folder,
    );
    expect(other.code).toBe(1);
    expect(other.stderr.split('\n').length).toBeGreaterThan(5);
  });

  test('puts the weights beside the model', () => {
    const folder = folderWithSpec();
    const { stdout } = unet(
      ['build', 'small.unet#Small', '-t', 'onnx', '-o', 'out/m.onnx', '--external-data', '--json'],
      folder,
    );
    expect(JSON.parse(stdout).files).toEqual(['out/m.onnx', 'out/m.onnx.data']);
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['m.onnx', 'm.onnx.data']);
  });

  test('weights of another network: every difference at once, and nothing written', () => {
    const folder = folderWithSpec();
    writeFileSync(join(folder, 'w.safetensors'), 'no safetensors');
    const { code, stderr } = unet(
      ['build', 'small.unet#Small', '-t', 'onnx', '-o', 'm.onnx', '--weights', 'w.safetensors'],
      folder,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[weights-mismatch\]: w\.safetensors .*Small:\n/);
    expect(existsSync(join(folder, 'm.onnx'))).toBe(false);
  });

  test('an unwritable destination is one clear line, and leaves nothing behind', () => {
    const folder = folderWithSpec();
    mkdirSync(join(folder, 'taken.onnx'));
    const taken = unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', 'taken.onnx'], folder);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/^unet: error\[file-unwritable\]: .*taken\.onnx.*\n$/);
    writeFileSync(join(folder, 'file'), '');
    const below = unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', 'file/m.onnx'], folder);
    expect(below.stderr).toMatch(/^unet: error\[file-unwritable\]: .*file\/m\.onnx.*\n$/);
    if (process.getuid?.() !== 0) {
      mkdirSync(join(folder, 'locked'));
      chmodSync(join(folder, 'locked'), 0o500);
      const locked = unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', 'locked/m.onnx'], folder);
      expect(locked.stderr).toMatch(/error\[file-unwritable\]: .*permission/);
    }
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('a full disk is one clear line', (context) => {
    // Writing to /dev/full always fails with "no space left".
    if (!existsSync('/dev/full')) return context.skip();
    const folder = folderWithSpec();
    const { code, stderr } = unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', '/dev/full'], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^unet: error\[file-unwritable\]: .*\/dev\/full.*full\nhelp: .*\n$/);
  });

  test('an opset that is not there is refused with the ones that are', () => {
    const { code, stderr } = unet(
      ['build', 'small.unet#Small', '-t', 'onnx', '-o', 'm.onnx', '--opset', '9'],
      folderWithSpec(),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[unsupported-opset\].*13.*22/);
  });
});

describe('unet run', () => {
  async function withModel(...options: string[]): Promise<string> {
    const folder = folderWithSpec();
    expect(unet(['build', 'small.unet#Small', '-t', 'onnx', '-o', 'm.onnx', ...options], folder).code).toBe(
      0,
    );
    return folder;
  }

  test('an image of any size becomes a mask of its size, and a probability image a class', async () => {
    const folder = await withModel('--dynamic');
    const pixels = Uint8Array.from({ length: 70 * 50 * 3 }, (_, i) => (i * 37) % 256);
    await sharp(pixels, { raw: { width: 70, height: 50, channels: 3 } })
      .jpeg()
      .toFile(join(folder, 'i.jpg'));
    const run = unet(
      ['run', 'm.onnx', '-i', 'i.jpg', '-o', 'mask.png', '--probabilities', 'p', '--json'],
      folder,
    );
    expect(run.code).toBe(0);
    const result = JSON.parse(run.stdout);
    expect(result.output).toEqual(['mask.png', 'p-0.png', 'p-1.png', 'p-2.png']);
    expect(result.shape).toEqual([3, 50, 70]);
    expect(result.fit).toMatch(/^1 x 50 x 70: one window of 52 x 72, borders mirrored/);
    expect(Object.keys(result.seconds)).toEqual(['load', 'run', 'total']);
    for (const name of result.output) {
      expect(await sharp(join(folder, name)).metadata()).toMatchObject({
        width: 70,
        height: 50,
        channels: 1,
      });
    }
    // The mask is the class with the largest probability: brighter than the others up to rounding.
    const read = async (name: string) => (await sharp(join(folder, name)).raw().toBuffer()) as Uint8Array;
    const mask = await read('mask.png');
    const classes = await Promise.all(['p-0.png', 'p-1.png', 'p-2.png'].map(read));
    for (const [i, value] of mask.entries()) {
      const best = Math.round((value / 255) * 2);
      const largest = Math.max(...classes.map((one) => one[i] ?? 0));
      expect(classes[best]?.[i]).toBeGreaterThanOrEqual(largest - 1);
    }
  });

  test('16-bit gray TIFF, resized to a model of fixed size', async () => {
    const folder = await withModel();
    const pixels = Uint16Array.from({ length: 64 * 64 }, (_, i) => (i * 977) % 65536);
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 1 } })
      .toColourspace('grey16')
      .tiff()
      .toFile(join(folder, 'i.tiff'));
    const run = unet(
      ['run', 'm.onnx', '-i', 'i.tiff', '-o', 'mask.png', '--fit', 'resize', '--labels'],
      folder,
    );
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/resized/);
    const { data } = await sharp(join(folder, 'mask.png')).raw().toBuffer({ resolveWithObject: true });
    expect(Math.max(...data)).toBeLessThanOrEqual(2);
  });

  test('a volume goes in and out as .npy, straight from a spec', () => {
    const folder = folderWithSpec();
    const data = Float32Array.from({ length: 2 * 8 * 12 * 16 }, (_, i) => Math.sin(i));
    writeFileSync(join(folder, 'v.npy'), Buffer.concat([...npyChunks({ shape: [2, 8, 12, 16], data })]));
    const run = unet(['run', 'small.unet#Volume', '-i', 'v.npy', '-o', 'p.npy'], folder);
    expect(run.code).toBe(0);
    const output = readNpy(join(folder, 'p.npy'));
    expect(output).toMatchObject({ shape: [2, 8, 12, 16] });
    const values = 'data' in output ? output.data : new Float32Array();
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
  });

  test('a network of another resolution is refused, not laid over the image', async () => {
    const folder = freshFolder();
    writeFileSync(
      join(folder, 'half.unet'),
      `block Half(c) { input -> conv(3, c, stride: 2) }
unet H { input = 1 x 64 x 64 classes = 2 depth = 1 channels = 4 padding = same decoder_block = Half }
`,
    );
    await sharp({ create: { width: 90, height: 70, channels: 3, background: 'red' } })
      .png()
      .toFile(join(folder, 'i.png'));
    expect(unet(['build', 'half.unet', '-t', 'onnx', '-o', 'half.onnx'], folder).code).toBe(0);
    for (const model of ['half.onnx', 'half.unet']) {
      const { code, stderr } = unet(['run', model, '-i', 'i.png', '-o', 'mask.png'], folder);
      expect(code).toBe(1);
      expect(stderr).toMatch(/error\[output-resolution\]: .*0\.5 x 0\.5/);
      expect(existsSync(join(folder, 'mask.png'))).toBe(false);
    }
  });

  test('what cannot be done is one clear line', async () => {
    const folder = await withModel();
    writeFileSync(join(folder, 'junk.png'), 'no image');
    writeFileSync(join(folder, 'junk.onnx'), 'no model');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toFile(join(folder, 'i.png'));
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['m.onnx', '-i', 'junk.png', '-o', 'mask.png'], /error\[header-damaged\]: .*junk\.png/],
      [['m.onnx', '-i', 'none.png', '-o', 'mask.png'], /error\[file-unreadable\]: .*none\.png/],
      [['junk.onnx', '-i', 'i.png', '-o', 'mask.png'], /error\[not-onnx\]: junk\.onnx/],
      [['none.onnx', '-i', 'i.png', '-o', 'mask.png'], /error\[file-unreadable\]: .*none\.onnx/],
      [
        ['m.onnx', '-i', 'i.png', '-o', 'mask.bmp'],
        /error\[invalid-output-path\]: .*\.png, \.tif.*mask\.bmp/,
      ],
      [
        ['m.onnx', '-i', 'i.png', '-o', 'mask.png', '--device', 'gpu'],
        /error\[invalid-option-value\]: --device/,
      ],
      [['small.unet#Volume', '-i', 'i.png', '-o', 'mask.png'], /error\[unexpected-axes\][\s\S]*i\.png/],
      [['m.onnx', '-i', 'i.png', '-o', 'mask.png', '--seed', '1'], /error\[needless-option\]: --seed/],
    ];
    for (const [args, expected] of cases) {
      const { code, stderr } = unet(['run', ...args], folder);
      expect(code, args.join(' ')).not.toBe(0);
      expect(stderr).toMatch(expected);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(existsSync(join(folder, 'mask.png'))).toBe(false);
    }
  });
});

describe('unet draw, explain, init', () => {
  test('draw writes an SVG with the network in it', () => {
    const folder = folderWithSpec();
    expect(unet(['draw', 'small.unet#Small', '-o', 'a.svg'], folder).code).toBe(0);
    const svg = readFileSync(join(folder, 'a.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(svg).toContain('32 x 48');
    expect(unet(['draw', 'small.unet#Small'], folder).stdout.trim()).toBe(svg.trim());
  });

  test('explain shows a page, and finds the code that was meant', () => {
    expect(unet(['explain', 'input-does-not-fit']).stdout).toMatch(/^# /);
    const { stderr } = unet(['explain', 'input-does-not-fitt']);
    expect(stderr).toMatch(/error\[unknown-code\][\s\S]*`input-does-not-fit`/);
    expect(unet(['explain']).stdout.split('\n').length).toBeGreaterThan(150);
  });

  test('explain knows diagnostics and failures, with a kind and a summary for machines', () => {
    expect(unet(['explain', 'npy-damaged']).stdout).toMatch(/^# `npy-damaged`\n/);
    const { codes } = JSON.parse(unet(['explain', '--json']).stdout);
    expect(codes).toContainEqual({
      code: 'npy-damaged',
      kind: 'failure',
      severity: 'error',
      summary: expect.any(String),
    });
    expect(codes).toContainEqual(expect.objectContaining({ code: 'norm-of-one', kind: 'diagnostic' }));
    expect(JSON.parse(unet(['explain', 'usage', '--json']).stdout)).toMatchObject({
      code: 'usage',
      page: expect.stringMatching(/^# `usage`\n/),
    });
  });

  test('init makes a project that checks clean and is formatted, once', () => {
    const folder = freshFolder();
    expect(unet(['init', 'p'], folder).code).toBe(0);
    expect(unet(['check', 'p/net.unet', 'p/variants.unet'], folder).code).toBe(0);
    expect(unet(['fmt', '--check', 'p/net.unet', 'p/variants.unet'], folder)).toMatchObject({
      code: 0,
      stdout: '',
    });
    const again = unet(['init', 'p'], folder);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/error\[file-exists\]: p .*net\.unet/);
  });
});
