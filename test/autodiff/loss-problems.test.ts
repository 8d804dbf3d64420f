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

test('reports everything that does not fit at once, each kind of loss once', () => {
  const problems = lossProblems(terms('bce + 2 * bce + dice'), 'softmax', 1);
  expect(problems).toEqual([
    {
      problem: 'loss-of-other-head',
      loss: 'bce',
      needed: 'sigmoid',
      head: 'softmax',
      instead: 'cross_entropy',
    },
    { problem: 'softmax-of-one-class' },
  ]);
  expect(lossProblems(terms('cross_entropy'), 'sigmoid', 2)).toMatchObject([
    { problem: 'loss-of-other-head', instead: 'bce' },
  ]);
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
