import { expect, test } from 'vitest';
import { recipeOf } from './recipe-of.js';

const dice = { kind: 'dice', smooth: 1e-5, squared: false, batch: false, background: true };
const boundary = { kind: 'boundary', weight: 0.01 };

test('a loss alone has the weight 1 and its settings as they are left out', () => {
  expect(recipeOf('loss = dice').loss).toEqual([{ weight: 1, loss: dice }]);
  const focal = { kind: 'focal', gamma: 2, alpha: undefined };
  expect(recipeOf('loss = focal').loss).toEqual([{ weight: 1, loss: focal }]);
});

test('a sum has a term for each loss', () => {
  expect(recipeOf('loss = 0.5 * bce + 0.25 * dice(smooth: 1, batch: true) + boundary').loss).toEqual([
    { weight: 0.5, loss: { kind: 'bce' } },
    { weight: 0.25, loss: { ...dice, smooth: 1, batch: true } },
    { weight: 1, loss: boundary },
  ]);
});

test('weights are calculated, with params, and over brackets', () => {
  expect(recipeOf('loss = w / 4 * 3 * (bce + (2 - 0.5) * boundary)', 'param w = 2').loss).toEqual([
    { weight: 1.5, loss: { kind: 'bce' } },
    { weight: 2.25, loss: boundary },
  ]);
});

test('the other attributes are read by their kinds', () => {
  const values = recipeOf('epochs = 7; patch = 32x48; optimizer = adam(lr: 0.5); class_weights = [1, 2]');
  expect(values).toEqual({
    epochs: 7,
    patch: [32, 48],
    optimizer: { kind: 'adam', lr: 0.5, weight_decay: 0 },
    class_weights: [1, 2],
  });
});
