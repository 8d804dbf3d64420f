import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { writeSample } from '../../src/train/run-folder/run-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-samples-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);

describe('samples', () => {
  async function pixelsOf(name: string) {
    const { data, info } = await sharp(at('samples', name)).raw().toBuffer({ resolveWithObject: true });
    const pixel = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
    return { info, pixel };
  }

  test('three panels, the outlines of truth and prediction one pixel wide', async () => {
    // A square of class 1 in 8 x 8, each pixel becomes 32 x 32; its prediction is one column to the right.
    const square = (left: number) =>
      Uint16Array.from({ length: 64 }, (_, i) =>
        i % 8 >= left && i % 8 < left + 4 && i >= 16 && i < 48 ? 1 : 0,
      );
    const image = { shape: [1, 8, 8], data: Float32Array.from({ length: 64 }, (_, i) => i - 10) };
    expect(
      await writeSample(folder, 'a/../b', { image, truth: square(2), prediction: square(3) }),
    ).toBeUndefined();
    expect(readdirSync(at('samples'))).toEqual(['a_.._b.png']);
    const { info, pixel } = await pixelsOf('a_.._b.png');
    expect([info.width, info.height, info.channels]).toEqual([3 * 256 + 8, 256, 3]);
    const isGray = (rgb: number[]) => rgb.every((value) => value === rgb[0]);
    for (let x = 0; x < 256; x++) {
      // Row 100 is row 3 of the image, inside the square, whose left and right sides alone are outlines.
      const gray = Math.floor(((24 + Math.floor(x / 32)) / 63) * 255 + 0.5);
      expect(pixel(x, 100)).toEqual([gray, gray, gray]);
      expect(isGray(pixel(260 + x, 100)), `truth ${x}`).toBe(x !== 64 && x !== 191);
      expect(isGray(pixel(520 + x, 100)), `prediction ${x}`).toBe(x !== 96 && x !== 223);
    }
    expect(pixel(257, 5)).toEqual([255, 255, 255]);
  });

  test('colours, unlabelled positions, and the plane of a volume with the most labels', async () => {
    const truth = Uint16Array.of(0, 1, 0, 0, /* plane 1 */ 2, 2, 0, IGNORED, /* plane 2 */ 0, 0, 0, 1);
    const image = {
      shape: [3, 3, 2, 2],
      data: Float32Array.from({ length: 36 }, (_, i) =>
        i % 12 >= 4 && i % 12 < 8 ? Math.floor(i / 12) : 50,
      ),
    };
    await writeSample(folder, 'volume', {
      image,
      truth,
      prediction: truth.map((v) => (v === IGNORED ? 0 : v)),
    });
    const { info, pixel } = await pixelsOf('volume.png');
    expect(info.width).toBe(776);
    // Red is the least and blue the largest of plane 1.
    expect(pixel(10, 200)).toEqual([0, 128, 255]);
    expect(pixel(260 + 30, 127)).not.toEqual([0, 128, 255]);
    const corner = Array.from({ length: 16 }, (_, x) => pixel(260 + 200 + x, 200).join());
    expect(corner.filter((rgb) => rgb === '128,128,128')).toHaveLength(4);
    expect(pixel(520 + 200, 200)).toEqual([0, 128, 255]);
  });

  test('large images are reduced; odd sizes and constant images work', async () => {
    const map = new Uint16Array(2500 * 3);
    await writeSample(folder, 'long', {
      image: { shape: [2, 2500, 3], data: new Float32Array(15000).fill(7) },
      ...{ truth: map, prediction: map },
    });
    const { info } = await pixelsOf('long.png');
    expect([info.height, info.width]).toEqual([833, 3 + 8]);
  });
});
