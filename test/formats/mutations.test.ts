import { test } from 'vitest';
import { allCases, readMutations } from './mutations.js';

// test/formats/mutations.full.ts reads many more.
test('300 damaged files give arrays or coded failures', async () => {
  await readMutations(allCases(), 300, 1);
});
