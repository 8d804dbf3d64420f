import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { requestedMaps } from '../../src/cli/input/inference/map-options.js';
import { Rng } from '../../src/data/rng.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import { mapPath } from '../../src/predict/maps/map-path.js';
import type { ResultMap } from '../../src/predict/maps/result-map.js';
import { labelRuleOf } from '../../src/predict/model/label-rule.js';
import { type PredictModel, predictModel } from '../../src/predict/model/predict-model.js';
import { type CasePrediction, type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import type { Session } from '../../src/runtime/engine.js';
import { regionLabels } from '../../src/runtime/images/regions.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { writeForeignModel } from '../cli/foreign-model.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { modelOf } from './model.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const spec =
  'unet Net { input = 1 x 16 x 16  classes = 3  head = sigmoid  depth = 2  channels = 4  padding = same }';
const standard: PredictCaseOptions = {
  ...{ windows: { tile: 32 }, border: 'mirror', mirror: false, resume: false, settings: '{}' },
};
const masks: readonly ResultMap[] = [0, 1, 2].map((channel) => ({
  name: `region${channel + 1}`,
  content: { kind: 'region', channel },
}));

function randomBytes(count: number, seed: number): number[] {
  const draws = new Rng(seed, 'bytes');
  return Array.from({ length: count }, () => draws.index(256));
}

function numbersOf({ labels }: CasePrediction): readonly number[] {
  const data = labels.boxes(labels.header.axes.map(({ size }) => [0, size] as const));
  return Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

/** The mean probabilities of models for one window, (3, positions). */
async function meansOf(
  models: readonly PredictModel[],
  pixels: readonly number[],
  [height, width]: readonly [number, number],
): Promise<readonly (readonly number[])[]> {
  const image = { shape: [1, 1, height, width], data: Float32Array.from(pixels, (value) => value / 255) };
  const outputs: Float32Array[] = [];
  for (const { windows } of models) outputs.push(ok(await windows.run(image)).data);
  const count = height * width;
  return [0, 1, 2].map((k) =>
    Array.from(
      { length: count },
      (_, i) => outputs.reduce((sum, data) => sum + (data[k * count + i] ?? 0), 0) / models.length,
    ),
  );
}

function painted(regions: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  return (regions[0] ?? []).map((_, i) =>
    values.reduce((label, value, k) => ((regions[k]?.[i] ?? 0) > 0.5 ? value : label), 0),
  );
}

describe('a head of several sigmoids', () => {
  test.each([
    ['one model', [1], undefined],
    ['an ensemble', [1, 2, 3], undefined],
    ['labels of the caller, one of them twice', [1, 2, 3], [7, 300, 7]],
  ] as const)('%s: a later region covers an earlier one', async (name, seeds, regions) => {
    const models: PredictModel[] = [];
    for (const seed of seeds) {
      const { session, path } = await modelOf(spec, seed);
      models.push(ok(predictModel(session, path, undefined, regions)));
    }
    const pixels = randomBytes(32 * 16, 4);
    const path = await putPng(join(work, 'regions.png'), pixels, 16);
    const output = join(work, 'regions.tif');
    const found = ok(await predictCase(models, [path], output, { ...standard, maps: masks }));
    const means = await meansOf(models, pixels, [32, 16]);
    const wanted = painted(means, regions ?? [1, 2, 3]);
    expect(numbersOf(found)).toEqual(wanted);
    expect(new Set(wanted).size).toBeGreaterThan(regions ? 1 : 2);
    expect(found.notes.some((note) => note.includes('--regions'))).toBe(
      name !== 'labels of the caller, one of them twice',
    );
    // Each region on its own, also where another one covers it.
    const files = [output, ...[1, 2, 3].map((i) => join(work, `regions_region${i}.tif`))];
    expect(writeLabels(found, output)).toEqual(files);
    for (const [k, file] of files.slice(1).entries()) {
      const { data, header } = ok(await readArray(file));
      expect(header.axes.map(({ size }) => size)).toEqual([32, 16]);
      expect([...data].map(Number)).toEqual(means[k]?.map((p) => (p > 0.5 ? 1 : 0)));
    }
    for (const { session } of models) await session.close();
  });

  test('mirror images are averaged before the threshold', async () => {
    const model = await modelOf(spec, 5);
    const pixels = randomBytes(16 * 16, 6);
    const path = await putPng(join(work, 'mirrored.png'), pixels, 16);
    const output = join(work, 'mirrored.tif');
    const found = ok(await predictCase([model], [path], output, { ...standard, mirror: true }));
    const labels = numbersOf(found);
    found.part.close();
    const flip = (values: readonly number[], x: boolean, y: boolean) =>
      values.map((_, i) => {
        const [row, column] = [Math.floor(i / 16), i % 16];
        return values[(y ? 15 - row : row) * 16 + (x ? 15 - column : column)] ?? 0;
      });
    const logits = [0, 1, 2].map(() => new Float64Array(256));
    for (const x of [false, true]) {
      for (const y of [false, true]) {
        const means = await meansOf([model], flip(pixels, x, y), [16, 16]);
        for (const [k, region] of means.entries()) {
          const back = flip(region, x, y).map((p) => Math.log(p / (1 - p)) / 4);
          for (const [i, value] of back.entries()) {
            const sums = logits[k] ?? new Float64Array();
            sums[i] = (sums[i] ?? 0) + value;
          }
        }
      }
    }
    const wanted = painted(
      logits.map((region) => [...region].map((logit) => 1 / (1 + Math.exp(-logit)))),
      [1, 2, 3],
    );
    expect(labels).toEqual(wanted);
    await model.session.close();
  });

  test('stopped, it continues after the last row that all its files have', async () => {
    const model = await modelOf(spec, 3);
    const path = await putPng(join(work, 'stopped.png'), randomBytes(150 * 40, 2), 40);
    const output = join(work, 'stopped.tif');
    const options = { ...standard, windows: { tile: 16 }, maps: masks, batch: 1 };
    const files = ok(writeLabels(ok(await predictCase([model], [path], output, options)), output));
    const wanted = files.map((file) => readFileSync(file));
    for (const file of files) rmSync(file);
    // How the parts of the labels and of the regions may be left: cut off anywhere.
    const losses = [
      [0, 0, 0, 0],
      [0, 40, 40, 40],
      [0, 0, 40, 41],
      [17, 0, 0, 400],
      [0, 0, 0, 100_000],
    ];
    for (const [round, lost] of losses.entries()) {
      const stopped = predictCase([model], [path], output, {
        ...options,
        onProgress: (done) => {
          if (done === 20 + round) throw new Error('stop');
        },
      });
      await expect(stopped).rejects.toThrow('stop');
      for (const [i, file] of files.entries()) {
        const { size } = statSync(`${file}.part`);
        expect(size).toBeGreaterThan(1000);
        truncateSync(`${file}.part`, Math.max(0, size - (lost[i] ?? 0)));
      }
      if (round === 1) appendFileSync(`${output}.part`, Buffer.alloc(13));
      const resumed = ok(await predictCase([model], [path], output, { ...options, resume: true }));
      expect(writeLabels(resumed, output)).toEqual(files);
      expect(files.map((file) => readFileSync(file))).toEqual(wanted);
      for (const file of files) {
        expect(existsSync(`${file}.part`)).toBe(false);
        rmSync(file);
      }
    }
    await model.session.close();
  });

  test('without the masks of the first call, it is refused', async () => {
    const model = await modelOf(spec, 3);
    const path = await putPng(join(work, 'other.png'), randomBytes(40 * 40, 2), 40);
    const output = join(work, 'other.tif');
    const begin = predictCase([model], [path], output, {
      ...{ ...standard, maps: masks },
      onProgress: () => {
        throw new Error('stop');
      },
    });
    await expect(begin).rejects.toThrow('stop');
    for (const maps of [[], masks.slice(1)]) {
      const again = await predictCase([model], [path], output, { ...standard, maps, resume: true });
      expect(again).toMatchObject({ code: 'prediction-changed' });
    }
    await model.session.close();
  });

  test('that was trained on classes keeps the most probable class', async () => {
    const { session } = await modelOf(spec, 1, 'RAS');
    expect(ok(labelRuleOf(session, 'sigmoid', undefined))).toEqual({ kind: 'classes' });
    const own = ok(labelRuleOf(session, 'sigmoid', [0, 1, 2]));
    expect(own).toEqual({ kind: 'regions', values: [0, 1, 2] });
    await session.close();
  });
});

test.each([
  ['of the model', ['whole tumour', 'Core/1', 'Core/2'], ['whole-tumour', 'Core-1', 'Core-2']],
  ['that would be one file', ['Core/1', 'Core 1', 'edema'], ['region1', 'region2', 'region3']],
  ['of another number of classes', ['a', 'b'], ['region1', 'region2', 'region3']],
  ['that no file can have', ['..', 'b', 'c'], ['region1', 'region2', 'region3']],
  ['of no class', undefined, ['region1', 'region2', 'region3']],
])('masks have names %s', async (_, classNames, wanted) => {
  const model = await modelOf(spec);
  const maps = ok(requestedMaps({ ...model, classNames }, { regionMasks: true }, 1));
  expect(maps.map(({ name }) => name)).toEqual(wanted);
  expect(
    mapPath(join('out', 'a.b.nii.gz'), maps[0] ?? { name: '', content: { kind: 'region', channel: 0 } }),
  ).toBe(join('out', `a.b_${wanted[0]}.nii.gz`));
  await model.session.close();
});

test.each([
  ['softmax', [1, 2, 3], { case: 'softmax' }],
  ['sigmoid', [1, 2], { case: 'count', labels: 2, channels: 3 }],
  ['logits', [1, 2, 3, 4], { case: 'count', labels: 4, channels: 3 }],
] as const)('a head of 3 channels, %s, does not take the labels %j', async (head, values, problem) => {
  const model = await modelOf(spec.replace('sigmoid', head));
  expect(labelRuleOf(model.session, head, values)).toMatchObject({
    code: 'unfit-regions',
    args: { problem },
  });
  await model.session.close();
});

test('labels above 255 have 16 bits, and none is above 65535', () => {
  const output = { shape: [2, 3], data: Float32Array.of(1, 0, 1, 0, 1, 1) };
  expect(ok(regionLabels(output, 0.5, [65535, 2])).data).toEqual(Uint16Array.of(65535, 2, 2));
  expect(ok(regionLabels(output, 0.5, [255, 0])).data).toEqual(Uint8Array.of(255, 0, 0));
  expect(regionLabels(output, 0.5, [65536, 0])).toMatchObject({ code: 'too-many-classes' });
});

describe('a model that does not name its head', () => {
  test('is read alike by a run that was stopped', async () => {
    const path = join(work, 'sine.onnx');
    // Its outputs below 0, which tell that they are logits, are those of the first rows.
    writeForeignModel(path, [{ op: 'Sin' }], ['n', 1, 'h', 'w']);
    const session = ok(await onnxRuntimeEngine().load(path, { threads: 1 }));
    const model = ok(predictModel(session, path, undefined));
    const image = join(work, 'sine.npy');
    const data = Float32Array.from({ length: 128 * 8 }, (_, i) => (i < 64 ? -1 : 1));
    const header: ArrayHeader = {
      ...{ path: image, format: 'NPY', type: 'float32', bits: 32, colour: 'none', notes: [] },
      scale: undefined,
      axes: [
        { name: 'y', size: 128 },
        { name: 'x', size: 8 },
      ],
    };
    expect(writeArray(image, { header, data })).toBeUndefined();
    const output = join(work, 'sine-labels.npy');
    const options = { ...standard, windows: { tile: 8 }, batch: 1 };
    const whole = ok(await predictCase([model], [image], output, options));
    const wanted = numbersOf(whole);
    whole.part.close();
    expect(whole.notes).toHaveLength(1);
    const stopped = predictCase([model], [image], output, {
      ...options,
      onProgress: (done) => {
        if (done === 20) throw new Error('stop');
      },
    });
    await expect(stopped).rejects.toThrow('stop');
    const resumed = ok(await predictCase([model], [image], output, { ...options, resume: true }));
    expect(resumed.notes).toEqual(whole.notes);
    expect(numbersOf(resumed)).toEqual(wanted);
    expect(writeLabels(resumed, output)).toEqual([output]);
    expect(existsSync(`${output}.range.part`)).toBe(false);
    await session.close();
  });

  test('and how many channels it has is one class, without a note on regions', async () => {
    const path = join(work, 'free.onnx');
    writeForeignModel(path, [{ op: 'Sigmoid' }], ['n', 1, 'h', 'w'], ['n', 'c', 'h', 'w']);
    const loaded = ok(await onnxRuntimeEngine().load(path, { threads: 1 }));
    // As of a model whose channels the engine does not find out.
    const outputs = loaded.outputs.map((output) => ({ ...output, shape: ['n', 'c', 'h', 'w'] }));
    const { inputs, metadata } = loaded;
    const session: Session = {
      ...{ inputs, outputs, metadata },
      run: (input) => loaded.run(input),
      close: () => loaded.close(),
    };
    const model = ok(predictModel(session, path, 'sigmoid'));
    expect(model.outputChannels).toBeUndefined();
    const pixels = randomBytes(16 * 16, 3);
    const image = await putPng(join(work, 'free.png'), pixels, 16);
    const found = ok(await predictCase([model], [image], join(work, 'free.tif'), standard));
    expect(found.notes).toEqual([]);
    expect(numbersOf(found)).toEqual(pixels.map((value) => (value > 0 ? 1 : 0)));
    found.part.close();
    await session.close();
  });
});
