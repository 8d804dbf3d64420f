import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { OpenedFiles } from '../../src/formats/file-reader.js';
import { readArray } from '../../src/formats/read.js';
import { type StoredArray, sizesOf } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { ImageFile } from '../../src/images/image-file.js';
import { connectedComponents } from '../../src/objects/components/connected-components.js';
import { postprocess } from '../../src/objects/postprocess/postprocess.js';
import { parsePostprocessing } from '../../src/objects/postprocess/step-text.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import type { PredictModel } from '../../src/predict/model/predict-model.js';
import { type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { bin, unet } from '../cli/unet.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { stored } from '../images/stored.js';
import { modelOf } from './model.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const standard: PredictCaseOptions = {
  ...{ windows: {}, border: 'mirror', mirror: false, resume: false, settings: '{}' },
};

async function predicted(
  model: PredictModel,
  input: string,
  output: string,
  options: Partial<PredictCaseOptions> = {},
) {
  const result = ok(await predictCase([model], [input], output, { ...standard, ...options }));
  ok(writeLabels(result, output));
  return result;
}

/** All files of a folder, or one, with their bytes. */
function contents(path: string): readonly (readonly [string, string])[] {
  const names = existsSync(join(path, '0')) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [''];
  return names.sort().flatMap((name) => {
    try {
      return [[name, readFileSync(join(path, name)).toString('base64')] as const];
    } catch {
      return [];
    }
  });
}

const affines = {
  LPS: [
    [-1, 0, 0, 9],
    [0, -2, 0, 8],
    [0, 0, 3, -7],
    [0, 0, 0, 1],
  ],
  SAR: [
    [0, 0, 3, -5],
    [0, 2, 0, 4],
    [1, 0, 0, 6],
    [0, 0, 0, 1],
  ],
} as const;

/** A volume of noise, 9 x 10 x 11. */
function noise(orientation: keyof typeof affines): StoredArray {
  const rng = new Rng(2, 'noise');
  const values = Array.from({ length: 990 }, () => rng.index(256));
  const sizes = [['z', 9] as const, ['y', 10] as const, ['x', 11] as const];
  const geometry = { affine: affines[orientation], spacing: [3, 2, 1], unit: 'mm', orientation } as const;
  return stored('NIfTI-1', sizes, { type: 'float32', geometry }, values);
}

const spec = (classes: number) =>
  `unet Net { input = 1 x 8 x 8 x 8  classes = ${classes}  depth = 1  channels = 2  padding = same }`;

describe.each([
  ['one byte', 3],
  ['two bytes', 300],
] as const)('labels of %s', (_, classes) => {
  test('are the same in all formats and orientations, and continue to the same bytes', async () => {
    const model = await modelOf(spec(classes), classes === 300 ? 7 : 5, 'LPS');
    for (const orientation of ['LPS', 'SAR'] as const) {
      const input = join(work, `${orientation}.nii`);
      expect(writeArray(input, noise(orientation))).toBeUndefined();
      let wanted: number[] | undefined;
      for (const ending of ['nii', 'nii.gz', 'nrrd', 'mha', 'npy', 'tif', 'zarr']) {
        const output = join(work, `labels.${ending}`);
        const options = { windows: { tile: 8 }, batch: 1 };
        await predicted(model, input, output, options);
        const { header, data } = ok(await readArray(output));
        expect(header.type).toBe(classes > 256 ? 'uint16' : 'uint8');
        expect(sizesOf(header.axes)).toEqual([9, 10, 11]);
        const labels = Array.from({ length: data.length }, (_, i) => Number(data[i]));
        wanted ??= labels;
        expect(labels).toEqual(wanted);
        const whole = contents(output);
        rmSync(output, { recursive: true });
        const stopped = predictCase([model], [input], output, {
          ...{ ...standard, ...options },
          onProgress: (done) => {
            if (done === 5) throw new Error('stop');
          },
        });
        await expect(stopped).rejects.toThrow('stop');
        await predicted(model, input, output, { ...options, resume: true });
        expect(contents(output)).toEqual(whole);
        rmSync(output, { recursive: true });
      }
      expect(new Set(wanted).size).toBeGreaterThan(1);
      expect(Math.max(...(wanted ?? []))).toBeGreaterThan(classes > 256 ? 255 : 0);
    }
    await model.session.close();
  });
});

