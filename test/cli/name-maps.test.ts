import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { listSafetensors } from '../../src/weights/formats/safetensors-header.js';
import { recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { fileOf } from '../weights/files-in-memory.js';
import { archive, type Pickled, Tensor, zip } from '../weights/torch-archive.js';
import { compiled } from '../weights/torch-networks.js';
import { unet } from './unet.js';

const network = `unet Small {
  input = 1 x 32 x 32; classes = 2; depth = 2; channels = 4; padding = same
  norm = batch; bias = false; up = transpose(2x2, bias: true)
}
`;
const spec = network + recipe.replace('epochs    = 3', 'epochs = 1');

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);
const run = (...args: readonly string[]) => unet(args, work);
const convert = (from: string, to: string, ...more: readonly string[]) =>
  run('weights', 'convert', 'cells.unet', '--from', from, '--to', to, ...more);

beforeAll(() => {
  work = workFolder(spec, ['--count', '3', '--size', '48']);
  expect(run('build', 'cells.unet', '-t', 'onnx', '-o', 'own.onnx', '--seed', '9').code).toBe(0);
  expect(convert('own.onnx', 'own.safetensors').code).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true }));

/** The tensors of a safetensors file by name. */
function tensorsOf(name: string): Record<string, readonly number[]> {
  const { tensors } = listSafetensors(fileOf(readFileSync(at(name))));
  return Object.fromEntries(
    tensors.map((one) => [one.name, [...one.chunks()].flatMap((chunk) => [...chunk])]),
  );
}

