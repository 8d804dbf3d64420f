import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import type { StoredData } from '../../src/formats/element.js';
import { readArray } from '../../src/formats/read.js';
import type { StoredArray } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import { asLogits } from '../../src/predict/model/as-logits.js';
import type { PredictModel } from '../../src/predict/model/predict-model.js';
import { type CasePrediction, type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { tensorRows } from '../../src/predict/rows/row-source.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import { planWindows } from '../../src/predict/windows/window-plan.js';
import { newSizes } from '../../src/resample/grid.js';
import { inverseTurn, turnBetween, turnImage, turnInto } from '../../src/resample/orientation.js';
import { resampleImage, resampleLogits } from '../../src/resample/resample.js';
import { elementCount } from '../../src/runtime/tensor.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { modelOf } from './model.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const standard: PredictCaseOptions = {
  ...{ windows: {}, border: 'mirror', mirror: false, resume: false, settings: '{}' },
};

async function labelsOf(
  models: readonly PredictModel[],
  paths: readonly string[],
  options: Partial<PredictCaseOptions> = {},
  output = join(work, 'labels.tif'),
): Promise<CasePrediction & { readonly data: StoredData }> {
  const result = ok(await predictCase(models, paths, output, { ...standard, ...options }));
  const { header, boxes } = result.labels;
  const data = boxes(header.axes.map(({ size }) => [0, size] as const));
  expect(writeLabels(result, output)).toEqual([output]);
  expect(existsSync(`${output}.part`)).toBe(false);
  return { ...result, data };
}

function numbersOf({ data }: { readonly data: StoredData }): readonly number[] {
  return Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

function randomBytes(count: number, seed: number): number[] {
  const draws = new Rng(seed, 'bytes');
  return Array.from({ length: count }, () => draws.index(256));
}

describe('a network with a margin', () => {
  test('in tiles, it gives what it gives in one piece', async () => {
    const model = await modelOf(
      'unet Net { input = 1 x 60 x 60  classes = 3  depth = 2  channels = 4  padding = valid }',
    );
    const [height, width] = [83, 71];
    const pixels = randomBytes(height * width, 1);
    const path = await putPng(join(work, 'valid.png'), pixels, width);
    const tiled = await labelsOf([model], [path], { windows: { tile: 44 } });
    const whole = await labelsOf([model], [path], { windows: { tile: 300 } });
    expect(tiled.windows).toMatch(/^tiled: \d+ windows/);
    expect(whole.windows).toMatch(/^one window/);
    expect(tiled.data).toEqual(whole.data);
    expect(new Set(numbersOf(tiled)).size).toBeGreaterThan(1);
    expect(tiled.counts.reduce((sum, count) => sum + count, 0)).toBe(height * width);
    await model.session.close();
  });
});

describe('a prediction that was stopped', () => {
  test('continues at the row where it stopped, to the same bytes', async () => {
    const model = await modelOf(
      'unet Net { input = 1 x 32 x 32  classes = 2  depth = 2  channels = 4  padding = same }',
      3,
    );
    const path = await putPng(join(work, 'stopped.png'), randomBytes(150 * 70, 2), 70);
    const output = join(work, 'stopped.tif');
    const whole = await labelsOf([model], [path], {}, output);
    const wanted = readFileSync(output);
    rmSync(output);
    class Stop extends Error {}
    let total = 0;
    for (const stop of [1, 9, 20, 23, 30]) {
      let calls = 0;
      const stopped = predictCase([model], [path], output, {
        ...standard,
        batch: 1,
        onProgress: (done, all) => {
          calls += 1;
          total = all;
          if (done === stop) throw new Stop();
        },
      });
      await expect(stopped).rejects.toBeInstanceOf(Stop);
      // A row that was not written whole.
      if (stop === 20) writeFileSync(`${output}.part`, Buffer.from([1, 2, 3]), { flag: 'a' });
      let resumed = 0;
      await labelsOf([model], [path], { resume: true, batch: 1, onProgress: () => (resumed += 1) }, output);
      expect(readFileSync(output)).toEqual(wanted);
      expect(calls).toBe(stop);
      // What was finished is not computed again, but for the windows that overlap the first missing row.
      if (stop > 20) expect(resumed).toBeLessThan(total - 10);
      rmSync(output);
    }
    expect(whole.data).toHaveLength(150 * 70);
    await model.session.close();
  });

  test('with other settings it is refused', async () => {
    const model = await modelOf(
      'unet Net { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 2  padding = same }',
    );
    const path = await putPng(join(work, 'changed.png'), randomBytes(40 * 40, 2), 40);
    const output = join(work, 'changed.tif');
    const begin = predictCase([model], [path], output, {
      ...standard,
      onProgress: () => {
        throw new Error('stop');
      },
    });
    await expect(begin).rejects.toThrow('stop');
    const other = { ...standard, resume: true, settings: '{"step":0.25}' };
    expect(await predictCase([model], [path], output, other)).toMatchObject({ code: 'prediction-changed' });
    // A caller that says what the numbers of the model are says what its labels are.
    const said = { ...model, head: { head: 'logits', threshold: 0, reason: undefined } };
    const resumed = { ...standard, resume: true };
    expect(await predictCase([said], [path], output, resumed)).toMatchObject({ code: 'prediction-changed' });
    await model.session.close();
  });
});

test('several models are averaged in probabilities', async () => {
  const spec = 'unet Net { input = 1 x 16 x 16  classes = 3  depth = 2  channels = 4  padding = same }';
  const models = [await modelOf(spec, 1), await modelOf(spec, 2), await modelOf(spec, 3)];
  const [height, width] = [32, 16];
  const pixels = randomBytes(height * width, 5);
  const path = await putPng(join(work, 'ensemble.png'), pixels, width);
  const found = await labelsOf(models, [path], { windows: { tile: 32 } });
  const image = { shape: [1, 1, height, width], data: Float32Array.from(pixels, (value) => value / 255) };
  const sums = new Float64Array(3 * height * width);
  for (const { windows } of models) {
    for (const [i, value] of ok(await windows.run(image)).data.entries()) sums[i] = (sums[i] ?? 0) + value;
  }
  const count = height * width;
  const wanted = Array.from({ length: count }, (_, i) => {
    const all = [0, 1, 2].map((k) => sums[k * count + i] ?? 0);
    return all.indexOf(Math.max(...all));
  });
  expect(numbersOf(found)).toEqual(wanted);
  expect(new Set(wanted).size).toBeGreaterThan(1);
  for (const { session } of models) await session.close();
});

/** All orientations of a volume: each order of the axes, and each of them in either direction. */
const orientations = ['RAS', 'RSA', 'ARS', 'ASR', 'SRA', 'SAR'].flatMap((letters) =>
  Array.from({ length: 8 }, (_, bits) =>
    [...letters]
      .map((letter, i) => (bits & (1 << i) ? ({ R: 'L', A: 'P', S: 'I' }[letter] ?? '') : letter))
      .join(''),
  ),
);

/** A volume whose axes x, y, z lead as `orientation` says, with its values taken from their place in the world. */
function volumeIn(orientation: string, path: string, oblique: boolean): StoredArray {
  const world = [11, 9, 8];
  const spacing = [1, 2, 3];
  const ends = [...orientation].map((letter) => {
    const axis = ['LR', 'PA', 'IS'].findIndex((pair) => pair.includes(letter));
    return { axis, isFar: 'RAS'.includes(letter) };
  });
  const [nx = 0, ny = 0, nz = 0] = ends.map(({ axis }) => world[axis] ?? 0);
  const angle = oblique ? 0.2 : 0;
  const turn = [
    [Math.cos(angle), -Math.sin(angle), 0],
    [Math.sin(angle), Math.cos(angle), 0],
    [0, 0, 1],
  ];
  const columns = ends.map(({ axis, isFar }) =>
    turn.map((row) => (row[axis] ?? 0) * (spacing[axis] ?? 1) * (isFar ? 1 : -1)),
  );
  const origin = turn.map((row) =>
    ends.reduce((sum, { axis, isFar }) => {
      const first = isFar ? 0 : (world[axis] ?? 0) - 1;
      return sum + (row[axis] ?? 0) * (spacing[axis] ?? 1) * first;
    }, 0),
  );
  const data = new Float32Array(nx * ny * nz);
  let at = 0;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const place = [0, 0, 0];
        for (const [i, { axis, isFar }] of ends.entries()) {
          const index = [x, y, z][i] ?? 0;
          place[axis] = isFar ? index : (world[axis] ?? 0) - 1 - index;
        }
        const [a = 0, b = 0, c = 0] = place;
        data[at++] = Math.sin(a * 1.3 + b * b * 0.7) + Math.cos(c * 2.1 + a * b);
      }
    }
  }
  const affine = [0, 1, 2].map((i) => [...columns.map((column) => column[i] ?? 0), origin[i] ?? 0]);
  return {
    header: {
      ...{ path, format: 'NIfTI-1', type: 'float32', bits: 32, scale: undefined, colour: 'none', notes: [] },
      axes: [
        { name: 'z', size: nz },
        { name: 'y', size: ny },
        { name: 'x', size: nx },
      ],
      geometry: {
        affine: [affine[0] ?? [], affine[1] ?? [], affine[2] ?? [], [0, 0, 0, 1]],
        spacing: ends.map(({ axis }) => spacing[axis] ?? 1).toReversed(),
        unit: 'mm',
        orientation,
      },
    },
    data,
  };
}

