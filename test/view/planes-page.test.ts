import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { writeArray } from '../../src/formats/write.js';
import { viewerPage } from '../../src/view/html/viewer-page.js';
import { readView } from '../../src/view/read/read-view.js';
import { png8, png16, useFolder } from './made-files.js';
import {
  expectAccessible,
  type Look,
  lookLike,
  looks,
  type OpenedPage,
  overflow,
  useFilePages,
} from './open-page.js';

const [width, height] = [60, 40];
const folder = useFolder();
const inside = (name: string) => join(folder, name);
const openPage = useFilePages();
const slow = { timeout: 120_000 };
let [single, compared, stack] = ['', '', ''];

/** A gray value that tells its position. */
const valueAt = (x: number, y: number) => 1000 + 100 * y + x;
/** A square of class 1, and one of class 2 beside it. */
const classAt = (x: number, y: number) =>
  y < 10 || y >= 30 ? 0 : x >= 10 && x < 25 ? 1 : x >= 30 && x < 50 ? 2 : 0;

async function html(
  image: string,
  masks: readonly string[],
  names = new Map<string, string>(),
): Promise<string> {
  const content = await readView(image, masks, { names });
  if (content instanceof Failure) throw new Error(content.message);
  const text = viewerPage(content);
  if (text instanceof Failure) throw new Error(text.message);
  return text;
}

beforeAll(async () => {
  const positions = Array.from(
    { length: width * height },
    (_, i) => [i % width, Math.floor(i / width)] as const,
  );
  const image = await png16(
    inside('image.png'),
    width,
    height,
    Uint16Array.from(positions, ([x, y]) => valueAt(x, y)),
  );
  const mask = await png8(
    inside('mask.png'),
    width,
    height,
    Uint8Array.from(positions, ([x, y]) => classAt(x, y)),
  );
  const other = await png8(
    inside('other.png'),
    width,
    height,
    Uint8Array.from(positions, ([x, y]) => classAt(x - 5, y)),
  );
  single = await html(image, [mask], new Map([['1', 'nucleus']]));
  compared = await html(image, [mask, other]);
  const axes = [
    { name: 'page', size: 5 },
    { name: 'y', size: 8 },
    { name: 'x', size: 8 },
  ] as const;
  const header = {
    path: '',
    format: 'TIFF',
    axes,
    type: 'uint8',
    bits: 8,
    scale: undefined,
    colour: 'none',
    notes: [],
  } as const;
  const data = Uint8Array.from({ length: 320 }, (_, i) => 50 * Math.floor(i / 64) + (i % 7));
  expect(writeArray(inside('stack.tif'), { header, data })).toBeUndefined();
  stack = await html(inside('stack.tif'), []);
});

async function open(name: string, text: string, look: Look = {}): Promise<OpenedPage> {
  const opened = await openPage(inside(name), text, look);
  await opened.page.locator('body[data-ready=planes]').waitFor();
  return opened;
}

/** Red, green and blue where the canvas shows the middle of a position, and where that is on the screen. */
async function pixelAt(page: Page, x: number, y: number) {
  // Drawing waits for the next picture of the browser.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(
    ([column, row]) => {
      const { viewer } = (
        window as unknown as {
          unetView: { viewer: { canvas: HTMLCanvasElement; pointOf(x: number, y: number): number[] } };
        }
      ).unetView; // the page's script puts it there
      const [left = 0, top = 0] = viewer.pointOf((column ?? 0) + 0.5, (row ?? 0) + 0.5);
      const ratio = window.devicePixelRatio;
      const data = viewer.canvas.getContext('2d')?.getImageData(left * ratio, top * ratio, 1, 1).data ?? [];
      const box = viewer.canvas.getBoundingClientRect();
      return { colour: Array.from(data).slice(0, 3), left: box.left + left, top: box.top + top };
    },
    [x, y],
  );
}

const scaleOf = (page: Page) =>
  page.evaluate(
    () => (window as unknown as { unetView: { viewer: { scale: number } } }).unetView.viewer.scale,
  );

/** Okabe and Ito's orange over gray. */
const orangeOver = (gray: number, share: number) =>
  [230, 159, 0].map((one) => Math.round(gray + (one - gray) * share));

function near(found: readonly number[], expected: readonly number[]): void {
  for (const [i, one] of expected.entries())
    expect(Math.abs((found[i] ?? -99) - one), `${found} and ${expected}`).toBeLessThanOrEqual(1);
}

