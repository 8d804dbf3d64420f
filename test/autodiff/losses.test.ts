import { describe, expect, test } from 'vitest';
import type { LossHead } from '../../src/autodiff/losses/prediction.js';
import { recipeOf } from '../language/recipe-of.js';
import { batchOf, expectedOutcome, LossRun, relativeDistance } from './losses.js';

/** Losses as a recipe writes them, and the heads that they are for. */
const written: readonly (readonly [string, readonly LossHead[]])[] = [
  ['cross_entropy', ['softmax']],
  ['bce', ['sigmoid']],
  ['dice', ['softmax', 'sigmoid']],
  ['dice(smooth: 1, background: false)', ['softmax', 'sigmoid']],
  ['dice(squared: true)', ['softmax', 'sigmoid']],
  ['dice(batch: true, smooth: 0)', ['softmax', 'sigmoid']],
  ['dice(batch: true, squared: true, background: false)', ['softmax']],
  ['tversky', ['softmax', 'sigmoid']],
  ['tversky(fp_weight: 2, fn_weight: 0.1, background: false, smooth: 0)', ['softmax']],
  ['focal_tversky', ['softmax', 'sigmoid']],
  ['focal_tversky(exponent: 2, background: false)', ['softmax']],
  ['focal_tversky(exponent: 0.3, smooth: 0)', ['sigmoid']],
  ['focal', ['softmax', 'sigmoid']],
  ['focal(gamma: 0.5, alpha: 0.25)', ['softmax', 'sigmoid']],
  ['focal(gamma: 0)', ['softmax', 'sigmoid']],
  ['generalized_dice', ['softmax', 'sigmoid']],
  ['boundary(weight: 0.5)', ['softmax', 'sigmoid']],
  ['0.5 * bce + 0.5 * dice(smooth: 1)', ['sigmoid']],
  ['cross_entropy + 2 * dice + 0.1 * (focal + boundary)', ['softmax']],
];

const sizes: readonly (readonly number[])[] = [
  [3, 5],
  [2, 2, 4],
];

const cases = written.flatMap(([text, heads]) => heads.map((head) => ({ text, head })));

describe.each(cases)('$text of a $head', ({ text, head }) => {
  const terms = recipeOf(`loss = ${text}`).loss ?? [];
  const channels = head === 'softmax' ? [2, 4] : [1, 2, 4];

  test.each(channels)('equals its formula and its central differences with %i channels', async (classes) => {
    for (const size of sizes) {
      for (const [samples, saturated] of [
        [1, false],
        [3, false],
        [3, true],
      ] as const) {
        const batch = batchOf({ samples, classes, size, saturated });
        const run = await LossRun.of(terms, head, batch);
        const { value, gradient } = await run.run(batch);
        const expected = expectedOutcome(terms, head, batch);
        const what = `${samples} of ${size}${saturated ? ', saturated' : ''}`;
        expect(Math.abs(value - expected.value) / Math.abs(expected.value), what).toBeLessThan(1e-6);
        expect(relativeDistance(gradient, expected.gradient), what).toBeLessThan(1e-5);
      }
    }
  });
});
