import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { viewerPage } from '../../src/view/html/viewer-page.js';
import { readView } from '../../src/view/read/read-view.js';
import { skipWithoutWebgl } from '../browser/chromium.js';
import { niftiFile, orientations, useFolder } from './made-files.js';
import { expectAccessible, lookLike, looks, type OpenedPage, overflow, useFilePages } from './open-page.js';

const folder = useFolder();
const inside = (name: string) => join(folder, name);
const openPage = useFilePages();
const slow = { timeout: 180_000 };
const size = [10, 12, 14] as const;
const [columns, rows, slices] = size;
const pages = new Map<string, string>();

/** A value that tells its voxel. */
const valueAt = (x: number, y: number, z: number) => x + 20 * y + 400 * z - 3000;

/** The place in the world of a voxel. */
const placeOf = (affine: number[][], voxel: readonly number[]) =>
  affine.map((row) => (row[3] ?? 0) + voxel.reduce((sum, index, j) => sum + index * (row[j] ?? 0), 0));

/** The voxels of a block at the left, front and upper corner of the world, whatever the file's axes are. */
function cornerMask(affine: number[][]): Uint8Array {
  const places: number[][] = [];
  for (let z = 0; z < slices; z++) {
    for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) places.push(placeOf(affine, [x, y, z]));
  }
  const along = (axis: number) => places.map((place) => place[axis] ?? 0);
  const [left, front, top] = [along(0), along(1), along(2)].map((all, i) => {
    const [least, most] = [Math.min(...all), Math.max(...all)];
    // A third of the volume: left is the smallest of the first axis, front and top are the largest of the others.
    return i === 0 ? least + (most - least) / 3 : most - (most - least) / 3;
  });
  return Uint8Array.from(places, ([r = 0, a = 0, s = 0]) =>
    Number(r <= (left ?? 0) && a >= (front ?? 0) && s >= (top ?? 0)),
  );
}

/** One with the axes of the world, one with all of them turned round, and one with all of them exchanged. */
const shown = ['RAS', 'LPI', 'ILA'];
const checked = shown.slice(1);

beforeAll(async () => {
  const data = new Int16Array(columns * rows * slices);
  for (let z = 0, at = 0; z < slices; z++) {
    for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++, at++) data[at] = valueAt(x, y, z);
  }
  for (const { name, affine } of orientations()) {
    if (!shown.includes(name)) continue;
    const image = niftiFile(inside(`${name}.nii`), { size, affine, data });
    const mask = niftiFile(inside(`${name}-mask.nii`), { size, affine, data: cornerMask(affine) });
    const content = await readView(image, [mask], { names: new Map([['1', 'corner']]) });
    const html = content instanceof Failure ? content : viewerPage(content);
    if (html instanceof Failure) throw new Error(html.message);
    pages.set(name, html);
  }
});

async function open(name: string): Promise<OpenedPage> {
  const opened = await openPage(inside(`${name}.html`), pages.get(name) ?? '');
  await opened.page.locator('body[data-ready]').waitFor({ timeout: 120_000 });
  return opened;
}

interface Looked {
  readonly unetView: {
    readonly volume: {
      moveTo(voxel: readonly number[]): void;
      readonly niivue: {
        readonly volumes: readonly {
          mm2vox(place: readonly number[]): number[];
          getValue(x: number, y: number, z: number): number;
        }[];
      };
    };
  };
}

