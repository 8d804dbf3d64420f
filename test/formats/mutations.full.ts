import { expect, test } from 'vitest';
import { allCases, readMutations } from './mutations.js';

const cases = allCases();

test.each([2, 3, 4, 5])('1,000 damaged files of seed %i give arrays or coded failures', async (seed) => {
  const before = process.memoryUsage.rss();
  await readMutations(cases, 1000, seed);
  // The files decode to less than 100 KB each, so what is held beyond the idle process is caches and waste.
  expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 2 ** 20);
});
