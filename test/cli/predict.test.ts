import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArray } from '../../src/formats/read.js';
import { readOnnxMetadata } from '../../src/runtime/onnxruntime/onnx-metadata.js';
import { ok, put, putPng } from '../data/folder.js';
import { freshFolder, unet } from './unet.js';

const work = freshFolder();
const at = (name: string) => join(work, name);
const run = (...args: readonly string[]) => unet(['predict', ...args, '--threads', '1'], work);
const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (from + 7 * i) % 256);

beforeAll(async () => {
  put(
    at('net.unet'),
    'unet One { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 2  padding = same }\n' +
      'unet Two extends One { input = 2 x 16 x 16 }\n' +
      'unet Regions extends One { classes = 3  head = sigmoid }\n',
  );
  for (const [name, output] of [
    ['One', 'one.onnx'],
    ['Two', 'two.onnx'],
    ['Regions', 'regions.onnx'],
  ]) {
    const built = unet(
      ['build', `net.unet#${name}`, '--target', 'onnx', '--dynamic', '-o', output ?? ''],
      work,
    );
    expect(built.stderr).toBe('');
  }
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    await putPng(at(`images/${name}.png`), numbers(i, 20 * 24), 24);
    await putPng(at(`clash/${i === 0 ? 'a' : `a_region${i}`}.png`), numbers(i, 20 * 24), 24);
    await putPng(at(`channels/${name}_0000.png`), numbers(i, 20 * 24), 24);
    await putPng(at(`channels/${name}_0001.png`), numbers(i + 3, 20 * 24), 24);
  }
});
afterAll(() => rmSync(work, { recursive: true }));

describe('what is predicted', () => {
  test('one file, into one file', async () => {
    const ran = run('one.onnx', '--input', 'images/a.png', '-o', 'a.tif', '--json');
    expect(ran.code).toBe(0);
    const { cases } = JSON.parse(ran.stdout);
    expect(cases).toMatchObject([{ name: 'a', input: ['images/a.png'], output: ['a.tif'], shape: [20, 24] }]);
    const { header, data } = ok(await readArray(at('a.tif')));
    expect(header.axes.map(({ size }) => size)).toEqual([20, 24]);
    const ones = Array.from({ length: data.length }, (_, i) => Number(data[i])).filter(
      (label) => label === 1,
    );
    expect(cases[0].counts).toEqual([20 * 24 - ones.length, ones.length]);
  });

  test.each([
    ['a folder', ['--input', 'images'], 'one.onnx'],
    ['a pattern', ['--input', 'images/{case}.png'], 'one.onnx'],
    ['a pattern without a field', ['--input', 'images/?.png'], 'one.onnx'],
    [
      'several files',
      ['--input', 'images/a.png', '--input', 'images/b.png', '--input', 'images/c.png'],
      'one.onnx',
    ],
    ['channels by their numbers', ['--input', 'channels'], 'two.onnx'],
    ['channels by a pattern', ['--input', 'channels/{case}_{channel}.png'], 'two.onnx'],
  ])('%s, into a folder', (name, input, model) => {
    const output = name.replaceAll(' ', '-');
    const ran = run(model, ...input, '-o', output);
    expect(ran.stderr).toBe('');
    expect(ran.code).toBe(0);
    expect(readdirSync(at(output)).sort()).toEqual(['a.png', 'b.png', 'c.png']);
  });

  test('a model of TensorFlow.js gives what the same network gives as ONNX', async () => {
    expect(unet(['build', 'net.unet#One', '--target', 'tfjs', '-o', 'one-tfjs'], work).code).toBe(0);
    for (const model of ['one-tfjs', 'one-tfjs/model.json']) {
      const ran = run(model, '--input', 'images/c.png', '-o', 'tfjs.png', '--json', '--device', 'wasm');
      expect(ran.code).toBe(0);
      const { shape } = JSON.parse(ran.stdout).cases[0];
      expect(shape).toEqual([20, 24]);
      expect(run('one.onnx', '--input', 'images/c.png', '-o', 'onnx.png').code).toBe(0);
      const read = async (name: string) => ok(await readArray(at(name))).data;
      expect(await read('tfjs.png')).toEqual(await read('onnx.png'));
    }
  });

  test('each image by itself gives what it gives among others', async () => {
    expect(run('one.onnx', '--input', 'images', '-o', 'all').code).toBe(0);
    expect(run('one.onnx', '--input', 'images/b.png', '-o', 'b.png').code).toBe(0);
    expect(ok(await readArray(at('b.png'))).data).toEqual(ok(await readArray(at('all/b.png'))).data);
  });
});

