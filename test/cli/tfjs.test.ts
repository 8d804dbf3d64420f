import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { relativeDifference } from '../random/rounding-noise.js';
import { freshFolder, unet } from './unet.js';

const spec = `unet Small {
  input = 1 x 32 x 48
  classes = 3
  depth = 2
  channels = 4
  padding = same
  norm = group(groups: 2)
}
unet Volume {
  input = 2 x 8 x 12 x 16
  classes = 2
  depth = 1
  channels = 2
  padding = same
  norm = batch
  bias = false
}
`;

let folder = '';
beforeAll(async () => {
  folder = freshFolder();
  writeFileSync(join(folder, 'small.unet'), spec);
  const pixels = new Uint8Array(70 * 100);
  for (const i of pixels.keys()) pixels[i] = (i * 37) % 251;
  await sharp(pixels, { raw: { width: 100, height: 70, channels: 1 } })
    .png()
    .toFile(join(folder, 'image.png'));
  const data = new Float32Array(2 * 10 * 14 * 20);
  new RandomStream(4, 'volume').fillNormal(data, 1);
  writeFileSync(join(folder, 'volume.npy'), Buffer.concat([...npyChunks({ shape: [2, 10, 14, 20], data })]));
});

function numbers(path: string) {
  const array = readNpy(join(folder, path));
  if (!('data' in array)) throw new Error(array.message);
  return { shape: array.shape, data: Float32Array.from(array.data as Float32Array) }; // written as float32
}

describe('unet build --target tfjs', () => {
  test('writes a folder, the same bytes each time', () => {
    const first = unet(['build', 'small.unet#Small', '-t', 'tfjs', '-o', 'a', '--seed', '3'], folder);
    expect(first.code).toBe(0);
    // Its group norms are none of tfjs's layers.
    expect(first.stderr).toMatch(/^note: it has layers of unet-lang's own: call registerLayers\(tf\)/);
    expect(first.stdout).toMatch(
      /^wrote a\/model\.json and a\/weights-1-of-1\.bin: Small, [\d,]+ parameters/,
    );
    unet(['build', 'small.unet#Small', '-t', 'tfjs', '-o', 'b', '--seed', '3'], folder);
    const sums = (name: string) =>
      readdirSync(join(folder, name)).map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, name, file)))
          .digest('hex'),
      ]);
    expect(sums('b')).toEqual(sums('a'));
    const model = JSON.parse(readFileSync(join(folder, 'a/model.json'), 'utf8'));
    expect(model.userDefinedMetadata).toMatchObject({ 'unet.network': 'Small', 'unet.spec': spec });
  });

  test('refuses settings of other targets, and places where no folder can be', () => {
    const build = (...args: string[]) => unet(['build', 'small.unet#Small', '-t', 'tfjs', ...args], folder);
    expect(build('-o', 'c', '--opset', '17')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/error\[needless-option\]: --opset .*tfjs/),
    });
    writeFileSync(join(folder, 'taken'), 'a file');
    const taken = build('-o', 'taken');
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/^unet: error\[file-unwritable\]: .*taken\/model\.json/);
    expect(taken.stderr.split('\n')).toHaveLength(2);
    const wrong = unet(['build', 'small.unet#Small', '-t', 'keras', '-o', 'x'], folder);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/error\[invalid-option-value\]: --target /),
    });
  });
});

