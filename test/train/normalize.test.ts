import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { metadataKeys } from '../../src/compiler/metadata.js';
import { splitByNames } from '../../src/data/split/by-names.js';
import { Failure, nodeHost, openDataSet, type TrainOptions, train } from '../../src/node.js';
import { readNormalization } from '../../src/normalize/normalization-json.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { unet } from '../cli/unet.js';
import { filesBelow, freshFolder, put } from '../data/folder.js';
import { numbersFrom } from '../normalize/images.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const SIZE = 32;
const COUNT = 10;

/** A .npy file of H x W. */
function npy(descr: '<f4' | '|u1', data: Float32Array | Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${SIZE}, ${SIZE}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${padded}`, 'latin1');
  return Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

/** Slices of CT in Hounsfield units: air, a body, and in it an organ that is a little brighter. */
function slices() {
  return Array.from({ length: COUNT }, (_, k) => {
    const next = numbersFrom(k);
    const [row, column, radius] = [10 + 12 * next(), 10 + 12 * next(), 3 + k / 2];
    const mask = new Uint8Array(SIZE * SIZE);
    const image = new Float32Array(SIZE * SIZE);
    for (let i = 0; i < image.length; i++) {
      const [y, x] = [Math.floor(i / SIZE), i % SIZE];
      const noise = Math.round(30 * (next() + next() - 1));
      const inBody = Math.hypot(y - 15.5, x - 15.5) < 14;
      const inOrgan = Math.hypot(y - row, x - column) < radius && inBody;
      mask[i] = inOrgan ? 1 : 0;
      image[i] = inOrgan ? 140 + noise : inBody ? 30 + noise : -1000 + noise;
    }
    return { name: `s${k}`, image, mask };
  });
}

/** The last two slices validate. */
const cases = slices();
const validation = ['s8', 's9'];

function write(folder: string, change: (value: number) => number = (value) => value): void {
  for (const { name, image, mask } of cases) {
    put(join(work, folder, 'images', `${name}.npy`), npy('<f4', image.map(change)));
    put(join(work, folder, 'masks', `${name}.npy`), npy('|u1', mask));
  }
}

function orThrow<T>(value: T | Failure): T {
  if (value instanceof Failure) throw new Error(value.message);
  return value;
}

const recipe =
  'training Quick { optimizer = adam(lr: 0.01)  epochs = 8  batch = 2  loss = cross_entropy + dice }';
const specOf = (lines: string) =>
  `unet Slices {\n  input = 1 x 32 x 32  classes = 2  depth = 2  channels = 8  padding = same\n  ${lines}\n}\n${recipe}\n`;

async function optionsFor(set: string, folder: string, text: string, name?: string): Promise<TrainOptions> {
  const compiled = compile(join(work, 'slices.unet'), text, { host: nodeHost });
  const found = compiled.networks.find((one) => name === undefined || one.name === name);
  if (!found) throw new Error(compiled.diagnostics.map(({ message }) => message).join('\n'));
  const dataSet = orThrow(await openDataSet(join(work, set), {}));
  const split = orThrow(splitByNames(dataSet.samples, validation));
  const { sources, recipes } = compiled;
  const own = { network: found, sources, dataSet, split, recipe: recipes[0], folder: join(work, folder) };
  return { ...own, threads: 1, workers: 0 };
}

const trained = async (set: string, folder: string, text: string, name?: string) =>
  train(await optionsFor(set, folder, text, name));
const read = (folder: string, file: string) => readFileSync(join(work, folder, file), 'utf8');

/** The least value that this part of the foreground of all training slices does not exceed, each slice counting alike. */
function percentile(part: number): number {
  const values = cases.slice(0, 8).flatMap(({ image, mask }) => {
    const own = [...image].filter((_, i) => mask[i] === 1);
    return own.map((value) => ({ value, weight: 1 / own.length }));
  });
  values.sort((a, b) => a.value - b.value);
  let reached = 0;
  for (const { value, weight } of values) {
    reached += weight;
    if (reached >= 8 * part - 1e-9) return value;
  }
  return Number.NaN;
}

function expectedNumbers() {
  const own = cases.slice(0, 8).map(({ image, mask }) => [...image].filter((_, i) => mask[i] === 1));
  const meanOf = (of: (value: number) => number) =>
    own.reduce((sum, values) => sum + values.reduce((s, v) => s + of(v), 0) / values.length, 0) / own.length;
  const mean = meanOf((value) => value);
  return {
    low: percentile(0.005),
    high: percentile(0.995),
    mean,
    std: Math.sqrt(meanOf((v) => (v - mean) ** 2)),
  };
}

describe('ct(auto)', () => {
  test('trains raw CT as its own numbers would have scaled it, and keeps them everywhere', async () => {
    write('raw');
    const text = specOf('normalize = ct(auto) // as nnU-Net does');
    const raw = orThrow(await trained('raw', 'auto', text));
    const kept = read('auto', 'spec.unet');
    const [, ...numbers] =
      /normalize = ct\((\S+), (\S+), (\S+), (\S+)\) \/\/ as nnU-Net does/.exec(kept) ?? [];
    const [low = 0, high = 0, mean = 0, std = 0] = numbers.map(Number);
    const expected = expectedNumbers();
    expect([low, high]).toEqual([expected.low, expected.high]);
    expect(Math.abs(mean - expected.mean)).toBeLessThan(1e-5 * expected.mean);
    expect(Math.abs(std - expected.std)).toBeLessThan(1e-5 * expected.std);
    expect(kept).toBe(text.replace('ct(auto)', `ct(${numbers.join(', ')})`));

    // The same training on images that are scaled already.
    write('scaled', (value) => (Math.min(high, Math.max(low, value)) - mean) / std);
    const scaled = orThrow(await trained('scaled', 'scaled-run', specOf('')));
    const losses = (result: typeof raw) => result.epochs.map((row) => [row.trainLoss, row.foregroundDice]);
    expect(losses(raw)).toEqual(losses(scaled));
    expect(raw.best?.value).toBeGreaterThan(0.9);

    // Raw values are too large to learn from.
    const plain = orThrow(await trained('raw', 'plain', specOf('')));
    expect(plain.best?.value ?? 0).toBeLessThan(raw.best?.value ?? 0);

    const session = orThrow(await onnxRuntimeEngine().load(join(work, 'auto/model.onnx')));
    const { metadata } = session;
    await session.close();
    expect(readNormalization(metadata[metadataKeys.normalize] ?? '')).toEqual({
      kind: 'ct',
      low,
      high,
      mean,
      std,
    });
    expect(metadata[metadataKeys.spec]).toBe(kept);
    const all = cases.slice(0, 8).flatMap(({ image }) => [...image]);
    const facts = JSON.parse(metadata[metadataKeys.trainingData] ?? '');
    expect(facts).toMatchObject({
      images: 8,
      size: { min: [32, 32], median: [32, 32], max: [32, 32] },
      channels: [{ min: Math.min(...all), max: Math.max(...all) }],
    });
    const average = all.reduce((sum, value) => sum + value, 0) / all.length;
    expect(facts.channels[0].mean).toBeCloseTo(average, 6);
  });

  test('is the same run when it is resumed, and another one with another spec', async () => {
    const text = specOf('normalize = ct(auto)');
    const controller = new AbortController();
    const stopping = {
      ...(await optionsFor('raw', 'stopped', text)),
      signal: controller.signal,
      onStep: ({ step }: { step: number }) => {
        if (step === 10) controller.abort();
      },
    };
    expect(orThrow(await train(stopping)).end).toBe('stopped');
    const other = await trained('raw', 'stopped', text.replace('channels = 8', 'channels = 6'));
    expect(other).toMatchObject({
      code: 'run-different',
      args: { differences: [{ part: 'spec', change: { case: 'line', line: 2 } }] },
    });
    const resumed = orThrow(await train({ ...(await optionsFor('raw', 'stopped', text)), resume: true }));
    const whole = orThrow(await trained('raw', 'whole', text));
    const numbers = ({ epochs }: typeof whole) => epochs.map(({ seconds: _, ...row }) => row);
    expect(numbers(resumed)).toEqual(numbers(whole));
    expect(read('stopped', 'spec.unet')).toBe(read('whole', 'spec.unet'));
  });

  test('is replaced in the base that says it, and not in a variant that is named by it', async () => {
    const base = specOf('normalize = ct(auto)');
    orThrow(await trained('raw', 'child', `${base}unet Child extends Slices { channels = 4 }\n`, 'Child'));
    expect(read('child', 'spec.unet')).toMatch(/unet Slices \{[^}]*normalize = ct\([^a]*\)\n\}/);
    const study = `${specOf('')}ablation Study of Slices { vary normalize = [ct(auto), zscore] }\n`;
    orThrow(await trained('raw', 'variant', study, 'Study.normalize=ct(auto)'));
    expect(read('variant', 'spec.unet')).toBe(study);
    expect(read('variant', 'best.safetensors').slice(0, 20_000)).toContain('\\"kind\\":\\"ct\\",\\"low\\"');
  });

  test('is refused by `build` and `run` with the weights of a run, by a help that leads to a model', async () => {
    const short = (text: string) => text.replace('epochs = 8', 'epochs = 1');
    const text = short(specOf('normalize = ct(auto)'));
    const study = short(`${specOf('')}ablation Study of Slices { vary normalize = [ct(auto), zscore] }\n`);
    const variant = 'Study.normalize=ct(auto)';
    write('raw');
    orThrow(await trained('raw', 'own', text));
    orThrow(await trained('raw', 'own-variant', study, variant));
    writeFileSync(join(work, 'own.unet'), text);
    writeFileSync(join(work, 'study.unet'), study);
    const helpOf = (command: 'build' | 'run', spec: string, folder: string) => {
      const weights = ['--weights', `${folder}/last.safetensors`];
      const more =
        command === 'build' ? ['--target', 'onnx', '-o', 'none.onnx'] : ['-i', 'a.npy', '-o', 'b.npy'];
      const { code, stdout } = unet([command, spec, ...weights, ...more, '--json'], work);
      expect(code).toBe(1);
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({ code: 'normalize-not-measured' });
      return error.args.measured;
    };
    const build = (spec: string, folder: string, output: string) => {
      const args = [
        'build',
        spec,
        '--target',
        'onnx',
        '--weights',
        `${folder}/last.safetensors`,
        '-o',
        output,
      ];
      expect(unet(args, work)).toMatchObject({ code: 0, stderr: '' });
    };
    const measured = helpOf('build', 'own.unet', 'own');
    expect(measured).toEqual({
      spec: 'own/spec.unet#Slices',
      normalize: expect.stringMatching(/^ct\(\S+, /),
    });
    expect(helpOf('run', 'own.unet', 'own')).toEqual(measured);
    build(measured.spec, 'own', 'own.onnx');
    // The name of the variant has no room for numbers in the kept spec, so the help names the numbers alone.
    const named = helpOf('build', `study.unet#${variant}`, 'own-variant');
    expect(named).toEqual({ normalize: measured.normalize });
    writeFileSync(join(work, 'numbers.unet'), study.replace('ct(auto)', named.normalize));
    build(
      `numbers.unet#${variant.replace('ct(auto)', named.normalize.replaceAll(' ', ''))}`,
      'own-variant',
      'own-variant.onnx',
    );
    // Weights of another network say nothing.
    expect(helpOf('build', 'own.unet', 'own-variant')).toBeUndefined();
  });

  test('is refused where there is nothing to measure, before a file is written', async () => {
    for (const { name } of cases) {
      put(join(work, 'equal/images', `${name}.npy`), npy('<f4', new Float32Array(SIZE * SIZE).fill(7)));
      const mask = cases.find((one) => one.name === name)?.mask ?? new Uint8Array();
      put(join(work, 'equal/masks', `${name}.npy`), npy('|u1', mask));
    }
    const refused = await trained('equal', 'refused', specOf('normalize = ct(auto)'));
    expect(refused).toMatchObject({
      code: 'normalize-not-measurable',
      args: { unmeasured: { channel: 1, problem: 'equal-values', value: 7 } },
    });
    expect(filesBelow(work).some((file) => file.startsWith('refused/'))).toBe(false);
  });
});

test('zscore is applied to whole images, in training and validation alike', async () => {
  orThrow(await trained('raw', 'zscore', specOf('normalize = zscore')));
  for (const { name, image, mask } of cases) {
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    const std = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length);
    put(
      join(work, 'done/images', `${name}.npy`),
      npy(
        '<f4',
        image.map((value) => (value - mean) / std),
      ),
    );
    put(join(work, 'done/masks', `${name}.npy`), npy('|u1', mask));
  }
  orThrow(await trained('done', 'done-run', specOf('')));
  const metrics = (folder: string) =>
    JSON.parse(read(folder, 'metrics.json'), (key, value: unknown) => (key === 'seconds' ? 0 : value));
  expect(metrics('zscore')).toEqual(metrics('done-run'));
});