describe('an image that cannot be predicted', () => {
  const bad = ['bad', ...Array.from({ length: 11 }, (_, i) => `worse${i}`)];
  beforeAll(async () => {
    for (const name of ['a', 'z']) await putPng(at(`mixed/${name}.png`), numbers(1, 20 * 24), 24);
    for (const name of bad) put(at(`mixed/${name}.png`), 'no picture');
  });

  test('leaves the others, and is named at the end', async () => {
    const ran = run('one.onnx', '--input', 'mixed', '-o', 'mixed-out', '--report', 'mixed-report', '--json');
    expect(ran.code).toBe(1);
    expect(readdirSync(at('mixed-out')).sort()).toEqual(['a.png', 'z.png']);
    const { cases, failed } = JSON.parse(ran.stdout);
    expect(cases.map(({ name }: { name: string }) => name)).toEqual(['a', 'z']);
    expect(failed.map(({ name }: { name: string }) => name)).toEqual([...bad].sort());
    for (const { error, input } of failed) expect(error.args.path).toBe(input[0]);
    // Not all of many are printed whole.
    expect(ran.stderr.match(/error\[/g)).toHaveLength(10);
    expect(ran.stderr).toContain('12 of 14 images');
    expect(readdirSync(at('mixed-report/cases')).sort()).toEqual(['a.html', 'z.html']);
    const html = readFileSync(at('mixed-report/report.html'), 'utf8');
    for (const name of bad) expect(html).toContain(`${name} was not predicted`);
  });

  test('ends the call where no other could be written either', () => {
    put(at('taken'), 'a file');
    const ran = run('one.onnx', '--input', 'images', '-o', 'taken/out');
    expect(ran.code).toBe(1);
    expect(ran.stderr.match(/error\[[^\]]*/g)).toEqual(['error[file-unwritable']);
  });

  test('fails alone where it is the only one', () => {
    const ran = run('one.onnx', '--input', 'mixed/bad.png', '-o', 'bad.png', '--json');
    expect(ran.code).toBe(1);
    expect(ran.stderr).not.toContain('of 1 images');
  });

  test.each(['nowhere', 'nowhere.png'])('%s is missing, whatever the output is', (input) => {
    const ran = run('one.onnx', '--input', input, '-o', 'missing');
    expect(ran.stderr).toContain('error[file-unreadable]');
  });
});

describe('regions', () => {
  const valuesOf = async (name: string) => [...ok(await readArray(at(name))).data].map(Number);

  test('have a file each, and labels in their order', async () => {
    const ran = run(
      'regions.onnx',
      '--input',
      'images/a.png',
      '-o',
      'regions.png',
      '--region-masks',
      '--json',
    );
    expect(ran.code).toBe(0);
    const names = [1, 2, 3].map((i) => `regions_region${i}.png`);
    const [one] = JSON.parse(ran.stdout).cases;
    const masks = await Promise.all(names.map(valuesOf));
    expect(one).toMatchObject({
      output: ['regions.png', ...names],
      maps: masks.map((values, i) => ({
        ...{
          name: `region${i + 1}`,
          file: names[i],
          positions: values.filter((value) => value === 1).length,
        },
      })),
    });
    const painted = (order: readonly number[]) =>
      (masks[0] ?? []).map((_, i) =>
        masks.reduce((label, values, k) => (values[i] === 1 ? (order[k] ?? 0) : label), 0),
      );
    expect(await valuesOf('regions.png')).toEqual(painted([1, 2, 3]));
    expect(one.notes).toHaveLength(1);
    const own = run('regions.onnx', '--input', 'images/a.png', '-o', 'own.png', '--regions', '4, 0,9');
    expect([own.code, own.stderr]).toEqual([0, '']);
    expect(await valuesOf('own.png')).toEqual(painted([4, 0, 9]));
  });

  test.each([[[]], [['--regions', '2,1,2']]])('have the labels that `unet run` gives: %j', async (more) => {
    const input = ['regions.onnx', '--input', 'images/b.png', ...more];
    expect(run(...input, '-o', 'here.png', '--tile', '24').code).toBe(0);
    const there = unet(['run', ...input, '-o', 'there.png', '--labels', '--tile', '24'], work);
    expect(there.code).toBe(0);
    expect(await valuesOf('here.png')).toEqual(await valuesOf('there.png'));
    expect(there.stderr.includes('--regions')).toBe(more.length === 0);
  });
});

describe('classes of sigmoids that were trained', () => {
  test('keep the most probable one, in the run as in a model that is built of its weights', async () => {
    put(
      at('trained.unet'),
      'unet Trained { input = 1 x 32 x 32  classes = 2  head = sigmoid  depth = 2  channels = 2  padding = same }',
    );
    expect(unet(['data', 'cells', '--out', 'cells', '--count', '5', '--size', '32'], work).code).toBe(0);
    const training = ['--data', 'cells', '-o', 'trained', '--epochs', '1', '--threads', '1'];
    expect(unet(['train', 'trained.unet', ...training], work).code).toBe(0);
    const weights = ['--weights', 'trained/best.safetensors'];
    for (const output of ['built.onnx', 'built-tfjs']) {
      const target = output.endsWith('.onnx') ? 'onnx' : 'tfjs';
      const built = unet(
        ['build', 'trained.unet', '--target', target, '--dynamic', ...weights, '-o', output],
        work,
      );
      expect(built.code).toBe(0);
    }
    const [own, other] = ['trained/model.onnx', 'built.onnx'].map((name) => ok(readOnnxMetadata(at(name))));
    for (const key of ['unet.training_data', 'unet.classes']) {
      expect(own?.[key]).toBeDefined();
      expect(other?.[key]).toBe(own?.[key]);
    }
    // The same of weights in an ONNX model.
    const again = ['--target', 'onnx', '--weights', 'built.onnx', '-o', 'again.onnx'];
    expect(unet(['build', 'trained.unet', ...again], work).code).toBe(0);
    expect(ok(readOnnxMetadata(at('again.onnx')))['unet.training_data']).toBe(own?.['unet.training_data']);
    const numbersOf = async (model: string) => {
      const ran = run(model, '--input', 'images/a.png', '-o', 'trained.npy', '--region-masks');
      expect(ran.code).toBe(0);
      const files = ['trained.npy', 'trained_background.npy', 'trained_cell.npy'];
      return Promise.all(files.map(async (file) => [...ok(await readArray(at(file))).data]));
    };
    const wanted = await numbersOf('trained');
    for (const model of ['built.onnx', 'built-tfjs']) expect(await numbersOf(model)).toEqual(wanted);
  });
});

describe('uncertainty', () => {
  test('has a map and numbers of each image', () => {
    const wanted = ['--uncertainty', 'disagreement, entropy'];
    const ran = run('one.onnx', 'one.onnx', '--input', 'images', '-o', 'unsure', ...wanted, '--json');
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const { cases } = JSON.parse(ran.stdout);
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      const files = ['', '_disagreement', '_entropy'].map((end) => join('unsure', `${name}${end}`));
      expect(cases[i].output).toEqual([`${files[0]}.png`, `${files[1]}.tif`, `${files[2]}.tif`]);
      const [between, entropy] = cases[i].maps;
      // The same model twice agrees with itself.
      expect(between).toMatchObject({
        name: 'disagreement',
        file: `${files[1]}.tif`,
        unit: 'nats',
        mean: expect.closeTo(0, 9),
      });
      expect(entropy.mean).toBeGreaterThan(0);
      expect(entropy.mean).toBeLessThanOrEqual(Math.LN2 + 1e-6);
    }
    const plain = run('one.onnx', '--input', 'images/a.png', '-o', 'unsure.png', '--uncertainty', 'entropy');
    expect(plain.stdout).toContain(`entropy ${Number(cases[0].maps[1].mean.toPrecision(3))} nats`);
  });
});

