import { describe, expect, test } from 'vitest';
import { asLogits } from '../../src/predict/model/as-logits.js';
import type { WindowModel } from '../../src/predict/windows/window-model.js';
import { ok } from '../data/folder.js';

const giving = (channels: number, values: readonly number[]): WindowModel => ({
  run: () =>
    Promise.resolve({
      shape: [1, channels, 1, values.length / channels],
      data: Float32Array.from(values),
    }),
});
const nothing = { shape: [1, 1, 1, 1], data: new Float32Array(1) };

describe('outputs as logits', () => {
  test.each([
    ['sigmoid', 1, [0.25, 0.5, 0.9], [0.25, 0.5, 0.9].map((p) => Math.log(p / (1 - p)))],
    ['softmax', 3, [0.2, 0.3, 0.5], [0.2, 0.3, 0.5].map(Math.log)],
    ['softmax', 1, [0.25], [Math.log(0.25 / 0.75)]],
    ['logits', 2, [-3, 7], [-3, 7]],
    [undefined, 1, [-3, 7], [-3, 7]],
  ] as const)('%s of %d channels', async (head, channels, values, wanted) => {
    const { data } = ok(await asLogits(giving(channels, values), head).run(nothing));
    for (const [i, value] of wanted.entries()) expect(data[i]).toBeCloseTo(value, 5);
  });

  test.each([
    ['sigmoid', 1, [0.2, 3.25], 3.25],
    ['sigmoid', 2, [0.2, -0.5], -0.5],
    ['softmax', 2, [-4, 0.5], -4],
  ] as const)('%s of %d channels, %j, are no probabilities', async (head, channels, values, value) => {
    expect(await asLogits(giving(channels, values), head).run(nothing)).toMatchObject({
      code: 'output-not-probability',
      args: { head, value },
    });
  });

  test.each([
    'sigmoid',
    'softmax',
  ])('a %s that is rounded beyond 0 and 1 is finite, and NaN stays', async (head) => {
    const { data } = ok(await asLogits(giving(2, [-1e-4, 1.0001, 0, Number.NaN]), head).run(nothing));
    expect([...data].map(Number.isFinite)).toEqual([true, true, true, false]);
  });
});