describe('labels that are finished band by band', () => {
  test('are those of the whole, and so are the numbers of objects', async () => {
    const model = await modelOf(
      'unet Net { input = 1 x 16 x 16  classes = 3  depth = 1  channels = 2  padding = same }',
      1,
    );
    const rng = new Rng(9, 'pixels');
    const pixels = Array.from({ length: 90 * 70 }, () => rng.index(256));
    const input = await putPng(join(work, 'noise.png'), pixels, 70);
    const [plain, finished, numbers] = ['plain.tif', 'finished.tif', 'numbers.tif'].map((name) =>
      join(work, name),
    );
    if (!plain || !finished || !numbers) throw new Error('there are three');
    await predicted(model, input, plain);
    const labels = ok(await readArray(plain)).data as Uint8Array; // of three classes
    const steps = ok(parsePostprocessing(['min-size: 4', 'fill-holes', 'class 1: largest: 3']));
    const wanted = ok(postprocess({ labels, shape: [90, 70] }, steps));
    expect(wanted).not.toEqual(labels);
    const result = await predicted(model, input, finished, { finish: { steps, objects: undefined } });
    expect(ok(await readArray(finished)).data).toEqual(wanted);
    const counts = [0, 1, 2].map((label) => wanted.filter((one) => one === label).length);
    expect(result.counts).toEqual(counts);
    const objects = { kind: 'components' } as const;
    const numbered = await predicted(model, input, numbers, { finish: { steps, objects } });
    const components = connectedComponents(wanted, [90, 70]);
    expect(components.count).toBeGreaterThan(5);
    expect(ok(await readArray(numbers)).data).toEqual(Uint16Array.from(components.labels));
    expect(numbered.objects?.values).toEqual([...components.values]);
    expect(readdirSync(work).filter((name) => name.includes('.part'))).toEqual([]);
    await model.session.close();
  });

  test.each([
    ['distance', { kind: 'distance' }, [], 2 ** 27],
    ['border', { kind: 'border', border: 1 }, [], 2 ** 27],
    ['export', { kind: 'components' }, ['geojson'], 2 ** 29],
  ] as const)('%s of what is too large for it is refused before anything is computed', async (what, objects, exports, most) => {
    const model = await modelOf(
      'unet Net { input = 1 x 16 x 16  classes = 2  depth = 1  channels = 2  padding = same }',
    );
    const input = join(work, `${what}.zarr`);
    mkdirSync(input);
    const array = { zarr_format: 2, shape: [40_000, 40_000], chunks: [1000, 1000], dtype: '|u1', order: 'C' };
    const rest = { fill_value: 0, filters: null, compressor: null };
    writeFileSync(join(input, '.zarray'), JSON.stringify({ ...array, ...rest }));
    const output = join(work, 'too-large.tif');
    const options = { ...standard, finish: { steps: [], objects, exports } };
    expect(await predictCase([model], [input], output, options)).toMatchObject({
      code: 'objects-exceed-memory',
      args: { what, sizes: [40_000, 40_000], most },
    });
    expect(await predictCase([model], [input], join(work, 'a.png'), standard)).toMatchObject({
      code: 'picture-too-large',
    });
    expect(readdirSync(work).filter((name) => name.includes('.part'))).toEqual([]);
    await model.session.close();
  });
});

test('the rows of a volume of more than 64 MB are read as they are needed, whatever the turn', async () => {
  const [depth, side] = [66, 512];
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [i, dim] of [3, side, side, depth, 1, 1, 1, 1].entries()) header.writeInt16LE(dim, 40 + 2 * i);
  header.writeInt16LE(16, 70);
  header.writeInt16LE(32, 72);
  header.writeFloatLE(352, 108);
  header.write('n+1\0', 344, 'latin1');
  const path = join(work, 'large.nii');
  // Zeros that take no room, and some numbers among them.
  const file = openSync(path, 'w');
  writeSync(file, header);
  ftruncateSync(file, header.length + 4 * depth * side * side);
  const marks = [
    [0, 0, 3],
    [1, 511, 0],
    [40, 100, 200],
    [65, 1, 511],
  ] as const;
  for (const [k, [z, y, x]] of marks.entries()) {
    writeSync(file, Float32Array.of(k + 1), 0, 4, header.length + 4 * ((z * side + y) * side + x));
  }
  closeSync(file);
  const sizes = [depth, side, side];
  for (const turn of [
    { order: [0, 1, 2], reversed: [false, false, false] },
    { order: [0, 2, 1], reversed: [true, false, true] },
    { order: [2, 0, 1], reversed: [true, true, false] },
  ]) {
    await OpenedFiles.during(async (files) => {
      const image = ok(await ImageFile.open(files, path, { rank: 3 }));
      for (const [k, mark] of marks.entries()) {
        const place = turn.order.map((axis, i) => {
          const at = mark[axis] ?? 0;
          return turn.reversed[i] ? (sizes[axis] ?? 0) - 1 - at : at;
        });
        const [row = 0] = place;
        const from = Math.max(0, row - 1);
        const { data, layout } = ok(await image.rows(0, from, row + 1, turn));
        expect(data.length).toBeLessThan(2 ** 21);
        const at = place.reduce((sum, one, i) => {
          const local = i === 0 ? one - from : one;
          return sum + local * (layout.steps[i]?.stride ?? 0);
        }, layout.start);
        expect(data[at]).toBe(k + 1);
      }
    });
  }
});

