import type { Browser, Page } from 'playwright-core';

/** A page, and what it did that a page should not do. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings in the console, uncaught errors, failed requests, and requests to other origins. */
  readonly complaints: readonly string[];
}

/** A new page of a context of its own. Waiting in it is generous: the machine may be slow. */
export async function watchedPage(browser: Browser, origin: string): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    // Threads of WebAssembly come from a blob that the page made itself; so does a file that it saves.
    if (url.origin !== origin && !['blob:', 'data:'].includes(url.protocol)) complaints.push(request.url());
  });
  return { page, complaints };
}