/** Red, green and blue of the frame as the screen shows it. */
async function picture(page: Page) {
  await page.waitForTimeout(150);
  const png = await page.locator('.frame').screenshot();
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The middle of all pixels with a colour, as parts of the middle of all that are not black; undefined if none has it. */
async function orangeMiddle(page: Page) {
  const { data, width } = await picture(page);
  const sums = { orange: [0, 0, 0], bright: [0, 0, 0] };
  for (let i = 0; i < data.length / 3; i++) {
    const [r = 0, g = 0, b = 0] = data.subarray(3 * i, 3 * i + 3);
    for (const [kind, isIt] of [
      ['orange', r > 100 && r - b > 60],
      ['bright', Math.max(r, g, b) > 30],
    ] as const) {
      if (!isIt) continue;
      const sum = sums[kind];
      sums[kind] = [(sum[0] ?? 0) + 1, (sum[1] ?? 0) + (i % width), (sum[2] ?? 0) + Math.floor(i / width)];
    }
  }
  const [count = 0, x = 0, y = 0] = sums.orange;
  const [all = 1, allX = 0, allY = 0] = sums.bright;
  return count === 0 ? undefined : { dx: x / count - allX / all, dy: y / count - allY / all, count };
}

describe.each(checked)('a volume with axes %s', (name) => {
  test('has its voxels and its mask where the file says', slow, async (context) => {
    const { page, complaints } = await open(name);
    await skipWithoutWebgl(page, context);
    const { affine } = orientations().find((one) => one.name === name) ?? { affine: [] };
    for (const voxel of [
      [0, 0, 0],
      [3, 7, 11],
      [9, 2, 5],
    ]) {
      const place = placeOf(affine, voxel);
      // What niivue has at the place where the file's transform puts the voxel.
      const value = await page.evaluate(
        ([where]) => {
          const [volume] = (window as unknown as Looked).unetView.volume.niivue.volumes; // the page's script puts it there
          const [x = 0, y = 0, z = 0] = volume?.mm2vox([...(where ?? []), 1]) ?? [];
          return volume?.getValue(Math.round(x), Math.round(y), Math.round(z));
        },
        [place],
      );
      expect(value, String(voxel)).toBe(valueAt(voxel[0] ?? 0, voxel[1] ?? 0, voxel[2] ?? 0));
      await page.evaluate((to) => (window as unknown as Looked).unetView.volume.moveTo(to), voxel);
      const text = (await page.locator('#readout').textContent()) ?? '';
      expect(text).toContain(`voxel (${voxel.join(', ')}) · value ${value}`);
      expect(text).toContain(`at (${place.map((one) => one.toFixed(1)).join(', ')}) mm`);
    }
    // The corner: the planes go through it.
    const mask = cornerMask(affine);
    const index = mask.findLastIndex((one, i) => one === 1 && mask[i - 1] === 1);
    const voxel = [index % columns, Math.floor(index / columns) % rows, Math.floor(index / (columns * rows))];
    await page.evaluate((to) => (window as unknown as Looked).unetView.volume.moveTo(to), voxel);
    expect(await page.locator('#readout').textContent()).toContain('class 1 corner');
    await page.locator('#opacity').fill('100');
    await page.getByRole('button', { name: 'Axial' }).click();
    const axial = await orangeMiddle(page);
    expect(axial?.dx, 'left is at the left').toBeLessThan(-10);
    expect(axial?.dy, 'the front is at the top').toBeLessThan(-10);
    await page.getByRole('checkbox', { name: 'Radiological' }).check();
    expect((await orangeMiddle(page))?.dx, 'left is at the right').toBeGreaterThan(10);
    await page.getByRole('checkbox', { name: 'Radiological' }).uncheck();
    await page.getByRole('button', { name: 'Coronal' }).click();
    const coronal = await orangeMiddle(page);
    expect(coronal?.dx).toBeLessThan(-10);
    expect(coronal?.dy, 'the head is at the top').toBeLessThan(-10);
    await page.getByRole('checkbox', { name: '1 corner' }).uncheck();
    expect(await orangeMiddle(page), 'a hidden class').toBeUndefined();
    expect(complaints).toEqual([]);
  });
});

test('all views show something, and keys move the crosshair', slow, async (context) => {
  const { page, complaints } = await open('RAS');
  await skipWithoutWebgl(page, context);
  for (const view of ['Planes and 3D', 'Axial', 'Coronal', 'Sagittal', '3D', 'Stored slices']) {
    await page.getByRole('button', { name: view, exact: true }).click();
    const { data } = await picture(page);
    expect(new Set(data).size, view).toBeGreaterThan(20);
  }
  expect(await page.locator('#slice').isVisible(), 'the stored slices have a slider').toBe(true);
  await page.getByRole('button', { name: 'Planes and 3D' }).click();
  await page.evaluate(() => (window as unknown as Looked).unetView.volume.moveTo([4, 5, 6]));
  await page.locator('#volume').focus();
  for (const key of ['ArrowRight', 'ArrowUp', 'PageUp', 'PageUp']) await page.keyboard.press(key);
  // This volume's axes lead to the right, to the front and up.
  await expect.poll(() => page.locator('#readout').textContent()).toContain('voxel (5, 6, 8)');
  expect(complaints).toEqual([]);
});

test('without WebGL, the stored slices are shown', slow, async () => {
  const { page, complaints } = await openPage(
    inside('without.html'),
    // The first script of the page, which no policy knows yet.
    (pages.get('RAS') ?? '').replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '').replace(
      '<body>',
      `<body><script>HTMLCanvasElement.prototype.getContext = ((all) => function (kind, ...more) {
        return kind === '2d' ? all.call(this, kind, ...more) : null;
      })(HTMLCanvasElement.prototype.getContext)</script>`,
    ),
  );
  await page.locator('body[data-ready=planes]').waitFor();
  expect(await page.locator('#plane').isVisible()).toBe(true);
  expect(new Set((await picture(page)).data).size).toBeGreaterThan(20);
  expect(complaints).toEqual([]);
});

test('pages fit both widths in both colours, and everybody can use them', slow, async () => {
  const { page, complaints } = await open('LPI');
  for (const look of looks) {
    await lookLike(page, look);
    expect(await overflow(page), JSON.stringify(look)).toBe(0);
    await expectAccessible(page);
  }
  expect(complaints).toEqual([]);
});