describe('an image with a mask', () => {
  test('shows its window, its fill and its outline, and hides them', slow, async () => {
    const { page, complaints } = await open('single.html', single);
    const values = Array.from({ length: width * height }, (_, i) =>
      valueAt(i % width, Math.floor(i / width)),
    ).sort((a, b) => a - b);
    const [low = 0, high = 0] = [0.005, 0.995].map((part) => values[Math.ceil(part * values.length) - 1]);
    const gray = (x: number, y: number) =>
      Math.round(255 * Math.min(1, Math.max(0, (valueAt(x, y) - low) / (high - low))));
    near((await pixelAt(page, 55, 20)).colour, [0, 0, 0].fill(gray(55, 20)));
    near((await pixelAt(page, 15, 20)).colour, orangeOver(gray(15, 20), 0.45));
    await page.locator('#opacity').fill('80');
    near((await pixelAt(page, 15, 20)).colour, orangeOver(gray(15, 20), 0.8));
    await page.getByRole('checkbox', { name: '1 nucleus' }).uncheck();
    near((await pixelAt(page, 15, 20)).colour, [0, 0, 0].fill(gray(15, 20)));
    await page.getByRole('checkbox', { name: '1 nucleus' }).check();
    await page.getByLabel('mask.png').selectOption('outline');
    near((await pixelAt(page, 15, 20)).colour, [0, 0, 0].fill(gray(15, 20)));
    // A position is many pixels wide, and the outline is inside of the first.
    const edge = await pixelAt(page, 10, 20);
    const scale = await scaleOf(page);
    expect(scale).toBeGreaterThan(8);
    const outline = await page.evaluate(
      ([left, top]) => {
        const canvas = document.querySelector('canvas#plane');
        if (!(canvas instanceof HTMLCanvasElement)) return [];
        const box = canvas.getBoundingClientRect();
        return Array.from(
          canvas.getContext('2d')?.getImageData((left ?? 0) - box.left, (top ?? 0) - box.top, 1, 1).data ??
            [],
        );
      },
      [edge.left - scale / 2 + 1, edge.top],
    );
    near(outline, [230, 159, 0]);
    // The window: black at the value of the position makes it black.
    await page.locator('#low').fill(String(valueAt(55, 20)));
    near((await pixelAt(page, 55, 20)).colour, [0, 0, 0]);
    expect(await page.locator('#low-value').textContent()).toBe(String(valueAt(55, 20)));
    await page.getByRole('button', { name: 'Reset window' }).click();
    near((await pixelAt(page, 55, 20)).colour, [0, 0, 0].fill(gray(55, 20)));
    expect(complaints).toEqual([]);
  });

  test('reads positions, values and classes under the pointer and by keys', slow, async () => {
    const { page, complaints } = await open('single.html', single);
    const { left, top } = await pixelAt(page, 33, 12);
    await page.mouse.move(left, top);
    expect(await page.locator('#readout').textContent()).toBe(
      `column 33, row 12 · value ${valueAt(33, 12)} · class 2`,
    );
    await page.locator('#plane').focus();
    for (let i = 0; i < 13; i++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+ArrowDown');
    await expect
      .poll(() => page.locator('#readout').textContent())
      .toBe(`column 20, row 13 · value ${valueAt(20, 13)} · class 1 nucleus`);
    expect(complaints).toEqual([]);
  });

  test('zooms by wheel, keys and buttons, and moves', slow, async () => {
    const { page } = await open('single.html', single);
    const before = await scaleOf(page);
    const at = await pixelAt(page, 20, 15);
    await page.mouse.move(at.left, at.top);
    await page.mouse.wheel(0, -240);
    await expect.poll(() => scaleOf(page)).toBeCloseTo(2 * before, 6);
    const zoomed = await pixelAt(page, 20, 15);
    expect(
      Math.hypot(zoomed.left - at.left, zoomed.top - at.top),
      'the position stays below the pointer',
    ).toBeLessThan(1);
    await page.locator('#plane').focus();
    await page.keyboard.press('+');
    await expect.poll(() => scaleOf(page)).toBeCloseTo(2.5 * before, 6);
    await page.keyboard.press('-');
    await expect.poll(() => scaleOf(page)).toBeCloseTo(2 * before, 6);
    const unmoved = await pixelAt(page, 20, 15);
    await page.mouse.move(600, 400);
    await page.mouse.down();
    await page.mouse.move(630, 380, { steps: 3 });
    await page.mouse.up();
    const moved = await pixelAt(page, 20, 15);
    expect(moved.left - unmoved.left).toBeCloseTo(30, 3);
    expect(moved.top - unmoved.top).toBeCloseTo(-20, 3);
    await page.getByRole('button', { name: 'Fit' }).click();
    expect(await scaleOf(page)).toBeCloseTo(before, 6);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await scaleOf(page)).toBeCloseTo(1.25 * before, 6);
    await page.keyboard.press('Tab');
  });

  test('zooms by two fingers', slow, async () => {
    const { page } = await open('single.html', single, { width: 360, height: 740, touch: true });
    const before = await scaleOf(page);
    const client = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', spread: number) =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          spread === 0
            ? []
            : [
                { x: 180 - spread, y: 250, id: 1 },
                { x: 180 + spread, y: 250, id: 2 },
              ],
      });
    await touch('touchStart', 30);
    for (const spread of [40, 50, 60]) await touch('touchMove', spread);
    await touch('touchEnd', 0);
    expect((await scaleOf(page)) / before).toBeCloseTo(2, 1);
  });

  test('turns outlines and masks off and on by keys', slow, async () => {
    const { page } = await open('single.html', single);
    const style = () => page.getByLabel('mask.png').inputValue();
    await page.locator('#plane').focus();
    await page.keyboard.press('o');
    expect(await style()).toBe('fill');
    await page.keyboard.press('o');
    expect(await style()).toBe('both');
    await page.keyboard.press('m');
    expect(await style()).toBe('hidden');
    await page.keyboard.press('m');
    expect(await style()).toBe('both');
  });
});

