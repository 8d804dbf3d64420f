import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImageValues } from '../../src/normalize/normalize-image.js';
import { newSizes, separateAxis } from '../../src/resample/grid.js';
import { resampleImage } from '../../src/resample/resample.js';
import { labelStream } from '../../src/resample/resample-stream.js';
import { numbersFrom } from '../normalize/images.js';
import { torchPython } from '../weights/torch-python.js';

/** The spacing of a volume, and the one that it is resampled to: (z, y, x) in mm. */
const spacings: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [1, 1, 1],
    [1, 1, 1],
  ],
  [
    [1, 1, 1],
    [2, 2, 2],
  ],
  [
    [2, 2, 2],
    [1.3, 1.3, 1.3],
  ],
  [
    [2.5, 0.8, 0.8],
    [1.5, 1, 1],
  ],
  [
    [5, 0.7676, 0.7676],
    [2.5, 1.1, 1.1],
  ],
  [
    [5, 0.8, 0.8],
    [5, 1.2, 1.2],
  ],
  [
    [5, 1.5625, 1.5625],
    [10, 1.25, 1.25],
  ],
  [
    [3.6, 0.625, 0.625],
    [3.6, 0.5, 0.7],
  ],
  [
    [1, 1, 6],
    [1, 1, 2],
  ],
  [
    [0.9, 4, 0.9],
    [1.1, 2.2, 0.7],
  ],
  [
    [1, 5, 1],
    [1, 8, 1],
  ],
  [
    [1, 1, 1],
    [4, 1, 1],
  ],
  [
    [1, 1, 1],
    [1.5, 1.5, 6],
  ],
  [
    [3, 1, 1],
    [3, 1, 1.25],
  ],
  [
    [0.24, 1.25, 1.25],
    [0.5, 1, 1],
  ],
  [
    [1.5, 1.5, 0.4],
    [1, 1, 1],
  ],
  [
    [4, 0.5, 1],
    [2, 1, 0.5],
  ],
  [
    [0.5, 3, 0.5],
    [0.5, 1, 0.5],
  ],
  [
    [1.245, 0.785, 0.785],
    [2.386, 1.504, 1.504],
  ],
  [
    [7, 2, 2],
    [0.7, 3.1, 1.9],
  ],
];

/** Smooth structures and noise, as a scan has them, in (C, 18, 23, 26). */
function scan(channels: number, seed: number): ImageValues {
  const shape = [channels, 18, 23, 26];
  const next = numbersFrom(seed);
  const phases = Array.from({ length: 3 * channels }, () => 6 * next());
  const data = new Float32Array(channels * 18 * 23 * 26);
  for (let i = 0; i < data.length; i++) {
    const [x, y, z, c] = [i % 26, Math.floor(i / 26) % 23, Math.floor(i / 598) % 18, Math.floor(i / 10_764)];
    const wave = [x / 3, y / 4, z / 2].map((at, axis) => Math.sin(at + (phases[3 * c + axis] ?? 0)));
    data[i] = 300 * wave.reduce((sum, value) => sum + value, 0) + 100 * next();
  }
  return { shape, data };
}

const CLASSES = 4;
const python = torchPython();
if (python === undefined) {
  test.skip('there is no Python with nnU-Net: run scripts/peers-torch.sh', () => {});
} else {
  const cases = spacings.flatMap(([current, target], i) => [
    { current, target, order: 3, image: scan(2, i) },
    { current, target, order: 1, image: scan(CLASSES, 100 + i) },
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'unet-resample-'));
  for (const [i, { image }] of cases.entries()) writeFileSync(join(folder, `${i}.in`), image.data);
  const input = {
    folder,
    cases: cases.map(({ image, ...other }) => ({ ...other, shape: image.shape })),
  };
  const script = join(import.meta.dirname, 'peers', 'resample.py');
  const output = execFileSync(python, [script], { input: JSON.stringify(input) });
  // The script writes these for each case.
  const answers = JSON.parse(output.toString()) as { separate: number | null; sizes: number[] }[];
  const results = cases.map((_, i) => {
    const bytes = readFileSync(join(folder, `${i}.out`));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  });
  rmSync(folder, { recursive: true });

  test('volumes of all kinds are among the cases', () => {
    expect(new Set(answers.map(({ separate }) => separate))).toEqual(new Set([null, 0, 1, 2]));
  });

  describe.each(cases.map((one, i) => ({ ...one, i })))('$current to $target, order $order', (one) => {
    const { image, current, target, order, i } = one;
    const { separate = null, sizes = [] } = answers[i] ?? {};
    const theirs = results[i] ?? new Float32Array(0);

    test('sizes and separate axis are those of nnU-Net', () => {
      expect(newSizes(image.shape.slice(1), current, target)).toEqual(sizes);
      expect(separateAxis(current, target) ?? null).toBe(separate);
    });

    if (order === 3) {
      test('values are those of nnU-Net', () => {
        const { data } = resampleImage(image, sizes, { separate: separate ?? undefined });
        expect(data.length).toBe(theirs.length);
        const range = Math.max(...image.data) - Math.min(...image.data);
        let largest = 0;
        for (const [k, value] of data.entries()) {
          largest = Math.max(largest, Math.abs(value - (theirs[k] ?? Number.NaN)) / range);
        }
        expect(largest).toBeLessThan(5e-7);
      });
    } else {
      test('labels are those of nnU-Net, but for ties', () => {
        const from = image.shape.slice(1);
        const stream = labelStream(CLASSES, { from, to: sizes, separate: separate ?? undefined });
        // The stream takes all planes of the volume here.
        const labels = stream.push(within(image, stream.inputs)).flatMap((plane) => [...plane]);
        const positions = theirs.length / CLASSES;
        expect(labels.length).toBe(positions);
        let different = 0;
        for (const [k, label] of labels.entries()) {
          const values = Array.from({ length: CLASSES }, (_, c) => theirs[c * positions + k] ?? 0);
          const best = Math.max(...values);
          if (values.indexOf(best) === label) continue;
          different += 1;
          expect(best - (values[label] ?? 0)).toBeLessThan(1e-3);
        }
        expect(different).toBeLessThanOrEqual(positions * 1e-4);
      });
    }
  });
}

function within({ shape, data }: ImageValues, { first, end }: { first: number; end: number }): ImageValues {
  const [channels = 0, depth = 0, ...rest] = shape;
  const plane = data.length / (channels * depth);
  const parts = Array.from({ length: channels }, (_, c) => [
    ...data.subarray((c * depth + first) * plane, (c * depth + end) * plane),
  ]);
  return { shape: [channels, end - first, ...rest], data: Float32Array.from(parts.flat()) };
}
