import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { parsePostprocessing } from '../../src/objects/postprocess/step-text.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import type { ResultMap } from '../../src/predict/maps/result-map.js';
import type { PredictModel } from '../../src/predict/model/predict-model.js';
import { type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { modelOf } from './model.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const net = (more: string) =>
  `unet Net { input = 1 x 16 x 16  depth = 2  channels = 4  padding = same  ${more} }`;
const standard: PredictCaseOptions = {
  ...{ windows: { tile: 32 }, border: 'mirror', mirror: false, resume: false, settings: '{}' },
};
const entropy: ResultMap = { name: 'entropy', content: { kind: 'entropy' } };
const disagreement: ResultMap = { name: 'disagreement', content: { kind: 'disagreement' } };

function randomBytes(count: number, seed: number): number[] {
  const draws = new Rng(seed, 'bytes');
  return Array.from({ length: count }, () => draws.index(256));
}

/** Probabilities of each model for one window: by model, position and channel. */
async function probabilitiesOf(models: readonly PredictModel[], pixels: readonly number[], width: number) {
  const height = pixels.length / width;
  const data = Float32Array.from(pixels, (value) => value / 255);
  const all: (readonly (readonly number[])[])[] = [];
  for (const { windows, head } of models) {
    const output = ok(await windows.run({ shape: [1, 1, height, width], data }));
    const channels = output.shape[1] ?? 1;
    const own = pixels.map((_, i) =>
      Array.from({ length: channels }, (_, k) => output.data[k * pixels.length + i] ?? 0),
    );
    all.push(
      head.head === 'logits'
        ? own.map((logits) => {
            const powers = logits.map((one) => Math.exp(one));
            const sum = powers.reduce((total, one) => total + one, 0);
            return powers.map((one) => one / sum);
          })
        : own,
    );
  }
  return all;
}

const term = (p: number) => (p > 0 ? -p * Math.log(p) : 0);
/** In nats: of classes that exclude one another, or of channels that each stand for themselves. */
const entropyOf = (p: readonly number[], isEach: boolean) =>
  p.reduce((sum, one) => sum + term(one) + (isEach ? term(1 - one) : 0), 0);
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

async function valuesOf(path: string): Promise<readonly number[]> {
  const { data, header } = ok(await readArray(path));
  expect(header.type).toBe('float32');
  return Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

function expectClose(found: readonly number[], wanted: readonly number[], tolerance = 2e-6): void {
  expect(found).toHaveLength(wanted.length);
  const apart = found.map((one, i) => Math.abs(one - (wanted[i] ?? Number.NaN)));
  expect(apart.every((one) => one <= tolerance)).toBe(true);
}

describe('the entropy and the disagreement', () => {
  test.each([
    ['three models of a softmax', 'classes = 3', [1, 2, 3], false],
    ['two models of one sigmoid', 'classes = 1  head = sigmoid', [1, 2], true],
    ['three models of regions', 'classes = 3  head = sigmoid', [1, 2, 3], true],
    ['two models of logits', 'classes = 4  head = logits', [4, 5], false],
  ] as const)('of %s are those of their probabilities', async (_, more, seeds, isEach) => {
    const models: PredictModel[] = [];
    for (const seed of seeds) models.push(await modelOf(net(more), seed));
    const pixels = randomBytes(32 * 16, 4);
    const path = await putPng(join(work, 'image.png'), pixels, 16);
    const output = join(work, 'labels.png');
    const options = { ...standard, maps: [entropy, disagreement] };
    const found = ok(await predictCase(models, [path], output, options));
    // A PNG has no fractions.
    const files = [output, join(work, 'labels_entropy.tif'), join(work, 'labels_disagreement.tif')];
    expect(writeLabels(found, output)).toEqual(files);
    const members = await probabilitiesOf(models, pixels, 16);
    const means = pixels.map((_, i) =>
      (members[0]?.[i] ?? []).map((_, k) => mean(members.map((own) => own[i]?.[k] ?? 0))),
    );
    const total = means.map((p) => entropyOf(p, isEach));
    const within = pixels.map((_, i) => mean(members.map((own) => entropyOf(own[i] ?? [], isEach))));
    const between = total.map((one, i) => one - (within[i] ?? 0));
    expectClose(await valuesOf(files[1] ?? ''), total);
    expectClose(await valuesOf(files[2] ?? ''), between);
    expect(Math.max(...between)).toBeGreaterThan(1e-4);
    const labels = [...ok(await readArray(output)).data].map(Number);
    const inForeground = (values: readonly number[]) => values.filter((_, i) => labels[i] !== 0);
    for (const [i, values] of [total, between].entries()) {
      const measures = found.maps[i]?.measures;
      expect(measures).toEqual({
        unit: 'nats',
        mean: expect.closeTo(mean(values), 6),
        foreground: labels.some((label) => label !== 0)
          ? expect.closeTo(mean(inForeground(values)), 6)
          : null,
      });
    }
    for (const { session } of models) await session.close();
  });

  test('of one model change nothing of its labels', async () => {
    const model = await modelOf(net('classes = 3'), 7);
    const pixels = randomBytes(100 * 50, 9);
    const path = await putPng(join(work, 'one.png'), pixels, 50);
    const [plain, mapped] = [join(work, 'plain.tif'), join(work, 'mapped.tif')];
    expect(writeLabels(ok(await predictCase([model], [path], plain, standard)), plain)).toEqual([plain]);
    const found = ok(await predictCase([model], [path], mapped, { ...standard, maps: [entropy] }));
    ok(writeLabels(found, mapped));
    expect(readFileSync(mapped)).toEqual(readFileSync(plain));
    // Between 0 and ln 3.
    const values = await valuesOf(join(work, 'mapped_entropy.tif'));
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.log(3) + 1e-6);
    await model.session.close();
  });

  test('count the foreground of the labels after all steps', async () => {
    const model = await modelOf(net('classes = 3'), 7);
    const path = await putPng(join(work, 'steps.png'), randomBytes(40 * 40, 9), 40);
    const output = join(work, 'steps.tif');
    const steps = ok(parsePostprocessing(['min-size: 100000']));
    const finish = { steps, objects: undefined };
    const found = ok(await predictCase([model], [path], output, { ...standard, finish, maps: [entropy] }));
    expect(found.maps[0]?.measures).toMatchObject({ foreground: null });
    ok(writeLabels(found, output));
    await model.session.close();
  });

  test('of a stopped run have the bytes of an unbroken one', async () => {
    const models = [await modelOf(net('classes = 2'), 1), await modelOf(net('classes = 2'), 2)];
    const path = await putPng(join(work, 'stopped.png'), randomBytes(90 * 40, 2), 40);
    const output = join(work, 'stopped.npy');
    const options = { ...standard, windows: { tile: 16 }, maps: [entropy, disagreement], batch: 1 };
    const whole = ok(await predictCase(models, [path], output, options));
    const files = ok(writeLabels(whole, output));
    const wanted = files.map((file) => readFileSync(file));
    for (const stop of [3, 24, 25, 41]) {
      let done = 0;
      const stopped = predictCase(models, [path], output, {
        ...options,
        onProgress: () => {
          done += 1;
          if (done === stop) throw new Error('stop');
        },
      });
      await expect(stopped).rejects.toThrow('stop');
      for (const file of files) rmSync(file, { force: true });
      const resumed = ok(await predictCase(models, [path], output, { ...options, resume: true }));
      expect(resumed.maps.map(({ measures }) => measures)).toEqual(
        whole.maps.map(({ measures }) => measures),
      );
      expect(writeLabels(resumed, output)).toEqual(files);
      expect(files.map((file) => readFileSync(file))).toEqual(wanted);
      expect(existsSync(`${files[1]}.part`)).toBe(false);
    }
    for (const { session } of models) await session.close();
  });

  test('lie where the input does, whatever its orientation and spacing', async () => {
    const spec =
      'unet Net { input = 1 x 8 x 8 x 8  spacing = 2.5mm x 1.5mm x 1.5mm  classes = 3  depth = 2  channels = 3  padding = same }';
    const model = await modelOf(spec, 5, 'LPI');
    const sizes = [9, 10, 11];
    const values = Float32Array.from(randomBytes(9 * 10 * 11, 3));
    const mirrored = values.map((_, i) => values[i - (i % 11) + 10 - (i % 11)] ?? 0);
    const maps: (readonly number[])[] = [];
    for (const [name, data, step] of [
      ['right', values, 2],
      ['left', mirrored, -2],
    ] as const) {
      const path = join(work, `${name}.nii.gz`);
      const affine = [
        [step, 0, 0, step > 0 ? 0 : 20],
        [0, 2, 0, 5],
        [0, 0, 3, 7],
        [0, 0, 0, 1],
      ];
      const header: ArrayHeader = {
        ...{
          path,
          format: 'NIfTI-1',
          type: 'float32',
          bits: 32,
          scale: undefined,
          colour: 'none',
          notes: [],
        },
        axes: [
          { name: 'z', size: 9 },
          { name: 'y', size: 10 },
          { name: 'x', size: 11 },
        ],
        geometry: { affine, spacing: [3, 2, 2], unit: 'mm', orientation: step > 0 ? 'RAS' : 'LAS' },
      };
      expect(writeArray(path, { header, data })).toBeUndefined();
      const output = join(work, `${name}-labels.nii.gz`);
      const options = { ...standard, windows: { tile: 8 }, maps: [entropy] };
      ok(writeLabels(ok(await predictCase([model], [path], output, options)), output));
      const map = join(work, `${name}-labels_entropy.nii.gz`);
      maps.push(await valuesOf(map));
      const [own, input] = [ok(await readArray(map)).header, ok(await readArray(path)).header];
      expect(own.axes.map(({ size }) => size)).toEqual(sizes);
      expect(own.geometry?.affine).toEqual(input.geometry?.affine);
    }
    const [right = [], left = []] = maps;
    expect(new Set(right).size).toBeGreaterThan(100);
    expect(left).toEqual(right.map((_, i) => right[i - (i % 11) + 10 - (i % 11)]));
    await model.session.close();
  });
});
