import { describe, test } from 'vitest';
import { fuzz, seeds } from './fuzz-texts.js';

describe('tens of thousands of mutated specs compile or are diagnosed, and never throw', () => {
  test.each(seeds)('$name', ({ name, text }) => fuzz(name, text, 1_000, 2));
});
