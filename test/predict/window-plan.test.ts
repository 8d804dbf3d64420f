import { describe, expect, test } from 'vitest';
import { tensorRows } from '../../src/predict/rows/row-source.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import { flipped, flipsOf, type WindowModel, withMirrors } from '../../src/predict/windows/window-model.js';
import { planWindows, rowProblem, type WindowOptions } from '../../src/predict/windows/window-plan.js';
import { ok } from '../data/folder.js';

import { expectClose, free, offset, positions, randomImage, strangeModel } from './windows-by-hand.js';

describe('plans', () => {
  const starts = (size: number, window: number, options: WindowOptions = {}) =>
    ok(planWindows([{ axis: 'H', fixed: window }], [0], [size], options)).axes[0]?.starts;

  test('as nnU-Net places windows', () => {
    expect(starts(110, 64)).toEqual([0, 23, 46]);
    expect(starts(512, 192)).toEqual([0, 80, 160, 240, 320]);
    // NumPy rounds 4.5 to 4.
    expect(starts(17, 8)).toEqual([0, 3, 6, 9]);
    expect(starts(64, 64)).toEqual([0]);
    expect(starts(40, 64)).toEqual([-12]);
  });

  test('as MONAI places windows', () => {
    const options = { step: 0.75, placement: 'shifted' } as const;
    expect(starts(110, 64, options)).toEqual([0, 46]);
    expect(starts(200, 64, options)).toEqual([0, 48, 96, 136]);
    expect(starts(112, 64, options)).toEqual([0, 48]);
  });

  test('a grid that no memory holds is refused', () => {
    const rules = [free(4), free(4), free(4)];
    const problem = (size: number) =>
      rowProblem(ok(planWindows(rules, [0, 0, 0], [size, size, size], { tile: 16 })), 2);
    expect(problem(18_000)).toMatchObject({
      code: 'out-of-memory',
      args: { bytes: 4 * 2 * 16 * 18_000 ** 2 },
    });
    expect(problem(1000)).toBeUndefined();
  });

  test.each([0.001, 0.02, 0.05])('with narrow weights (%d), every position has a mean', async (sigma) => {
    const rules = [free(4), free(4), free(4)];
    const image = randomImage([1, 13, 10, 11], 3);
    const same: WindowModel = { run: (input) => Promise.resolve(input) };
    const plan = ok(planWindows(rules, [0, 0, 0], [13, 10, 11], { sigma, tile: 8 }));
    const found: number[] = [];
    for await (const rows of predictRows(same, tensorRows(image), plan)) found.push(...ok(rows).values.data);
    expect(found).toHaveLength(image.data.length);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(image.data[i] ?? Number.NaN, 5);
  });

  test('the window is no larger than the image needs, and than the network is written for', () => {
    const windows = (size: number, declared?: number, tile?: number) =>
      ok(
        planWindows(
          [free(16)],
          [0],
          [size],
          tile === undefined ? {} : { tile },
          declared === undefined ? undefined : [declared],
        ),
      ).axes[0]?.window;
    expect(windows(100)).toBe(112);
    expect(windows(600)).toBe(512);
    expect(windows(600, 256)).toBe(256);
    expect(windows(600, 256, 100)).toBe(96);
    expect(planWindows([free(16)], [0], [600], { tile: 10 })).toMatchObject({ code: 'tile-too-small' });
  });
});

describe('mirror images', () => {
  test('each combination of axes, and back', () => {
    expect(flipsOf([0, 1, 2])).toHaveLength(8);
    const image = randomImage([2, 1, 3, 4, 5], 6);
    for (const flip of flipsOf([0, 1, 2])) {
      const found = flipped(image, flip);
      for (const at of positions(image.shape)) {
        const from = at.map((one, axis) =>
          flip.includes(axis - 2) ? (image.shape[axis] ?? 0) - 1 - one : one,
        );
        expect(found.data[offset(image.shape, at)]).toBe(image.data[offset(image.shape, from)]);
      }
      expect(flipped(found, flip).data).toEqual(image.data);
    }
  });

  test('their outputs are averaged', async () => {
    const model = strangeModel(2, [0, 0]);
    const image = randomImage([2, 1, 4, 6], 7);
    const outputs = await Promise.all(
      flipsOf([0, 1]).map(async (flip) => flipped(ok(await model.run(flipped(image, flip))), flip).data),
    );
    const wanted = Float64Array.from(outputs[0] ?? [], (_, i) =>
      outputs.reduce((sum, data) => sum + (data[i] ?? 0) / 4, 0),
    );
    expectClose(Float64Array.from(ok(await withMirrors(model, [0, 1]).run(image)).data), wanted);
  });
});
