import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import { type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { threadedOnnxRuntime } from '../../src/runtime/onnxruntime/threaded-engine.js';
import { freshFolder, ok, putPng } from '../data/folder.js';
import { buildWorker } from '../data/loader-worker.js';
import { modelOf } from './model.js';

const work = freshFolder();
const volume = join(work, 'volume.nii');
const [image, broken] = [join(work, 'image.png'), join(work, 'broken.nii')];
let script: URL;
let remove: () => void;
beforeAll(async () => {
  ({ script, remove } = await buildWorker('src/runtime/onnxruntime/engine-thread.ts'));
  const draws = new Rng(1, 'image');
  const bytes = Array.from({ length: 90 * 70 }, () => draws.index(256));
  await putPng(image, bytes, 70);
  const values = Float32Array.from({ length: 14 * 20 * 18 }, () => draws.uniform(-1, 1));
  writeFileSync(volume, nifti([18, 20, 14], [1, 1, 2], values));
  values[18 * 20 * 9 + 5] = Number.NaN;
  writeFileSync(broken, nifti([18, 20, 14], [1, 1, 2], values));
});
afterAll(() => {
  rmSync(work, { recursive: true });
  remove();
});

/** A NIfTI file of float32 numbers, x fastest; `spacing` in mm. */
function nifti(sizes: readonly number[], spacing: readonly number[], values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(352 + values.byteLength);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  for (const [i, size] of [3, ...sizes, 1, 1, 1, 1].entries()) view.setInt16(40 + 2 * i, size, true);
  view.setInt16(70, 16, true);
  view.setInt16(72, 32, true);
  for (const [i, size] of [1, ...spacing].entries()) view.setFloat32(76 + 4 * i, size, true);
  view.setFloat32(108, 352, true);
  view.setUint8(123, 2);
  view.setInt16(254, 1, true);
  for (const [i, size] of spacing.entries()) view.setFloat32(280 + 20 * i, size, true);
  bytes.set([110, 43, 49], 344);
  bytes.set(new Uint8Array(values.buffer), 352);
  return bytes;
}

const same = 'unet Net { input = 1 x 32 x 32  classes = 3  depth = 2  channels = 3  padding = same }';
const valid = 'unet Net { input = 1 x 60 x 60  classes = 2  depth = 2  channels = 3  padding = valid }';
const deep =
  'unet Net { input = 1 x 8 x 8 x 8  spacing = 1.5mm x 1mm x 1mm  normalize = zscore  classes = 2  depth = 2  channels = 2  padding = same }';

interface Case {
  readonly spec: string;
  readonly input: string;
  readonly options?: Partial<PredictCaseOptions>;
  /** How many models. */
  readonly count?: number;
}

const cases: readonly (readonly [string, Case])[] = [
  ['an image', { spec: same, input: image }],
  ['mirror images', { spec: same, input: image, options: { mirror: true, windows: { tile: 16 } } }],
  ['batches of one', { spec: same, input: image, options: { batch: 1, border: 'zero' } }],
  ['three models', { spec: same, input: image, count: 3 }],
  ['MONAI', { spec: same, input: image, options: { windows: { placement: 'shifted', step: 0.75 } } }],
  ['a margin', { spec: valid, input: image, options: { windows: { tile: 44 }, batch: 2 } }],
  ['a volume that is resampled', { spec: deep, input: volume, options: { windows: { tile: 8 }, batch: 3 } }],
  ['numbers that are replaced', { spec: deep, input: broken, options: { replacement: 0, batch: 1 } }],
];

test.each(cases)('the bytes are those of a model on this thread: %s', async (_, one) => {
  const { spec, input, options = {}, count = 1 } = one;
  const written: Uint8Array[] = [];
  for (const engine of [onnxRuntimeEngine(), threadedOnnxRuntime(script)]) {
    const models = [];
    for (let i = 0; i < count; i++) models.push(await modelOf(spec, 3 + i, undefined, undefined, engine));
    const output = join(work, 'labels.tif');
    const result = ok(
      await predictCase(models, [input], output, {
        ...{ windows: {}, border: 'mirror', mirror: false, resume: false, settings: '{}' },
        ...options,
      }),
    );
    const { model, total, beside, reading, stitching } = result.clock.seconds;
    for (const part of [model, total, reading, stitching]) expect(part).toBeGreaterThan(0);
    expect(model).toBeLessThanOrEqual(total);
    expect(beside).toBeCloseTo(total - model, 5);
    expect(writeLabels(result, output)).toEqual([output]);
    written.push(readFileSync(output));
    for (const { session } of models) await session.close();
  }
  expect(written[1]).toEqual(written[0]);
});

test('a failure is that of a model on this thread, and the model can be closed', async () => {
  const found = [];
  for (const engine of [onnxRuntimeEngine(), threadedOnnxRuntime(script)]) {
    const model = await modelOf(deep, 1, undefined, undefined, engine);
    const options = { windows: { tile: 8 }, border: 'mirror', mirror: false, resume: false } as const;
    const output = join(work, 'broken.nii.gz');
    found.push(await predictCase([model], [broken], output, { ...options, settings: '{}' }));
    await model.session.close();
  }
  expect(found[0]).toMatchObject({ code: 'values-not-finite' });
  expect(found[1]).toEqual(found[0]);
});