describe('--to-map', () => {
  test('writes the names of a framework, which the map reads back to the byte', () => {
    expect(convert('own.safetensors', 'foreign.safetensors', '--to-map', 'milesial')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const [own, foreign] = [tensorsOf('own.safetensors'), tensorsOf('foreign.safetensors')];
    // By the classes of github.com/milesial/Pytorch-UNet.
    const names = {
      'encoder[1].conv[1].weight': 'inc.double_conv.0.weight',
      'encoder[1].batchNorm[1].scale': 'inc.double_conv.1.weight',
      'encoder[2].conv[2].weight': 'down1.maxpool_conv.1.double_conv.3.weight',
      'bottleneck.batchNorm[2].variance': 'down2.maxpool_conv.1.double_conv.4.running_var',
      'up[2].convTranspose[1].bias': 'up1.up.bias',
      'decoder[1].batchNorm[1].mean': 'up2.conv.double_conv.1.running_mean',
      'head.conv[1].weight': 'outc.conv.weight',
    };
    for (const [name, other] of Object.entries(names)) expect(foreign[other], other).toEqual(own[name]);
    expect(Object.keys(foreign)).toHaveLength(Object.keys(own).length);
    expect(convert('foreign.safetensors', 'back.safetensors', '--map', 'milesial').code).toBe(0);
    expect(readFileSync(at('back.safetensors')).equals(readFileSync(at('own.safetensors')))).toBe(true);
  });

  test('from one framework to the same one', () => {
    expect(
      convert('foreign.safetensors', 'again.safetensors', '--map', 'milesial', '--to-map', 'milesial').code,
    ).toBe(0);
    expect(readFileSync(at('again.safetensors')).equals(readFileSync(at('foreign.safetensors')))).toBe(true);
  });

  test.each<[string, string[], number, RegExp]>([
    ['out.onnx', ['--to-map', 'milesial'], 2, /error\[incomplete-options\]: --to-map .*\.safetensors/],
    ['out-tfjs', ['--to-map', 'milesial'], 2, /error\[incomplete-options\]: --to-map /],
    ['out.safetensors', ['--to-map', 'milesail'], 2, /error\[unknown-map\][\s\S]*`milesial`/],
    ['out.safetensors', ['--to-map', 'nnunet-plain'], 1, /error\[unfit-map\]: .*nnunet-plain .*Small:/],
    // The map is for the file that is written, and this one is read.
    ['out.safetensors', ['--map', 'milesial'], 1, /error\[weights-mismatch\][\s\S]*--to-map/],
  ])('%s with %j exits with %i', (to, options, code, expected) => {
    const outcome = convert('own.safetensors', to, ...options);
    expect(outcome.stderr).toMatch(expected);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(existsSync(at(to))).toBe(false);
  });
});

describe('train --weights with --map', () => {
  const train = (folder: string, ...more: readonly string[]) => run(...trainArguments(folder, ...more));

  test('starts from the same numbers as from a file with our names, and the run records the map', () => {
    expect(train('own', '--weights', 'own.safetensors')).toMatchObject({ code: 0 });
    expect(train('mapped', '--weights', 'foreign.safetensors', '--map', 'milesial')).toMatchObject({
      code: 0,
    });
    expect(tensorsOf('mapped/last.safetensors')).toEqual(tensorsOf('own/last.safetensors'));
    const kept = (folder: string) => JSON.parse(readFileSync(at(folder, 'recipe.json'), 'utf8'));
    expect(kept('mapped')).toMatchObject({ map: 'milesial', map_sha256: null });
    expect(kept('own')).not.toHaveProperty('map');
  });

  test('with another map it is another run', () => {
    writeFileSync(at('mine.json'), run('weights', 'maps', 'milesial').stdout);
    const again = (map: string) =>
      JSON.parse(
        train('mapped', '--weights', 'foreign.safetensors', '--map', map, '--resume', '--json').stdout,
      );
    expect(again('milesial')).toMatchObject({ error: { code: 'run-finished' } });
    expect(again('mine.json')).toMatchObject({
      error: {
        code: 'run-different',
        args: {
          differences: [
            { part: 'recipe', change: { key: 'map', values: { before: '"milesial"', now: '"mine.json"' } } },
          ],
        },
      },
    });
  });

  test.each<[string, string[], number, RegExp]>([
    ['without --weights', ['--map', 'milesial'], 2, /error\[incomplete-options\]: --map .*--weights/],
    ['of no name', ['--weights', 'foreign.safetensors', '--map', 'mil'], 2, /error\[unknown-map\]: .*`mil`/],
    [
      'that is needed and missing',
      ['--weights', 'foreign.safetensors'],
      1,
      /error\[weights-mismatch\][\s\S]*--map milesial/,
    ],
  ])('a map %s is refused, and nothing begins', (_name, options, code, expected) => {
    const outcome = train('none', ...options);
    expect(outcome.stderr).toMatch(expected);
    expect(outcome.code).toBe(code);
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe('weights that are not finite', () => {
  const { graph } = compiled(network);
  const bad = 'decoder[1].conv[2].weight';

  beforeAll(() => {
    const state: Record<string, Pickled> = {};
    const storages: Record<string, Uint8Array> = {};
    for (const [i, { name, shape }] of parametersOf(graph).entries()) {
      const values = new Float32Array(elementCount(shape)).fill(0.1);
      if (name === bad) values[5] = Number.NaN;
      const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
      state[name] = new Tensor(String(i), shape, strides, { count: values.length });
      storages[i] = new Uint8Array(values.buffer);
    }
    writeFileSync(at('diverged.pth'), zip(archive({ params_ema: state, params: state }, storages)));
  });

  test.each([
    [
      'build',
      ['build', 'cells.unet', '-t', 'onnx', '-o', 'none.onnx', '--weights', 'diverged.pth'],
      'none.onnx',
    ],
    ['train', trainArguments('none', '--weights', 'diverged.pth'), 'none'],
    ['convert', ['weights', 'convert', 'cells.unet', '--from', 'diverged.pth', '--to', 'none'], 'none'],
  ])('%s names the tensor and makes nothing', (_name, args, output) => {
    const { code, stderr } = run(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error\[weights-not-finite\]: diverged\.pth .*\n.*'decoder\[1\]\.conv\[2\]\.weight' has 1 of 144 .*\[0, 0, 1, 2\]/,
    );
    expect(existsSync(at(output))).toBe(false);
  });
});

test('a note says which of several state dicts was taken', () => {
  const { graph } = compiled(network);
  const state: Record<string, Pickled> = {};
  const storages: Record<string, Uint8Array> = {};
  for (const [i, { name, shape }] of parametersOf(graph).entries()) {
    const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
    state[name] = new Tensor(String(i), shape, strides, { count: elementCount(shape) });
    storages[i] = new Uint8Array(4 * elementCount(shape));
  }
  writeFileSync(at('gan.pth'), zip(archive({ params_ema: state, params: state }, storages)));
  const converted = convert('gan.pth', 'gan.safetensors');
  expect(converted).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^note: gan\.pth: .*'params'.*'params_ema'/),
  });
  const trained = run(...trainArguments('noted', '--weights', 'gan.pth'));
  expect(trained).toMatchObject({ code: 0, stderr: expect.stringMatching(/note: gan\.pth: .*'params_ema'/) });
});
