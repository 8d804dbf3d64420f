import { describe, expect, test } from 'vitest';
import { checkClosedForm } from './check-closed-form.js';

const parts = Array.from({ length: 12 }, (_, i) => 10_000 * (i + 1));

describe('the admissible sizes of random networks are those that every op can take', () => {
  test('320 networks from seed 1', () => {
    const seeds = Array.from({ length: 2_000 }, (_, i) => i + 1);
    const { problems, tally } = checkClosedForm(seeds, 320);
    expect(problems).toEqual([]);
    expect(tally.networks).toBe(320);
    expect(tally.impossible).toBeGreaterThan(0);
    expect(tally.fitting).toBeGreaterThan(20_000);
  });

  test.each(parts)('500 networks from seed %i', (first) => {
    const seeds = Array.from({ length: 5_000 }, (_, i) => first + i);
    const { problems, tally } = checkClosedForm(seeds, 500);
    expect(problems).toEqual([]);
    expect(tally.networks).toBe(500);
  });
});