describe('unet run --engine tfjs', () => {
  test.each([
    ['Small', 'image.png', [3, 70, 100]],
    ['Volume', 'volume.npy', [2, 10, 14, 20]],
  ])('%s: a spec and its model folder give what onnxruntime gives', (name, input, shape) => {
    const run = (model: string, output: string, ...args: string[]) => {
      const outcome = unet(['run', model, '-i', input, '-o', output, ...args], folder);
      expect(outcome.stderr).toBe('');
      expect(outcome.code).toBe(0);
      return numbers(output);
    };
    unet(
      ['build', `small.unet#${name}`, '-t', 'tfjs', '-o', `model-${name}`, '--dynamic', '--seed', '5'],
      folder,
    );
    const ort = run(`small.unet#${name}`, 'ort.npy', '--seed', '5');
    const tfjs = run(`small.unet#${name}`, 'tfjs.npy', '--seed', '5', '--engine', 'tfjs', '--device', 'wasm');
    const files = run(`model-${name}`, 'files.npy', '--device', 'wasm');
    const json = run(`model-${name}/model.json`, 'json.npy', '--device', 'wasm', '--threads', '1');
    expect(ort.shape).toEqual(shape);
    for (const { shape: found, data } of [tfjs, files, json]) {
      expect(found).toEqual(shape);
      expect(relativeDifference(data, ort.data)).toBeLessThan(1e-4);
    }
  });

  test('--compare lists every stage and how far apart the engines are', () => {
    const text = unet(['run', 'small.unet#Small', '-i', 'image.png', '-o', 'c.png', '--compare'], folder);
    expect(text.code).toBe(0);
    expect(text.stderr).toMatch(/^[^\n]*agree[^\n]*0\.0001\n$/);
    expect(text.stdout).toMatch(/stage +shape +largest value +largest difference +relative\n/);
    expect(text.stdout).toMatch(/\nbottleneck +16 x \d+ x \d+ /);
    const json = unet(
      [
        'run',
        'small.unet#Volume',
        '-i',
        'volume.npy',
        '-o',
        'c.npy',
        '--compare',
        '--engine',
        'tfjs',
        '--json',
      ],
      folder,
    );
    const { differences } = JSON.parse(json.stdout);
    expect(differences.map(({ stage }: { stage: string }) => stage)).toEqual(
      expect.arrayContaining(['encoder[1]', 'pool[1]', 'bottleneck', 'up[1]', 'decoder[1]', 'output']),
    );
    for (const { relative, magnitude } of differences) {
      expect(relative).toBeLessThan(1e-4);
      expect(magnitude).toBeGreaterThan(0);
    }
  });

  test.each([
    [['run', 'small.unet#Small', '--engine', 'torch'], /error\[invalid-option-value\]: --engine .*`torch`/],
    [
      ['run', 'small.unet#Small', '--engine', 'tfjs', '--device', 'cuda'],
      /error\[invalid-option-value\]: --device with --engine tfjs .*`cuda`/,
    ],
    [
      ['run', 'small.unet#Small', '--device', 'wasm'],
      /error\[invalid-option-value\]: --device with --engine ort .*`wasm`/,
    ],
    [['run', 'model.onnx', '--engine', 'tfjs'], /error\[wrong-engine\]: .*tfjs/],
    [['run', 'model.json', '--engine', 'ort'], /error\[wrong-engine\]: .*ort/],
    [['run', 'model.json', '--seed', '1'], /error\[needless-option\]: --seed /],
    [['run', 'model.onnx', '--compare'], /error\[needless-option\]: --compare /],
  ])('%j is bad usage', (args, message) => {
    const outcome = unet([...args, '-i', 'image.png', '-o', 'x.png'], folder);
    expect(outcome.stderr).toMatch(message);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
  });

  test('damaged models are told by their file, without a stack trace', () => {
    unet(['build', 'small.unet#Small', '-t', 'tfjs', '-o', 'damaged'], folder);
    const run = () => unet(['run', 'damaged', '-i', 'image.png', '-o', 'x.png', '--device', 'wasm'], folder);
    const expectFailure = (pattern: RegExp) => {
      const { code, stderr } = run();
      expect(stderr).toMatch(pattern);
      expect(stderr).not.toMatch(/ at .*\.js:/);
      expect(code).toBe(1);
    };
    truncateSync(join(folder, 'damaged/weights-1-of-1.bin'), 100);
    expectFailure(/weights-1-of-1\.bin/);
    rmSync(join(folder, 'damaged/weights-1-of-1.bin'));
    expectFailure(/error\[tfjs-weights-unreadable\]: .*weights-1-of-1\.bin/);
    writeFileSync(join(folder, 'damaged/model.json'), '{"modelTopology": 3');
    expectFailure(/model\.json/);
    rmSync(join(folder, 'damaged/model.json'));
    expectFailure(/error\[file-unreadable\]: .*model\.json.*no such/);
    mkdirSync(join(folder, 'damaged/model.json'));
    expectFailure(/error\[file-unreadable\]: .*model\.json.*folder/);
  });
});
