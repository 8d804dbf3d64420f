import { expect, test } from 'vitest';
import { checkClosedForm } from './check-closed-form.js';

test('the admissible sizes of 100 random networks from seed 1 are those that every op can take', () => {
  const seeds = Array.from({ length: 2_000 }, (_, i) => i + 1);
  const { problems, tally } = checkClosedForm(seeds, 100);
  expect(problems).toEqual([]);
  expect(tally.networks).toBe(100);
  // Both outcomes were there to be told apart.
  expect(tally.impossible).toBeGreaterThan(0);
  expect(tally.fitting).toBeGreaterThan(6_000);
});
