import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { type RowSource, tensorRows } from '../../src/predict/rows/row-source.js';
import type { Border } from '../../src/predict/windows/copy-window.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import { flipped, flipsOf, type WindowModel, withMirrors } from '../../src/predict/windows/window-model.js';
import {
  planWindows,
  rowProblem,
  type WindowOptions,
  type WindowPlan,
} from '../../src/predict/windows/window-plan.js';
import { elementCount, stridesOf, type Tensor } from '../../src/runtime/tensor.js';
import { ok } from '../data/folder.js';

const free = (step: number, minimum = step) => ({ axis: 'H', step, offset: 0, minimum });

function randomImage(shape: readonly number[], seed: number): Tensor {
  const draws = new Rng(seed, 'image');
  return { shape, data: Float32Array.from({ length: elementCount(shape) }, () => draws.uniform(-1, 1)) };
}

/** All positions of a shape. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((one) => Array.from({ length: size }, (_, i) => [...one, i])),
    [[]],
  );
}
const offset = (shape: readonly number[], at: readonly number[]) =>
  stridesOf(shape).reduce((sum, stride, i) => sum + stride * (at[i] ?? 0), 0);

/**
 * A model without a meaning, whose output depends on the position in the window: K outputs of C inputs, without a margin or
 * with one.
 */
function strangeModel(outputs: number, margin: readonly number[]): WindowModel {
  return {
    run({ shape, data }) {
      const [count = 0, channels = 0, ...window] = shape;
      const output = window.map((size, i) => size - (margin[i] ?? 0));
      const result = {
        shape: [count, outputs, ...output],
        data: new Float32Array(count * outputs * elementCount(output)),
      };
      let at = 0;
      for (let n = 0; n < count; n++) {
        for (let k = 0; k < outputs; k++) {
          for (const place of positions(output)) {
            let sum = 0.01 * (k + 1) * offset(output, place);
            for (let c = 0; c < channels; c++) {
              const from = place.map((one, i) => one + Math.floor((margin[i] ?? 0) / 2));
              sum += (c + 1 + k) * (data[offset(shape, [n, c, ...from])] ?? 0);
            }
            result.data[at++] = sum;
          }
        }
      }
      return Promise.resolve(result);
    },
  };
}

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

interface Whole {
  readonly values: Float64Array;
  /** Where each piece began and ended. */
  readonly pieces: readonly (readonly [number, number])[];
  readonly calls: readonly (readonly [number, number])[];
}

async function byRows(
  model: WindowModel,
  image: Tensor,
  plan: WindowPlan,
  options: Parameters<typeof predictRows>[3],
): Promise<Whole> {
  const calls: [number, number][] = [];
  const inner = tensorRows(image);
  const source: RowSource = {
    ...inner,
    rows(from, to) {
      calls.push([from, to]);
      return inner.rows(from, to);
    },
  };
  const [, size = 0, ...rest] = image.shape;
  const line = elementCount(rest);
  const pieces: [number, number][] = [];
  let values = new Float64Array();
  for await (const one of predictRows(model, source, plan, options)) {
    const { from, to, values: part } = ok(one);
    const outputs = part.shape[0] ?? 0;
    if (values.length === 0) values = new Float64Array(outputs * size * line).fill(Number.NaN);
    for (let k = 0; k < outputs; k++) {
      const count = (to - from) * line;
      values.set(part.data.subarray(k * count, (k + 1) * count), (k * size + from) * line);
    }
    pieces.push([from, to]);
  }
  return { values, pieces, calls };
}

