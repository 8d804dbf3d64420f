import { describe, expect, test } from 'vitest';
import { checkClosedForm } from './check-closed-form.js';

const parts = Array.from({ length: 12 }, (_, i) => 10_000 * (i + 1));

describe('the admissible sizes of random networks are those that every op can take', () => {
  test.each(parts)('500 networks from seed %i', (first) => {
    const seeds = Array.from({ length: 5_000 }, (_, i) => first + i);
    const { problems, tally } = checkClosedForm(seeds, 500);
    expect(problems).toEqual([]);
    expect(tally.networks).toBe(500);
  });
});
