import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Chromium is, or a browser of its family; CHROMIUM names another place. Nothing is downloaded. */
const places = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((place) => place !== '' && existsSync(place));

interface Skips {
  skip(note?: string): unknown;
}

export const hasChromium = executablePath !== undefined;

/** Skips a test, and says so, where there is no Chromium. */
export function skipWithoutChromium(context: Skips): void {
  if (!hasChromium) skip(context, 'Chromium is not installed');
}

/** Skips a test, and says so, where the browser has no WebGL. */
export async function skipWithoutWebgl(page: Page, context: Skips): Promise<void> {
  const hasWebgl = await page.evaluate(() => new OffscreenCanvas(1, 1).getContext('webgl2') !== null);
  if (!hasWebgl) skip(context, 'this Chromium has no WebGL');
}

function skip(context: Skips, reason: string): void {
  console.log(`skipped: ${reason}`);
  context.skip(reason);
}

/** Starts a browser without a window. WebGL is computed by the CPU (SwiftShader), as on a machine without a GPU. */
export async function startChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('Chromium is not installed');
  return chromium.launch({
    executablePath,
    headless: true,
    timeout: 120_000,
    // Containers have little shared memory, and no user that a sandbox could be made for.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-unsafe-swiftshader'],
  });
}