function expectClose(found: Float64Array, wanted: Float64Array): void {
  expect(found.length).toBe(wanted.length);
  let most = 0;
  for (const [i, value] of wanted.entries())
    most = Math.max(most, Math.abs((found[i] ?? Number.NaN) - value));
  expect(most).toBeLessThan(1e-5);
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

/** As a model on another thread: one run after the other, each a moment after it was asked for. */
function besideModel(model: WindowModel, trace: string[], failsAt = Number.NaN): WindowModel {
  let last: Promise<unknown> = Promise.resolve();
  let [asked, answered] = [0, 0];
  return {
    isBeside: true,
    run(input) {
      const index = asked++;
      trace.push(`ask ${index}`);
      // The one that is computed, and the one that follows.
      expect(asked - answered).toBeLessThanOrEqual(3);
      const output = last.then(async () => {
        await wait(1);
        answered += 1;
        trace.push(`answer ${index}`);
        return index === failsAt ? failure('model-failed', { reason: 'it is tired' }) : model.run(input);
      });
      last = output;
      return output;
    },
  };
}

describe('a model beside this thread', () => {
  const image = randomImage([2, 40, 33], 5);
  const plan = ok(planWindows([free(4), free(4)], [0, 0], [40, 33], { tile: 8 }));
  const model = strangeModel(2, [0, 0]);
  const options = { batch: 3 };

  test.each([
    ['', {}],
    ['of mirror images', { mirror: true }],
    ['from row 17 on', { from: 17 }],
    ['by zeros', { border: 'zero' }],
  ] as const)('the same bytes %s', async (_, own) => {
    const chosen = { ...options, ...own };
    const mirrored = (one: WindowModel) => ('mirror' in own ? withMirrors(one, [0, 1]) : one);
    const wanted = await byRows(mirrored(model), image, plan, chosen);
    const found = await byRows(mirrored(besideModel(model, [])), image, plan, chosen);
    expect(found).toEqual(wanted);
    expect(wanted.pieces.length).toBeGreaterThan(3);
  });

  test('it has its next windows before its outputs are used', async () => {
    const trace: string[] = [];
    let uses = 0;
    const onProgress = () => trace.push(`use ${uses++}`);
    const { values } = await byRows(besideModel(model, trace), image, plan, { ...options, onProgress });
    const count = trace.filter((one) => one.startsWith('ask')).length;
    expect(values.length).toBeGreaterThan(0);
    expect(count).toBeGreaterThan(20);
    for (let i = 0; i + 1 < count; i++) {
      expect(trace.indexOf(`ask ${i + 1}`)).toBeLessThan(trace.indexOf(`answer ${i}`));
      expect(trace.indexOf(`ask ${i + 1}`)).toBeLessThan(trace.indexOf(`use ${i}`));
    }
  });

  const failingSource = (rows: number): RowSource => {
    const inner = tensorRows(image);
    const wrong = failure('model-failed', { reason: 'the disk is gone' });
    return { ...inner, rows: (from, to) => (to > rows ? Promise.resolve(wrong) : inner.rows(from, to)) };
  };

  /** The rows before the failure, and the failure. */
  async function untilFailure(one: WindowModel, source: RowSource) {
    const pieces: unknown[] = [];
    for await (const part of predictRows(one, source, plan, options)) pieces.push(part);
    return pieces;
  }

  test.each([0, 1, 7, 25])('batch %i fails: the rows before it, and no run is left', async (failsAt) => {
    let index = 0;
    const failing: WindowModel = {
      run: (input) =>
        index++ === failsAt
          ? Promise.resolve(failure('model-failed', { reason: 'it is tired' }))
          : model.run(input),
    };
    const wanted = await untilFailure(failing, tensorRows(image));
    const trace: string[] = [];
    const found = await untilFailure(besideModel(model, trace, failsAt), tensorRows(image));
    expect(found).toEqual(wanted);
    expect(found.at(-1)).toBeInstanceOf(Failure);
    expect(trace.filter((one) => one.startsWith('answer'))).toHaveLength(
      trace.filter((one) => one.startsWith('ask')).length,
    );
    expect(trace).not.toContain(`ask ${failsAt + 3}`);
  });

  test.each([0, 8, 25, 39])('row %i cannot be read: the rows before it', async (rows) => {
    const wanted = await untilFailure(model, failingSource(rows));
    const found = await untilFailure(besideModel(model, []), failingSource(rows));
    expect(found).toEqual(wanted);
    expect(found.at(-1)).toBeInstanceOf(Failure);
  });

  test('a caller that stops waits for what is under way', async () => {
    const trace: string[] = [];
    for await (const part of predictRows(besideModel(model, trace), tensorRows(image), plan, options)) {
      expect(part).not.toBeInstanceOf(Failure);
      break;
    }
    const asked = trace.filter((one) => one.startsWith('ask')).length;
    expect(trace.filter((one) => one.startsWith('answer'))).toHaveLength(asked);
    await wait(5);
    expect(trace.filter((one) => one.startsWith('ask'))).toHaveLength(asked);
  });

  test('a model that throws', async () => {
    let index = 0;
    const throwing: WindowModel = {
      isBeside: true,
      async run(input) {
        const own = index++;
        await wait(1);
        if (own >= 4) throw new Error(`bug ${own}`);
        return model.run(input);
      },
    };
    await expect(untilFailure(throwing, tensorRows(image))).rejects.toThrow('bug 4');
    await wait(5);
  });
});

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
