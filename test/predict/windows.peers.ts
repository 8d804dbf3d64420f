import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { predictModel } from '../../src/predict/model/predict-model.js';
import { tensorRows } from '../../src/predict/rows/row-source.js';
import type { Border } from '../../src/predict/windows/copy-window.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import { withMirrors } from '../../src/predict/windows/window-model.js';
import { planWindows } from '../../src/predict/windows/window-plan.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { elementCount } from '../../src/runtime/tensor.js';
import { ok } from '../data/folder.js';
import { numbersFrom } from '../normalize/images.js';
import { torchPython } from '../weights/torch-python.js';

const [CHANNELS, CLASSES] = [2, 3];

interface Case {
  readonly by: 'nnunet' | 'monai';
  readonly sizes: readonly number[];
  readonly window: readonly number[];
  readonly step: number;
  readonly mirror?: boolean;
  readonly border?: Border;
}

const nnunet: readonly Case[] = [
  { by: 'nnunet', sizes: [110, 70], window: [64, 32], step: 0.5 },
  { by: 'nnunet', sizes: [110, 70], window: [64, 32], step: 0.5, mirror: true },
  { by: 'nnunet', sizes: [97, 61], window: [33, 15], step: 0.3 },
  { by: 'nnunet', sizes: [20, 17], window: [32, 48], step: 0.5, mirror: true },
  { by: 'nnunet', sizes: [19, 90], window: [32, 32], step: 0.5 },
  { by: 'nnunet', sizes: [64, 64], window: [64, 64], step: 0.5 },
  { by: 'nnunet', sizes: [80, 96], window: [32, 32], step: 1 },
  { by: 'nnunet', sizes: [30, 41, 37], window: [16, 20, 24], step: 0.5 },
  { by: 'nnunet', sizes: [30, 41, 37], window: [16, 20, 24], step: 0.5, mirror: true },
  { by: 'nnunet', sizes: [9, 33, 26], window: [16, 16, 16], step: 0.5 },
  { by: 'nnunet', sizes: [5, 6, 7], window: [8, 12, 16], step: 0.5, mirror: true },
  { by: 'nnunet', sizes: [24, 25, 26], window: [11, 13, 12], step: 0.35 },
];
const monai: readonly Case[] = [
  { by: 'monai', sizes: [110, 70], window: [64, 32], step: 0.75 },
  { by: 'monai', sizes: [97, 61], window: [33, 15], step: 0.5 },
  { by: 'monai', sizes: [20, 17], window: [32, 48], step: 0.75 },
  { by: 'monai', sizes: [20, 90], window: [32, 32], step: 0.75, border: 'mirror' },
  { by: 'monai', sizes: [64, 64], window: [64, 64], step: 0.75 },
  { by: 'monai', sizes: [30, 41, 37], window: [16, 20, 24], step: 0.75 },
  { by: 'monai', sizes: [9, 33, 26], window: [16, 16, 16], step: 0.5, border: 'mirror' },
  { by: 'monai', sizes: [5, 6, 7], window: [8, 12, 16], step: 0.75 },
];

/** The largest difference, as a part of the largest number or of 1. */
function difference(found: Float32Array, wanted: Float32Array): number {
  expect(found.length).toBe(wanted.length);
  let [most, scale] = [0, 1];
  for (const [i, value] of wanted.entries()) {
    most = Math.max(most, Math.abs((found[i] ?? Number.NaN) - value));
    scale = Math.max(scale, Math.abs(value));
  }
  return most / scale;
}

function labelsOf(logits: Float32Array): readonly number[] {
  const count = logits.length / CLASSES;
  return Array.from({ length: count }, (_, i) => {
    const values = Array.from({ length: CLASSES }, (_, k) => logits[k * count + i] ?? 0);
    return values.indexOf(Math.max(...values));
  });
}

function shareOfOthers(labels: readonly number[], others: readonly number[]): number {
  return labels.filter((label, i) => label !== others[i]).length / labels.length;
}

const python = torchPython();
if (python === undefined) {
  test.skip('there is no Python with nnU-Net and MONAI: run scripts/peers-torch.sh', () => {});
} else {
  const cases = [...nnunet, ...monai];
  const folder = mkdtempSync(join(tmpdir(), 'unet-windows-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const images = cases.map(({ sizes }, i) => {
    const shape = [CHANNELS, ...sizes];
    const next = numbersFrom(i);
    const data = Float32Array.from({ length: elementCount(shape) }, () => 2 * next() - 1);
    writeFileSync(join(folder, `${i}.in`), data);
    return { shape, data };
  });
  const request = {
    folder,
    cases: cases.map(({ by, window, step, mirror = false, border }, i) => ({
      ...{ by, window, step, mirror, shape: images[i]?.shape },
      padding: border === 'mirror' ? 'reflect' : 'constant',
    })),
  };
  const script = join(import.meta.dirname, 'peers', 'windows.py');
  execFileSync(python, ['-W', 'ignore', script], { input: JSON.stringify(request), stdio: 'pipe' });
  const read = (name: string) => {
    const bytes = readFileSync(join(folder, name));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  };

  const found = async ({ by, sizes, window, step, mirror, border = 'zero' }: Case, i: number) => {
    const session = ok(
      await onnxRuntimeEngine().load(join(folder, `net${sizes.length}.onnx`), { threads: 1 }),
    );
    const { windows } = ok(predictModel(session, 'net.onnx', 'logits'));
    const rules = window.map((size) => ({ axis: 'D', fixed: size }));
    const margin = sizes.map(() => 0);
    const placement = by === 'nnunet' ? 'even' : 'shifted';
    const plan = ok(planWindows(rules, margin, sizes, { step, placement }));
    const model = withMirrors(windows, mirror ? sizes.map((_, axis) => axis) : []);
    const image = images[i];
    if (!image) throw new Error('each case has an image');
    const [rows = 0, ...rest] = sizes;
    const line = elementCount(rest);
    const values = new Float32Array(CLASSES * rows * line);
    for await (const part of predictRows(model, tensorRows(image), plan, { border })) {
      const { from, to, values: own } = ok(part);
      const count = (to - from) * line;
      for (let k = 0; k < CLASSES; k++) {
        values.set(own.data.subarray(k * count, (k + 1) * count), (k * rows + from) * line);
      }
    }
    await session.close();
    return values;
  };

  describe('the logits of nnU-Net', () => {
    test.each(
      nnunet.map((one, i) => ({ ...one, i })),
    )('$sizes in windows of $window, step $step, mirrored: $mirror', async ({ i, ...one }) => {
      const own = await found(one, i);
      expect(difference(own, read(`${i}.out`))).toBeLessThan(1e-5);
      // nnU-Net sums in float16, where the weights in the corners of windows are 0 or nearly so.
      const half = read(`${i}.half`);
      expect(difference(half, read(`${i}.out`))).toBeGreaterThan(1e-4);
      expect(shareOfOthers(labelsOf(own), labelsOf(half))).toBeLessThan(0.005);
    });
  });

  describe('the logits of MONAI', () => {
    test.each(
      monai.map((one, i) => ({ ...one, i: nnunet.length + i })),
    )('$sizes in windows of $window, step $step, border $border', async ({ i, ...one }) => {
      expect(difference(await found(one, i), read(`${i}.out`))).toBeLessThan(1e-5);
    });
  });
}