test('a process that is killed at any moment leaves what --resume continues', {
  timeout: 60_000,
}, async () => {
  const rng = new Rng(21, 'moments');
  const input = await putPng(
    join(work, 'killed.png'),
    Array.from({ length: 300 * 200 }, () => rng.index(256)),
    200,
  );
  writeFileSync(
    join(work, 'killed.unet'),
    'unet Net { input = 1 x 16 x 16  classes = 2  depth = 1  channels = 2  padding = same }\n',
  );
  const call = (args: readonly string[], kill?: string) =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, [bin, ...args], { cwd: work, stdio: 'ignore' });
      // As soon as the part file has so many rows.
      const rows = 20 + rng.index(100);
      const watch = setInterval(() => {
        const size = kill ? (statSync(kill, { throwIfNoEntry: false })?.size ?? 0) : 0;
        if (size > 200 * rows) child.kill('SIGKILL');
      }, 1);
      child.on('close', (code) => {
        clearInterval(watch);
        resolve(code);
      });
    });
  expect(await call(['build', 'killed.unet', '--target', 'onnx', '--dynamic', '-o', 'killed.onnx'])).toBe(0);
  const predict = (output: string, ...more: readonly string[]) => [
    ...[
      'predict',
      'killed.onnx',
      '--input',
      input,
      '-o',
      output,
      '--tile',
      '16',
      '--batch',
      '1',
      '--threads',
      '1',
    ],
    ...['--post', 'min-size: 3', '--objects', 'components', ...more],
  ];
  expect(await call(predict('whole.tif'))).toBe(0);
  expect(await call(predict('stopped.tif'), join(work, 'stopped.tif.part'))).toBeNull();
  expect(existsSync(join(work, 'stopped.tif'))).toBe(false);
  expect(await call(predict('stopped.tif', '--resume'))).toBe(0);
  expect(readFileSync(join(work, 'stopped.tif')).equals(readFileSync(join(work, 'whole.tif')))).toBe(true);
  expect(readdirSync(work).filter((name) => name.includes('.part'))).toEqual([]);
});

test('an OME-Zarr is predicted into an OME-Zarr, again over an older one, and beside others into a folder', () => {
  const sizes = [['y', 40] as const, ['x', 30] as const];
  const axes = sizes.map(([name]) => ({ name, type: 'space', unit: 'micrometer' }));
  const transformations = [
    { type: 'scale', values: [0.5, 0.25] },
    { type: 'translation', values: [3, 4] },
  ] as const;
  const native = {
    form: 'ome-zarr',
    version: '0.4',
    axes,
    transformations,
    imageTransformations: [],
  } as const;
  const geometry = {
    affine: undefined,
    spacing: [0.5, 0.25],
    unit: 'um',
    orientation: undefined,
    native,
  } as const;
  const folder = join(work, 'zarrs');
  mkdirSync(folder);
  for (const name of ['a.zarr', 'b.zarr']) {
    const values = Array.from({ length: 1200 }, (_, i) => (i * 37) % 251);
    expect(
      writeArray(join(folder, name), stored('OME-Zarr', sizes, { type: 'uint8', geometry }, values)),
    ).toBeUndefined();
  }
  writeFileSync(
    join(work, 'zarr.unet'),
    'unet Net { input = 1 x 16 x 16  classes = 2  depth = 1  channels = 2  padding = same }\n',
  );
  expect(unet(['build', 'zarr.unet', '--target', 'onnx', '--dynamic', '-o', 'zarr.onnx'], work).code).toBe(0);
  const predict = (input: string, output: string) =>
    unet(['predict', 'zarr.onnx', '--input', input, '-o', output, '--threads', '1'], work);
  for (const output of ['one.zarr', 'one.zarr/']) {
    expect(predict('zarrs/a.zarr', output)).toMatchObject({ code: 0, stderr: '' });
  }
  expect(predict('zarrs', 'several')).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(join(work, 'several')).sort()).toEqual(['a.zarr', 'b.zarr']);
  expect(contents(join(work, 'several/a.zarr'))).toEqual(contents(join(work, 'one.zarr')).map(renamed));
  const attributes = JSON.parse(readFileSync(join(work, 'one.zarr/.zattrs'), 'utf8'));
  expect(attributes.multiscales[0]).toMatchObject({
    version: '0.4',
    axes,
    datasets: [{ path: '0', coordinateTransformations: [{ scale: [0.5, 0.25] }, { translation: [3, 4] }] }],
  });
});

/** The name of the image stands in its attributes. */
function renamed([name, bytes]: readonly [string, string]): readonly [string, string] {
  const text = Buffer.from(bytes, 'base64').toString('latin1').replace('"one"', '"a"');
  return [name, Buffer.from(text, 'latin1').toString('base64')];
}
