import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { hasChromium, skipWithoutChromium, startChromium } from './chromium.js';
import { type ExampleServer, startServer } from './example-server.js';
import { type WatchedPage, watchedPage } from './watched-page.js';

export interface BrowserSession {
  readonly server: ExampleServer;
  /** A new page, at no address yet. */
  newPage(): Promise<WatchedPage>;
}

/**
 * A server and a browser for all tests of a file; without Chromium they are skipped. The function that is returned
 * gives the session inside of tests and hooks.
 */
export function useBrowser(): () => BrowserSession {
  let session: (BrowserSession & { readonly browser: Browser }) | undefined;
  beforeAll(async () => {
    if (!hasChromium) return;
    const server = await startServer();
    const browser = await startChromium();
    session = { server, browser, newPage: () => watchedPage(browser, server.origin) };
  }, 180_000);
  afterAll(async () => {
    await session?.browser.close();
    await session?.server.stop();
  }, 60_000);
  beforeEach(skipWithoutChromium);
  return () => {
    if (!session) throw new Error('the browser has not started');
    return session;
  };
}
