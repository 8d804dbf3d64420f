import { expect, test } from 'vitest';
import { lossOf } from '../../src/autodiff/losses/loss-of.js';
import { lossProblems } from '../../src/autodiff/losses/loss-problems.js';
import { StepBuilder } from '../../src/autodiff/step/step-builder.js';
import { recipeOf } from '../language/recipe-of.js';

const terms = (text: string) => recipeOf(`loss = ${text}`).loss ?? [];

test('a loss that fits has no problem', () => {
  expect(lossProblems(terms('cross_entropy + dice'), 'softmax', 2)).toEqual([]);
  expect(lossProblems(terms('0.5 * bce + 0.5 * dice'), 'sigmoid', 1)).toEqual([]);
  expect(lossProblems(terms('focal + dice'), 'sigmoid', 3)).toEqual([]);
});

test('all that does not fit is said at once, each kind of loss once', () => {
  const problems = lossProblems(terms('bce + 2 * bce + dice'), 'softmax', 1);
  expect(problems.map(({ message }) => message)).toEqual([
    '`bce` is a loss for `head = sigmoid`; with `head = softmax` it is `cross_entropy`',
    'a softmax over one class is always 1, and nothing can be trained: write `head = sigmoid`',
  ]);
  expect(lossProblems(terms('cross_entropy'), 'sigmoid', 2).map(({ kind }) => kind)).toEqual(['head']);
});

test('writing a loss that does not fit, or without its distances, is a bug', () => {
  const inputs = {
    logits: { name: 'logits', shape: [1, 2, 3, 3] },
    labels: { name: 'labels', shape: [1, 1, 3, 3] },
    weights: { name: 'weights', shape: [1, 1, 3, 3] },
  };
  expect(() => lossOf(new StepBuilder(), terms('bce'), 'softmax', inputs)).toThrow('head = sigmoid');
  expect(() => lossOf(new StepBuilder(), terms('boundary'), 'softmax', inputs)).toThrow('distance map');
});
