import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { hasChromium, skipWithoutChromium, startChromium } from '../browser/chromium.js';

/** A page of a file, and what it did that it should not do. */
export interface OpenedPage {
  readonly page: Page;
  /** Messages in the console, uncaught errors, and requests other than for the file itself. */
  readonly complaints: readonly string[];
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly touch?: boolean;
}

/** A browser for the tests of a file, which opens texts as files; without Chromium they are skipped. */
export function useFilePages(): (path: string, html: string, look?: Look) => Promise<OpenedPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (hasChromium) browser = await startChromium();
  }, 180_000);
  afterAll(async () => browser?.close(), 60_000);
  beforeEach(skipWithoutChromium);
  return async (path, html, { width = 1280, height = 900, scheme = 'light', touch = false } = {}) => {
    if (!browser) throw new Error('the browser has not started');
    writeFileSync(path, html);
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      hasTouch: touch,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const url = pathToFileURL(path).href;
    const complaints: string[] = [];
    page.on('console', (message) => {
      // The driver of a machine without a GPU says that it waits.
      const isDriver = message.text().includes('GL Driver Message (OpenGL, Performance');
      if (!isDriver) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      // A click on a link opens another file.
      const isOpened = request.isNavigationRequest() && request.url().startsWith('file:');
      const isOwn = /^(blob|data):/.test(request.url()) || request.url() === url || isOpened;
      if (!isOwn) complaints.push(request.url());
    });
    await page.goto(url);
    return { page, complaints };
  };
}

/** What pages have to fit: both widths, in both colours. */
export const looks = ([1280, 360] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);

/** Changes the window of a page, and waits until the page has followed. */
export async function lookLike(page: Page, { width, scheme }: (typeof looks)[number]): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: scheme });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** How far the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

/** Where axe-core is, if it is installed. */
function axePath(): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Expects that axe finds nothing wrong by WCAG 2 A and AA; says so where axe-core is not installed. */
export async function expectAccessible(page: Page): Promise<void> {
  const path = axePath();
  if (path === undefined) {
    console.log('skipped: axe-core is not installed');
    return;
  }
  await page.evaluate(readFileSync(path, 'utf8'));
  const wrong = await page.evaluate(async () => {
    // The script above has made it.
    const { axe } = window as unknown as {
      axe: {
        run(
          context: Document,
          options: object,
        ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const runOnly = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
    const { violations } = await axe.run(document, { runOnly });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`),
    }));
  });
  expect(wrong).toEqual([]);
}
