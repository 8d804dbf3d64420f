import { describe, expect, test } from 'vitest';
import { recipeOf } from '../language/recipe-of.js';
import { type Batch, batchOf, distancesOf, LossRun } from './losses.js';

const ofHead = {
  softmax: [
    'cross_entropy',
    'dice(smooth: 0)',
    'dice(smooth: 0, squared: true, batch: true)',
    'tversky(smooth: 0, background: false)',
    'focal_tversky(smooth: 0, exponent: 0.2)',
    'focal(gamma: 0.1, alpha: 0.25)',
    'generalized_dice(smooth: 0)',
    'boundary',
  ],
  sigmoid: [
    'bce',
    'dice(smooth: 0)',
    'dice(smooth: 0, squared: true, batch: true)',
    'tversky(smooth: 0, fp_weight: 0)',
    'focal_tversky(smooth: 0, exponent: 0.2)',
    'focal(gamma: 0.1)',
    'generalized_dice(smooth: 0)',
    'boundary',
  ],
} as const;

/** A batch whose logits are `amount` for the true class and -`amount` for the others. */
function sure(batch: Batch, amount: number): Batch {
  const { classes, labels, size } = batch;
  const positions = size.reduce((product, length) => product * length, 1);
  const logits = batch.logits.map((_, i) => {
    const sample = Math.floor(i / (classes * positions));
    const channel = Math.floor(i / positions) % classes;
    const isTrue = labels[sample * positions + (i % positions)] === (classes === 1 ? 1 : channel);
    return isTrue ? amount : -amount;
  });
  return { ...batch, logits };
}

/** Every position of one class. */
function uniform(batch: Batch, label: number): Batch {
  const labels = batch.labels.map(() => label);
  return { ...batch, labels, distances: distancesOf(labels, batch.weights, batch.classes, batch.size) };
}

const heads = (['softmax', 'sigmoid'] as const).flatMap((head) =>
  ofHead[head].map((text) => ({ head, text })),
);

describe.each(heads)('$text of a $head', ({ head, text }) => {
  const terms = recipeOf(`loss = ${text}`).loss ?? [];

  test.each(head === 'softmax' ? [2, 4] : [1, 3])('has no NaN with %i channels', async (classes) => {
    const batch = batchOf({ samples: 1, classes, size: [3, 4] });
    const run = await LossRun.of(terms, head, batch);
    for (const base of [batch, uniform(batch, 0), uniform(batch, 1)]) {
      for (const amount of [80, 95, 200]) {
        const right = await run.run(sure(base, amount));
        const wrong = await run.run(sure(base, -amount));
        for (const { value, gradient } of [right, wrong]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(gradient.every(Number.isFinite)).toBe(true);
        }
        if (text !== 'boundary') expect(right.value).toBeCloseTo(0, 6);
        if (text !== 'boundary') expect(right.gradient.every((one) => Math.abs(one) < 1e-6)).toBe(true);
        if (/cross|bce/.test(text)) {
          const distance = head === 'softmax' ? 2 * amount : amount;
          expect(wrong.value).toBeCloseTo(distance + (head === 'softmax' ? Math.log(classes - 1) : 0), 3);
        }
      }
    }
  });
});
