import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { trainingSetFacts } from '../../src/data/values/training-set-facts.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { DataValues } from '../../src/normalize/data-values.js';
import { summaryOf } from '../../src/normalize/image-summary.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import type { PredictModel } from '../../src/predict/model/predict-model.js';
import { type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { mergedStatistics, trainingStatistics } from '../../src/predict/unlike/training-statistics.js';
import { type Unlike, unlikeTraining } from '../../src/predict/unlike/unlike-training.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { modelOf } from './model.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const standard: PredictCaseOptions = {
  ...{ windows: {}, border: 'mirror', mirror: false, resume: false, settings: '{}' },
};

/** Gray values of an image: noise of a brightness of its own, on a background. */
function pixelsOf(draws: Rng, count: number, gain = 1, contrast = 1): number[] {
  const brightness = 90 + 8 * draws.normal();
  return Array.from({ length: count }, () => {
    const value = gain * (brightness + contrast * 20 * draws.normal());
    return Math.round(Math.min(255, Math.max(0, value)));
  });
}

function factsOf(
  images: readonly (readonly number[])[],
  spatial: readonly number[],
  spacings: readonly (readonly number[])[] = [],
) {
  const values = new DataValues(1);
  for (const pixels of images) {
    values.add(
      summaryOf({ shape: [1, pixels.length], data: Float32Array.from(pixels, (value) => value / 255) }),
    );
  }
  const samples = images.map((_, i) => ({
    ...{ spatial, spacing: spacings[i], spacingUnit: spacings[i] && 'mm' },
  }));
  return trainingSetFacts(values, samples) ?? {};
}

const spec = (more = '') =>
  `unet Net { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 2  padding = same  ${more} }`;

async function unlikeOf(model: PredictModel, path: string): Promise<readonly Unlike[]> {
  const output = join(work, 'labels.tif');
  const found = ok(await predictCase([model], [path], output, standard));
  ok(writeLabels(found, output));
  // Each has a note with both numbers.
  for (const { found: own, training } of found.unlike) {
    const numbers = [...own, ...training.flatMap(({ min, max }) => [min, max])].map((one) =>
      String(Number(one.toPrecision(4))),
    );
    expect(found.notes.some((note) => numbers.every((one) => note.includes(one)))).toBe(true);
  }
  return found.unlike;
}

describe('an image that is unlike those of the training', () => {
  const draws = new Rng(1, 'unlike');
  const images = Array.from({ length: 8 }, () => pixelsOf(draws, 64 * 64));
  const facts = factsOf(images, [64, 64]);

  test.each([
    ['of the same kind', [1, 1, 64], []],
    ['a little brighter', [1.1, 1, 64], []],
    ['twice as bright', [2, 1, 64], ['mean']],
    ['much darker', [0.4, 1, 64], ['mean', 'deviation']],
    ['with little contrast', [1, 0.3, 64], ['deviation']],
    ['of three times the size', [1, 1, 192], []],
    ['of five times the size', [1, 1, 320], ['size']],
    ['of a third of the size', [1, 1, 21], ['size']],
  ] as const)('%s', async (_, [gain, contrast, width], wanted) => {
    const model = await modelOf(spec(), 1, undefined, facts);
    const path = await putPng(join(work, 'image.png'), pixelsOf(draws, width * width, gain, contrast), width);
    const found = await unlikeOf(model, path);
    expect(found.map(({ what }) => what)).toEqual(wanted);
    await model.session.close();
  });

  test('says nothing of values where each image is normalised by its own', async () => {
    const bright = await putPng(join(work, 'bright.png'), pixelsOf(draws, 64 * 64, 2), 64);
    const own = await modelOf(spec('normalize = zscore'), 1, undefined, facts);
    expect(await unlikeOf(own, bright)).toEqual([]);
    await own.session.close();
  });

  test('says nothing without statistics, and of values only with those of single images', async () => {
    const bright = await putPng(join(work, 'bright.png'), pixelsOf(draws, 20 * 20, 2), 20);
    const plain = await modelOf(spec(), 1);
    expect(await unlikeOf(plain, bright)).toEqual([]);
    const earlier = JSON.parse(JSON.stringify(facts));
    delete earlier.channels[0].images;
    const old = await modelOf(spec(), 1, undefined, earlier);
    expect((await unlikeOf(old, bright)).map(({ what }) => what)).toEqual(['size']);
    await plain.session.close();
    await old.session.close();
  });

  test('tells the numbers that it found, over all pages', async () => {
    const model = await modelOf(spec(), 1, undefined, facts);
    const pages = [pixelsOf(draws, 64 * 64, 2), pixelsOf(draws, 64 * 64, 2)];
    const path = join(work, 'pages.tif');
    const header: ArrayHeader = {
      ...{ path, format: 'TIFF', type: 'uint8', bits: 8, scale: undefined, colour: 'none', notes: [] },
      axes: [
        { name: 'page', size: 2 },
        { name: 'y', size: 64 },
        { name: 'x', size: 64 },
      ],
    };
    expect(writeArray(path, { header, data: Uint8Array.from(pages.flat()) })).toBeUndefined();
    const [one] = await unlikeOf(model, path);
    const mean = pages.flat().reduce((sum, value) => sum + value, 0) / pages.flat().length / 255;
    const means = images.map((own) => own.reduce((sum, value) => sum + value, 0) / own.length / 255);
    expect(one).toEqual({
      what: 'mean',
      channel: 1,
      found: [expect.closeTo(mean, 5)],
      training: [{ min: expect.closeTo(Math.min(...means), 5), max: expect.closeTo(Math.max(...means), 5) }],
    });
    await model.session.close();
  });
});

test('a volume of another spacing is named on the axes that the network sees', async () => {
  const draws = new Rng(2, 'volumes');
  const images = Array.from({ length: 3 }, () => pixelsOf(draws, 16 * 16 * 16));
  // In the orientation of the training, z, y, x.
  const spacings = [
    [0.8, 2, 2],
    [1.5, 2, 2],
    [1, 2, 2.5],
  ];
  const facts = factsOf(images, [16, 16, 16], spacings);
  const model = await modelOf(
    'unet Net { input = 1 x 8 x 8 x 8  classes = 2  depth = 2  channels = 2  padding = same }',
    1,
    'RAS',
    facts,
  );
  const pathOf = (name: string, spacing: readonly number[], orientation: string) => {
    const path = join(work, `${name}.nii`);
    const columns = [...orientation].map((letter, i) => {
      const column = [0, 0, 0];
      column['RAS'.indexOf(letter)] = spacing[2 - i] ?? 1;
      return column;
    });
    const affine = [0, 1, 2].map((row) => [...columns.map((column) => column[row] ?? 0), 0]);
    const header: ArrayHeader = {
      ...{ path, format: 'NIfTI-1', type: 'float32', bits: 32, scale: undefined, colour: 'none', notes: [] },
      axes: (['z', 'y', 'x'] as const).map((axis) => ({ name: axis, size: 16 })),
      geometry: { affine: [...affine, [0, 0, 0, 1]], spacing, unit: 'mm', orientation },
    };
    const data = Float32Array.from(pixelsOf(draws, 16 * 16 * 16), (value) => value / 255);
    expect(writeArray(path, { header, data })).toBeUndefined();
    return path;
  };
  expect(await unlikeOf(model, pathOf('same', [2.2, 2, 2], 'RAS'))).toEqual([]);
  const [coarse] = await unlikeOf(model, pathOf('coarse', [5, 2, 2], 'RAS'));
  expect(coarse).toMatchObject({ what: 'spacing', found: [5, 2, 2] });
  expect(coarse?.training).toEqual([
    { min: 0.8, max: 1.5 },
    { min: 2, max: 2 },
    { min: 2, max: 2.5 },
  ]);
  // Its x is the world's z: as the network sees it, it is of the same kind, and the other way round it is not.
  expect(await unlikeOf(model, pathOf('turned', [2, 2, 1], 'SAR'))).toEqual([]);
  const [turned] = await unlikeOf(model, pathOf('turned-coarse', [2, 2, 5], 'SAR'));
  expect(turned).toMatchObject({ what: 'spacing', found: [5, 2, 2] });
  await model.session.close();
});

test('images of the kind that training saw are hardly ever named', () => {
  const draws = new Rng(3, 'wolf');
  let named = 0;
  for (let round = 0; round < 300; round++) {
    const count = 2 + (round % 15);
    const sets = Array.from({ length: count }, () => pixelsOf(draws, 256));
    const training = trainingStatistics(JSON.stringify(factsOf(sets, [16, 16])));
    if (!training) throw new Error('there are statistics');
    const pixels = pixelsOf(draws, 256).map((value) => value / 255);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / 256;
    const std = Math.sqrt(pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 256);
    const own = { size: [16, 16], spacing: undefined, channels: [{ mean, std }] };
    if (unlikeTraining(training, own).length > 0) named += 1;
  }
  expect(named).toBeLessThanOrEqual(3);
});

test('several models are asked together', () => {
  const at = (low: number, high: number) => ({
    ...{ images: 10, channels: [], spacing: undefined },
    size: [{ min: low, max: high }],
  });
  const both = mergedStatistics([at(100, 200), at(150, 400)]);
  expect(both?.size).toEqual([{ min: 100, max: 400 }]);
  expect(mergedStatistics([])).toBeUndefined();
});

test.each([
  undefined,
  '',
  'null',
  '{}',
  '{"images": 3}',
  '{"images": 3, "size": {"min": [1], "max": []}}',
  '{"images": 3, "size": {"min": ["a"], "max": [2]}}',
])('statistics that are damaged or missing say nothing: %s', (text) => {
  expect(trainingStatistics(text)).toBeUndefined();
});
