import { describe, expect, test } from 'vitest';
import type { Border } from '../../src/predict/windows/copy-window.js';
import type { WindowModel } from '../../src/predict/windows/window-model.js';
import { planWindows, type WindowOptions, type WindowPlan } from '../../src/predict/windows/window-plan.js';
import { elementCount, type Tensor } from '../../src/runtime/tensor.js';
import { ok } from '../data/folder.js';

import {
  byRows,
  expectClose,
  free,
  offset,
  positions,
  randomImage,
  strangeModel,
} from './windows-by-hand.js';

/** What a sliding window gives, by its definition: every position of every window, one by one. */
async function slowly(
  model: WindowModel,
  image: Tensor,
  plan: WindowPlan,
  border: Border,
): Promise<{ sums: Float64Array; shape: readonly number[] }> {
  const [channels = 0, ...spatial] = image.shape;
  const mirror = (position: number, size: number) => {
    let one = position;
    while (size > 1 && (one < 0 || one >= size)) one = one < 0 ? -one : 2 * (size - 1) - one;
    return size === 1 ? 0 : one;
  };
  const window = plan.axes.map((axis) => axis.window);
  let sums = new Float64Array();
  let shape: readonly number[] = [];
  const weights = new Float64Array(elementCount(spatial));
  for (const index of positions(plan.axes.map(({ starts }) => starts.length))) {
    const data = Float32Array.from(
      positions([channels, ...window]).map(([c = 0, ...place]) => {
        const at = place.map((one, i) => {
          const axis = plan.axes[i];
          return (axis?.starts[index[i] ?? 0] ?? 0) - (axis?.before ?? 0) + one;
        });
        const isOutside = at.some((one, i) => one < 0 || one >= (spatial[i] ?? 0));
        if (isOutside && border === 'zero') return 0;
        return image.data[offset(image.shape, [c, ...at.map((one, i) => mirror(one, spatial[i] ?? 0))])] ?? 0;
      }),
    );
    const output = ok(await model.run({ shape: [1, channels, ...window], data }));
    const [, outputs = 0, ...size] = output.shape;
    if (sums.length === 0) sums = new Float64Array(outputs * weights.length);
    shape = [outputs, ...spatial];
    for (const place of positions(size)) {
      const at = place.map((one, i) => (plan.axes[i]?.starts[index[i] ?? 0] ?? 0) + one);
      const isUsed = at.every((one, i) => {
        const { from = 0, to = 0 } = plan.axes[i]?.used[index[i] ?? 0] ?? {};
        return one >= from && one < to;
      });
      if (!isUsed) continue;
      const weight = plan.weights?.[offset(size, place)] ?? 1;
      const to = offset(spatial, at);
      weights[to] = (weights[to] ?? 0) + weight;
      for (let k = 0; k < outputs; k++) {
        const target = k * weights.length + to;
        sums[target] =
          (sums[target] ?? 0) + weight * (output.data[offset(output.shape, [0, k, ...place])] ?? 0);
      }
    }
  }
  return { sums: sums.map((sum, i) => sum / (weights[i % weights.length] ?? 0)), shape };
}

describe('rows of an image, by windows', () => {
  const cases: readonly (readonly [
    string,
    readonly number[],
    readonly number[],
    number,
    WindowOptions,
    Border,
  ])[] = [
    ['2D, half overlapping', [17, 23], [0, 0], 4, { tile: 8 }, 'mirror'],
    ['2D, by the rules of MONAI', [19, 21], [0, 0], 4, { tile: 8, step: 0.75, placement: 'shifted' }, 'zero'],
    ['2D, all weights alike', [16, 33], [0, 0], 1, { tile: 7, sigma: 0, step: 0.6 }, 'mirror'],
    ['smaller than a window', [5, 30], [0, 0], 16, { tile: 16 }, 'zero'],
    ['much smaller than a window, mirrored', [3, 2], [0, 0], 16, { tile: 16 }, 'mirror'],
    ['one row', [1, 40], [0, 0], 8, { tile: 8 }, 'mirror'],
    ['3D', [9, 12, 11], [0, 0, 0], 2, { tile: 6 }, 'mirror'],
    ['3D, a thin volume', [2, 14, 9], [0, 0, 0], 4, { tile: 8 }, 'zero'],
    ['a margin, edge to edge', [25, 31], [4, 4], 2, { tile: 14 }, 'mirror'],
    ['a margin in 3D', [7, 9, 8], [2, 4, 2], 1, { tile: 8 }, 'mirror'],
  ];
  test.each(
    cases,
  )('%s: equal to every window by itself', async (_, spatial, margin, step, options, border) => {
    const image = randomImage([2, ...spatial], 3);
    const plan = ok(
      planWindows(
        spatial.map(() => free(step)),
        margin,
        spatial,
        options,
      ),
    );
    const model = strangeModel(3, margin);
    const { sums } = await slowly(model, image, plan, border);
    const whole = await byRows(model, image, plan, { border });
    expectClose(whole.values, sums);
    // The pieces follow each other, and each row of the image is read once.
    expect(whole.pieces.map(([from]) => from)).toEqual([0, ...whole.pieces.slice(0, -1).map(([, to]) => to)]);
    expect(whole.pieces.at(-1)?.[1]).toBe(spatial[0]);
    expect(whole.calls.every(([from], i) => from === (whole.calls[i - 1]?.[1] ?? 0))).toBe(true);
    // Not more at once than the windows of a row need.
    const most = Math.max(...whole.calls.map(([from, to]) => to - from));
    expect(most).toBeLessThanOrEqual(plan.axes[0]?.window ?? 0);
    const one = await byRows(model, image, plan, { border, batch: 1 });
    expect(one.values).toEqual(whole.values);
  });

  test.each(
    cases,
  )('%s: from any row on, the same numbers', async (_, spatial, margin, step, options, border) => {
    const image = randomImage([2, ...spatial], 4);
    const plan = ok(
      planWindows(
        spatial.map(() => free(step)),
        margin,
        spatial,
        options,
      ),
    );
    const model = strangeModel(2, margin);
    const { values } = await byRows(model, image, plan, { border });
    const line = elementCount(spatial.slice(1));
    for (const from of new Set([1, Math.floor((spatial[0] ?? 0) / 2), (spatial[0] ?? 0) - 1])) {
      const rest = await byRows(model, image, plan, { border, from });
      for (let k = 0; k < 2; k++) {
        const base = k * (spatial[0] ?? 0) * line;
        const end = base + (spatial[0] ?? 0) * line;
        const known =
          rest.values.length === 0 ? new Float64Array() : rest.values.slice(base + from * line, end);
        expect(known).toEqual(
          from < (spatial[0] ?? 0) ? values.slice(base + from * line, end) : new Float64Array(),
        );
      }
    }
  });
});