test('two masks are compared', slow, async () => {
  const { page, complaints } = await open('compared.html', compared);
  await page.getByLabel('Show', { exact: true }).selectOption('differences');
  expect(await page.locator('#classes').isVisible()).toBe(false);
  const counts = [0, 0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [a, b] = [classAt(x, y), classAt(x - 5, y)];
      const kind = a === b ? (a === 0 ? 0 : 1) : b === 0 ? 2 : a === 0 ? 3 : 4;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  const labelled = counts.slice(1).reduce((sum, one) => sum + one, 0);
  for (const kind of [1, 2, 3, 4]) {
    const count = counts[kind] ?? 0;
    expect(await page.locator(`#difference-${kind}`).textContent()).toBe(
      `${count} (${((100 * count) / labelled).toFixed(1)} %)`,
    );
  }
  await page.locator('#opacity').fill('100');
  near((await pixelAt(page, 12, 20)).colour, [230, 159, 0]);
  near((await pixelAt(page, 27, 20)).colour, [86, 180, 233]);
  near((await pixelAt(page, 20, 20)).colour, [0, 158, 115]);
  expect(complaints).toEqual([]);
});

test('the pages of a stack are shown one by one', slow, async () => {
  const { page, complaints } = await open('stack.html', stack);
  const { left, top } = await pixelAt(page, 2, 0);
  await page.mouse.move(left, top);
  const readout = () => page.locator('#readout').textContent();
  expect(await readout()).toBe('column 2, row 0, page 0 · value 2');
  await page.getByRole('button', { name: 'Page after' }).click();
  await page.locator('#slice').fill('3');
  await page.mouse.move(left + 1, top);
  expect(await readout()).toBe(`column 2, row 0, page 3 · value ${150 + ((3 * 64 + 2) % 7)}`);
  await page.locator('#plane').focus();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  expect(await page.locator('#slice-value').textContent()).toBe('4 / 4');
  await page.mouse.move(left, top);
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -120);
  await page.keyboard.up('Shift');
  await expect.poll(() => page.locator('#slice-value').textContent()).toBe('3 / 4');
  expect(complaints).toEqual([]);
});

test('pages fit both widths in both colours, and everybody can use them', slow, async () => {
  const { page, complaints } = await open('both.html', compared);
  await page.locator('summary').click();
  for (const look of looks) {
    await lookLike(page, look);
    expect(await overflow(page), JSON.stringify(look)).toBe(0);
    await expectAccessible(page);
  }
  await page.getByLabel('Show', { exact: true }).selectOption('differences');
  expect(await overflow(page)).toBe(0);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});
