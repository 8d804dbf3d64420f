import { describe, expect, test } from 'vitest';
import type { LossHead } from '../../src/autodiff/losses/prediction.js';
import { recipeOf } from '../language/recipe-of.js';
import { type Batch, batchOf, distancesOf, LossRun } from './losses.js';

const cases: readonly (readonly [string, LossHead])[] = [
  ['cross_entropy', 'softmax'],
  ['bce', 'sigmoid'],
  ['dice', 'softmax'],
  ['dice(batch: true, squared: true, smooth: 0)', 'sigmoid'],
  ['dice(smooth: 0)', 'sigmoid'],
  ['tversky(smooth: 0)', 'softmax'],
  ['focal_tversky(smooth: 0)', 'sigmoid'],
  ['focal(gamma: 0.5)', 'softmax'],
  ['focal(alpha: 0.3)', 'sigmoid'],
  ['generalized_dice(smooth: 0)', 'softmax'],
  ['boundary', 'softmax'],
];

/** Values with others where the weight of the position is 0, in every channel. */
function replaced(values: Float32Array, { weights, size }: Batch, others: readonly number[]): Float32Array {
  const positions = size.reduce((product, length) => product * length, 1);
  const channels = values.length / weights.length;
  return values.map((value, i) => {
    const sample = Math.floor(i / (channels * positions));
    const weight = weights[sample * positions + (i % positions)] ?? 0;
    return weight > 0 ? value : (others[i % others.length] ?? 0);
  });
}

describe.each(cases)('%s of a %s', (text, head) => {
  const terms = recipeOf(`loss = ${text}`).loss ?? [];
  const batch = batchOf({ samples: 3, classes: 3, size: [4, 5] });

  test('sees nothing where the weight is 0', async () => {
    const run = await LossRun.of(terms, head, batch);
    const expected = await run.run(batch);
    const labels = replaced(batch.labels, batch, [2, 255, Number.NaN, 0]);
    const changed: Batch = {
      ...batch,
      logits: replaced(batch.logits, batch, [Number.NaN, 1e38, Number.POSITIVE_INFINITY, -3]),
      labels,
      distances: replaced(distancesOf(labels, batch.weights, 3, batch.size), batch, [Number.NaN, 5]),
    };
    expect(await run.run(changed)).toEqual(expected);
    const there = replaced(
      expected.gradient.map(() => 0),
      batch,
      [1],
    );
    const gradients = [...expected.gradient].filter((_, i) => there[i] === 1);
    expect(gradients.length).toBeGreaterThan(20);
    expect(gradients.every((gradient) => Object.is(gradient, 0))).toBe(true);
    // And it does see the others.
    const other = { ...batch, logits: batch.logits.map((z) => -z) };
    expect((await run.run(other)).value).not.toBe(expected.value);
  });

  test('is 0 where all weights are', async () => {
    const run = await LossRun.of(terms, head, batch);
    const { value, gradient } = await run.run({ ...batch, weights: batch.weights.map(() => 0) });
    expect(value).toBeCloseTo(0, 30);
    expect(gradient.every((one) => one === 0)).toBe(true);
  });

  test('is the same with a further sample that has no label', async () => {
    const two = batchOf({ samples: 2, classes: 3, size: [4, 5] });
    const alone = await (await LossRun.of(terms, head, two)).run(two);
    const joined = (a: Float32Array, b: Float32Array) => {
      const all = b.slice();
      all.set(a);
      return all;
    };
    const three: Batch = {
      ...batch,
      logits: joined(two.logits, batch.logits),
      labels: joined(two.labels, batch.labels),
      weights: joined(
        two.weights,
        batch.weights.map(() => 0),
      ),
      distances: joined(two.distances, batch.distances),
    };
    const { value, gradient } = await (await LossRun.of(terms, head, three)).run(three);
    expect(Math.abs(value - alone.value)).toBeLessThan(1e-6 * Math.abs(alone.value));
    const largest = Math.max(...alone.gradient.map(Math.abs));
    for (const [i, one] of alone.gradient.entries()) {
      expect(Math.abs((gradient[i] ?? Number.NaN) - one)).toBeLessThan(1e-6 * largest);
    }
  });
});
