import { expect, test } from 'vitest';
import { checkFields } from './random-fields.js';

test('the receptive fields of random networks are what changes of the input show', () => {
  const { compared, largest } = checkFields(300);
  expect(compared).toBeGreaterThan(800);
  expect(largest).toBeGreaterThan(30);
});