describe('what is refused', () => {
  test.each([
    ['cases-missing', ['one.onnx', '--input', 'empty', '-o', 'x']],
    ['cases-missing', ['one.onnx', '--input', 'images/*.nii', '-o', 'x']],
    ['file-unreadable', ['one.onnx', '--input', 'nothing.png', '-o', 'x.png']],
    ['case-names-clash', ['one.onnx', '--input', 'images/a.png', '--input', './images/a.png', '-o', 'x']],
    ['channels-mismatch', ['two.onnx', '--input', 'images', '-o', 'x']],
    ['input-count', ['one.onnx', '--input', 'channels', '-o', 'x']],
    ['model-untrained', ['net.unet#One', '--input', 'images', '-o', 'x']],
    ['models-differ', ['one.onnx', 'two.onnx', '--input', 'images', '-o', 'x']],
    ['unfit-postprocessing', ['one.onnx', '--input', 'images', '-o', 'x', '--objects', 'border: 1']],
    ['unfit-postprocessing', ['one.onnx', '--input', 'images', '-o', 'x', '--objects', 'border: 2']],
    ['unfit-postprocessing', ['regions.onnx', '--input', 'images', '-o', 'x', '--objects', 'border: 4']],
    ['invalid-output-path', ['one.onnx', '--input', 'images/a.png', '-o', 'x.jpg']],
    ['invalid-output-path', ['one.onnx', '--input', 'images/a.png', '-o', 'images/a.png']],
    ['invalid-option-value', ['one.onnx', '--input', 'images', '-o', 'x', '--step', '0']],
    ['invalid-option-value', ['one.onnx', '--input', 'images', '-o', 'x', '--step', '1.5']],
    ['invalid-option-value', ['one.onnx', '--input', 'images', '-o', 'x', '--border', 'wrap']],
    ['invalid-option-value', ['one.onnx', '--input', 'images', '-o', 'x', '--windows', 'hann']],
    ['invalid-option-value', ['one.onnx', '--input', 'images/{image}.png', '-o', 'x']],
    ['unfit-regions', ['one.onnx', '--input', 'images', '-o', 'x', '--regions', '1,2']],
    ['unfit-regions', ['one.onnx', '--input', 'images', '-o', 'x', '--region-masks']],
    ['unfit-regions', ['regions.onnx', '--input', 'images', '-o', 'x', '--regions', '1,2']],
    ['invalid-option-value', ['regions.onnx', '--input', 'images', '-o', 'x', '--regions', '1,2,-3']],
    ['invalid-option-value', ['regions.onnx', '--input', 'images', '-o', 'x', '--regions', '1,2,65536']],
    ['invalid-option-value', ['regions.onnx', '--input', 'images', '-o', 'x', '--regions', '']],
    ['case-names-clash', ['regions.onnx', '--input', 'clash', '-o', 'x', '--region-masks']],
    ['single-member', ['one.onnx', '--input', 'images', '-o', 'x', '--uncertainty', 'entropy,disagreement']],
    ['invalid-option-value', ['one.onnx', '--input', 'images', '-o', 'x', '--uncertainty', 'variance']],
    ['tile-too-small', ['one.onnx', '--input', 'images', '-o', 'x', '--tile', '1']],
  ])('%s: %s', (code, args) => {
    mkdirSync(at('empty'), { recursive: true });
    const ran = run(...args);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(`[${code}]`);
  });
});
