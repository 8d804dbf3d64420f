import { expect } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { type RowSource, tensorRows } from '../../src/predict/rows/row-source.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import type { WindowModel } from '../../src/predict/windows/window-model.js';
import type { WindowPlan } from '../../src/predict/windows/window-plan.js';
import { elementCount, stridesOf, type Tensor } from '../../src/runtime/tensor.js';
import { ok } from '../data/folder.js';

/** An axis of free size. */
export const free = (step: number, minimum = step) => ({ axis: 'H', step, offset: 0, minimum });

/** Numbers from -1 to 1. */
export function randomImage(shape: readonly number[], seed: number): Tensor {
  const draws = new Rng(seed, 'image');
  return { shape, data: Float32Array.from({ length: elementCount(shape) }, () => draws.uniform(-1, 1)) };
}

/** All positions of a shape. */
export function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((one) => Array.from({ length: size }, (_, i) => [...one, i])),
    [[]],
  );
}
/** Of a position, in an array of this shape. */
export const offset = (shape: readonly number[], at: readonly number[]) =>
  stridesOf(shape).reduce((sum, stride, i) => sum + stride * (at[i] ?? 0), 0);

/**
 * A model without a meaning, whose output depends on the position in the window: K outputs of C inputs, without a margin or
 * with one.
 */
export function strangeModel(outputs: number, margin: readonly number[]): WindowModel {
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

/** What rows give together. */
export interface Whole {
  readonly values: Float64Array;
  /** Where each piece began and ended. */
  readonly pieces: readonly (readonly [number, number])[];
  readonly calls: readonly (readonly [number, number])[];
}

/** Runs a model over an image by windows, and gathers what it yields. */
export async function byRows(
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

export function expectClose(found: Float64Array, wanted: Float64Array): void {
  expect(found.length).toBe(wanted.length);
  let most = 0;
  for (const [i, value] of wanted.entries())
    most = Math.max(most, Math.abs((found[i] ?? Number.NaN) - value));
  expect(most).toBeLessThan(1e-5);
}