/** The label at each place of the world, in voxels of RAS from its corner. */
function byPlace({ header, data }: StoredArray, orientation: string): Map<string, number> {
  const [nz = 0, ny = 0, nx = 0] = header.axes.map(({ size }) => size);
  const sizes = [nx, ny, nz];
  const labels = new Map<string, number>();
  for (const [i, value] of data.entries()) {
    const index = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const place = [0, 0, 0];
    for (const [axis, letter] of [...orientation].entries()) {
      const world = ['LR', 'PA', 'IS'].findIndex((pair) => pair.includes(letter));
      const own = index[axis] ?? 0;
      place[world] = 'RAS'.includes(letter) ? own : (sizes[axis] ?? 0) - 1 - own;
    }
    labels.set(place.join(), Number(value));
  }
  return labels;
}

describe('volumes of any orientation', () => {
  test('are brought to that of the training images, and their labels lie where they do', async () => {
    // A network whose kernels are not symmetric: turned, it gives something else.
    const model = await modelOf(
      'unet Net { input = 1 x 8 x 8 x 8  classes = 3  depth = 2  channels = 3  padding = same }',
      5,
      'LPI',
    );
    let wanted: Map<string, number> | undefined;
    for (const [i, orientation] of orientations.entries()) {
      const path = join(work, `${orientation}.nii`);
      const volume = volumeIn(orientation, path, i % 2 === 1);
      expect(writeArray(path, volume)).toBeUndefined();
      const output = join(work, `${orientation}-labels.nii.gz`);
      await labelsOf([model], [path], { windows: { tile: 8 } }, output);
      const written = ok(await readArray(output));
      const read = ok(await readArray(path));
      // On the grid of the input, in its place.
      expect(written.header.axes).toEqual(read.header.axes);
      expect(written.header.geometry?.orientation).toBe(orientation);
      expect(written.header.geometry?.affine).toEqual(read.header.geometry?.affine);
      const found = byPlace(written, orientation);
      wanted ??= found;
      expect(found).toEqual(wanted);
    }
    expect(new Set(wanted?.values()).size).toBeGreaterThan(1);
    expect(wanted?.size).toBe(elementCount([11, 9, 8]));
    await model.session.close();
  });
});

