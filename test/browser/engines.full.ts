import { expect, test } from 'vitest';
import { useBrowser } from './browser-session.js';
import { expectEqualNumbers } from './compare-in-page.js';
import { loadLibrary } from './in-page.js';
import { networkNames } from './networks.js';

const session = useBrowser();

test.each(networkNames)('webgl in a browser gives the numbers of onnxruntime: %s', async (name) => {
  const { page, complaints } = await session().newPage();
  await page.goto(session().server.page);
  await loadLibrary(page);
  await expectEqualNumbers(page, 'webgl', name);
  expect(complaints).toEqual([]);
});
