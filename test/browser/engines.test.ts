import { beforeAll, describe, expect, test } from 'vitest';
import { useBrowser } from './browser-session.js';
import { hasChromium, skipWithoutWebgl } from './chromium.js';
import { expectEqualNumbers } from './compare-in-page.js';
import { loadLibrary } from './in-page.js';
import { networkNames } from './networks.js';
import type { WatchedPage } from './watched-page.js';

const session = useBrowser();
let watched: WatchedPage;

beforeAll(async () => {
  if (!hasChromium) return;
  watched = await session().newPage();
  await watched.page.goto(session().server.page);
  await loadLibrary(watched.page);
}, 120_000);

describe.each([
  { engine: 'wasm', names: networkNames },
  { engine: 'cpu', names: networkNames },
  // Its programs are compiled and run by the CPU here, which takes seconds a network: engines.full.ts has the others.
  { engine: 'webgl', names: ['Custom2D', 'Same3D'] },
])('$engine in a browser gives the numbers of onnxruntime', ({ engine, names }) => {
  test.for(names)('%s', { timeout: 120_000 }, async (name, context) => {
    if (engine === 'webgl') await skipWithoutWebgl(watched.page, context);
    await expectEqualNumbers(watched.page, engine, name);
    expect(watched.complaints).toEqual([]);
  });
});
