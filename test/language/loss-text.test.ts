import { expect, test } from 'vitest';
import { lossText } from '../../src/language/recipes/loss-text.js';
import { recipeOf } from './recipe-of.js';

const terms = (text: string) => recipeOf(`loss = ${text}`).loss ?? [];

test.each([
  'cross_entropy',
  '0.5 * bce + 0.25 * dice(smooth: 1, batch: true)',
  'dice(squared: true, background: false)',
  'tversky(fp_weight: 0.4, fn_weight: 0.6) + 2 * boundary(weight: 0.5)',
  '3 * focal_tversky(exponent: 1, smooth: 0.5) + focal(gamma: 1.5, alpha: 0.25)',
  'generalized_dice(smooth: 1e-7)',
])('%s is printed as it is written', (text) => {
  expect(lossText(terms(text))).toBe(text);
});

test('brackets are multiplied out, and what has its default is left out: the terms stay the same', () => {
  const written = terms('0.5 * (cross_entropy + 2 * dice(smooth: 1e-5, batch: false)) + focal(gamma: 2)');
  expect(lossText(written)).toBe('0.5 * cross_entropy + dice + focal');
  expect(terms(lossText(written))).toEqual(written);
});