describe('a volume of another spacing than the network', () => {
  const spec = (spacing: string) =>
    `unet Net { input = 1 x 8 x 8 x 8  spacing = ${spacing}  classes = 3  depth = 2  channels = 3  padding = same }`;
  test.each([
    ['finer', '1.4mm x 1mm x 0.8mm', undefined],
    ['coarser, one axis on its own', '6mm x 1.3mm x 1.1mm', 0],
    ['turned, too', '2mm x 1.5mm x 1.5mm', undefined],
  ] as const)('%s: the labels are those of the resampled logits', async (name, spacing, separate) => {
    const model = await modelOf(spec(spacing), 4, name === 'turned, too' ? 'LPS' : 'RAS');
    const path = join(work, 'spaced.nii');
    const volume = volumeIn('RAS', path, true);
    expect(writeArray(path, volume)).toBeUndefined();
    const turn = turnBetween('RAS', name === 'turned, too' ? 'LPS' : 'RAS');
    if (turn === undefined) throw new Error('both are orientations');
    const sizes = volume.header.axes.map(({ size }) => size);
    const values = volume.data as Float32Array; // as volumeIn makes it
    const turned = turnImage({ shape: [1, ...sizes], data: values }, turn);
    const target = [...spacing.matchAll(/([\d.]+)mm/g)].map(([, size]) => Number(size));
    const network = newSizes(sizes, [3, 2, 1], target);
    expect(network).not.toEqual(sizes);
    const seen = resampleImage(turned, network, { order: 3, separate });
    const output = join(work, 'spaced-labels.nii');
    const found = await labelsOf([model], [path], { windows: { tile: 8 } }, output);
    expect(found.notes.join()).toContain('resampled from 3 x 2 x 1 mm');
    // All windows at once, by the same plan.
    const plan = ok(planWindows(model.rules, model.margin, network, { tile: 8 }, model.declared));
    const logits = new Float32Array(3 * elementCount(network));
    const rows = predictRows(asLogits(model.windows, 'softmax'), tensorRows(seen), plan);
    for await (const one of rows) {
      const { from, to, values: part } = ok(one);
      const line = elementCount(network.slice(1));
      for (let k = 0; k < 3; k++) {
        const own = part.data.subarray(k * (to - from) * line, (k + 1) * (to - from) * line);
        logits.set(own, (k * (network[0] ?? 0) + from) * line);
      }
    }
    const back = resampleLogits({ shape: [3, ...network], data: logits }, sizes, separate);
    const count = elementCount(sizes);
    const labels = Uint8Array.from({ length: count }, (_, i) => {
      const all = [0, 1, 2].map((k) => back.data[k * count + i] ?? 0);
      return all.indexOf(Math.max(...all));
    });
    const wanted = new Uint8Array(count);
    turnInto(labels, sizes, inverseTurn(turn), wanted);
    expect(numbersOf(found)).toEqual([...wanted]);
    expect(new Set(wanted).size).toBeGreaterThan(1);
    // In a file that names no unit, lengths are in mm.
    const bare = join(work, 'spaced-bare.nii');
    const header = readFileSync(path);
    header[123] = 0;
    writeFileSync(bare, header);
    const unnamed = await labelsOf([model], [bare], { windows: { tile: 8 } }, join(work, 'bare-labels.nii'));
    expect(unnamed.data).toEqual(found.data);
    expect(unnamed.notes).toHaveLength(found.notes.length + 1);
    // Stopped and continued.
    const whole = readFileSync(output);
    rmSync(output);
    for (const stop of [1, 2, 3]) {
      const stopped = predictCase([model], [path], output, {
        ...{ ...standard, windows: { tile: 8 }, batch: 1 },
        onProgress: (done) => {
          if (done === stop) throw new Error('stop');
        },
      });
      await expect(stopped).rejects.toThrow('stop');
      await labelsOf([model], [path], { windows: { tile: 8 }, batch: 1, resume: true }, output);
      expect(readFileSync(output)).toEqual(whole);
      rmSync(output);
    }
    await model.session.close();
  });

  test('an image that does not state its spacing is taken as it is, with a note', async () => {
    const model = await modelOf(
      'unet Net { input = 1 x 16 x 16  spacing = 2um x 2um  classes = 2  depth = 2  channels = 2  padding = same }',
    );
    const path = await putPng(join(work, 'unspaced.png'), randomBytes(256, 1), 16);
    const found = await labelsOf([model], [path]);
    expect(found.notes).toEqual([expect.stringContaining('0.002 x 0.002 mm')]);
    await model.session.close();
  });
});

test('a number that is not finite is counted in all rows', async () => {
  const model = await modelOf(
    'unet Net { input = 1 x 8 x 8 x 8  classes = 2  depth = 2  channels = 2  padding = same }',
  );
  const path = join(work, 'nan.nii');
  const volume = volumeIn('RAS', path, false);
  const data = Float32Array.from(volume.data as Float32Array); // as volumeIn makes it
  data[200] = Number.NaN;
  data[700] = Number.POSITIVE_INFINITY;
  expect(writeArray(path, { ...volume, data })).toBeUndefined();
  const options = { ...standard, windows: { tile: 8 } };
  const output = join(work, 'nan-labels.nii.gz');
  expect(await predictCase([model], [path], output, options)).toMatchObject({
    code: 'values-not-finite',
    args: { count: 2, total: data.length, first: [0, 2, 0, 2] },
  });
  expect(existsSync(output)).toBe(false);
  const replaced = await labelsOf([model], [path], { ...options, replacement: 0 }, output);
  expect(replaced.data).toHaveLength(data.length);
  await model.session.close();
});
