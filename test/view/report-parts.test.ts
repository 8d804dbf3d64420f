import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import {
  classLegend,
  differenceLegend,
  figure,
  figureRow,
  reportPage,
} from '../../src/view/html/report-page.js';
import { sortableTable } from '../../src/view/html/table.js';
import { viewerPage } from '../../src/view/html/viewer-page.js';
import { overlayPicture } from '../../src/view/pictures/overlay-picture.js';
import { fullestPlanes, volumePictures } from '../../src/view/pictures/volume-pictures.js';
import { readView } from '../../src/view/read/read-view.js';
import type { ViewerContent } from '../../src/view/viewed-image.js';
import { niftiFile, orientations, png8, useFolder } from './made-files.js';
import { expectAccessible, looks, overflow, useFilePages } from './open-page.js';

const folder = useFolder();
const inside = (name: string) => join(folder, name);

async function content(image: string, masks: readonly string[]): Promise<ViewerContent> {
  const read = await readView(image, masks);
  if (read instanceof Failure) throw new Error(read.message);
  return read;
}

/** Red, green and blue of a picture, by another library. */
async function decoded(uri: string) {
  const { data, info } = await sharp(Buffer.from(uri.replace(/^data:image\/png;base64,/, ''), 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return {
    ...info,
    at: (x: number, y: number) =>
      Array.from(data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)),
  };
}

describe('a picture of a slice', () => {
  test('has the gray levels of the window, fills and outlines', async () => {
    const [width, height] = [20, 10];
    const gray = Uint8Array.from({ length: 200 }, (_, i) => i % 20);
    const labels = Uint8Array.from({ length: 200 }, (_, i) => Number(i % 20 >= 5 && i % 20 < 15));
    const both = await content(await png8(inside('g.png'), width, height, gray), [
      await png8(inside('m.png'), width, height, labels),
    ]);
    const picture = overlayPicture(both, { most: 100, opacity: 0.5 });
    expect(picture).toMatchObject({ width: 100, height: 50, index: 0 });
    const { at } = await decoded(picture.uri);
    const level = (x: number) => Math.round((255 * x) / 19);
    expect(at(12, 25)).toEqual([level(2), level(2), level(2)]);
    const filled = [230, 159, 0].map((one) => Math.round(level(9) + (one - level(9)) * 0.5));
    for (const [i, one] of at(47, 25).entries())
      expect(Math.abs(one - (filled[i] ?? 0))).toBeLessThanOrEqual(1);
    // The first two pixels of the first position of the square are its outline.
    expect([at(24, 25)[0], at(25, 25), at(26, 25)]).toEqual([level(4), [230, 159, 0], [230, 159, 0]]);
    const plain = await decoded(overlayPicture(both, { most: 20, drawings: ['hidden'] }).uri);
    expect(Array.from({ length: 20 }, (_, x) => plain.at(x, 3)[0])).toEqual(
      Array.from({ length: 20 }, (_, x) => level(x)),
    );
  });

  test('shows in what two masks differ', async () => {
    const image = await png8(inside('zero.png'), 4, 1, new Uint8Array(4));
    const first = await png8(inside('first.png'), 4, 1, Uint8Array.of(1, 1, 0, 1));
    const second = await png8(inside('second.png'), 4, 1, Uint8Array.of(1, 0, 1, 2));
    const picture = overlayPicture(await content(image, [first, second]), {
      differences: true,
      opacity: 1,
      most: 4,
    });
    const { at } = await decoded(picture.uri);
    expect([0, 1, 2, 3].map((x) => at(x, 0))).toEqual([
      [0, 158, 115],
      [230, 159, 0],
      [86, 180, 233],
      [204, 121, 167],
    ]);
  });
});

describe('pictures of a volume', () => {
  const size = [6, 8, 10] as const;
  const count = 480;

  test.each(orientations())('lie as people look at bodies, for axes $name', async ({ name, affine }) => {
    // One voxel at the left, front and upper corner is brighter than all others.
    const place = (x: number, y: number, z: number) =>
      affine.map((row) => (row[0] ?? 0) * x + (row[1] ?? 0) * y + (row[2] ?? 0) * z);
    const corners = [0, 5].flatMap((x) => [0, 7].flatMap((y) => [0, 9].map((z) => [x, y, z] as const)));
    const score = (corner: readonly [number, number, number]) => {
      const [r = 0, a = 0, s = 0] = place(...corner);
      return -r + a + s;
    };
    const [x = 0, y = 0, z = 0] = corners.toSorted((a, b) => score(b) - score(a))[0] ?? [];
    const data = new Int16Array(count);
    const at = x + 6 * (y + 8 * z);
    data[at] = 1000;
    const labels = new Uint8Array(count);
    labels[at] = 1;
    const volume = await content(niftiFile(inside(`v-${name}.nii`), { size, affine, data }), [
      niftiFile(inside(`l-${name}.nii`), { size, affine, data: labels }),
    ]);
    expect(fullestPlanes(volume.image.size, volume.masks)).toEqual([z, y, x]);
    const pictures = volumePictures(volume, { drawings: ['fill'], opacity: 1, most: 120 });
    expect(pictures.map(({ plane }) => plane).toSorted()).toEqual(['axial', 'coronal', 'sagittal']);
    for (const { plane, uri, width, height } of pictures) {
      const picture = await decoded(uri);
      // Left is at the left; the front is at the right of a sagittal plane, and the upper part is at the top.
      const column = plane === 'sagittal' ? width - 2 : 1;
      expect(picture.at(column, 1), plane).toEqual([230, 159, 0]);
      expect(picture.at(width - 1 - column, height - 2), plane).not.toEqual([230, 159, 0]);
    }
    // Proportions of the body: the spacings are 1, 2 and 3 by column, row and slice.
    const axial = pictures.find(({ plane }) => plane === 'axial');
    const extent = [6 * 1, 8 * 2, 10 * 3];
    const axisOf = (letters: string) => [...name].findIndex((letter) => letters.includes(letter));
    const [wide = 1, high = 1] = [extent[axisOf('LR')], extent[axisOf('PA')]];
    expect((axial?.width ?? 0) / (axial?.height ?? 1)).toBeCloseTo(wide / high, 1);
  });

  test('go where two masks differ most', async () => {
    const { affine } = orientations()[0] ?? { affine: [] };
    const [first, second] = [new Uint8Array(count), new Uint8Array(count)];
    // Much is labelled alike in slice 2, and little differs in slice 7, row 3, column 4.
    for (let i = 96; i < 144; i++) first[i] = second[i] = 1;
    first[4 + 6 * (3 + 8 * 7)] = 2;
    const volume = await content(niftiFile(inside('w.nii'), { size, affine, data: new Int16Array(count) }), [
      niftiFile(inside('w1.nii'), { size, affine, data: first }),
      niftiFile(inside('w2.nii'), { size, affine, data: second }),
    ]);
    expect(fullestPlanes(volume.image.size, volume.masks)).toEqual([7, 3, 4]);
    expect(fullestPlanes(volume.image.size, volume.masks.slice(1))[0]).toBe(2);
    expect(fullestPlanes(volume.image.size, [])).toEqual([5, 4, 3]);
  });
});

describe('a report', () => {
  const openPage = useFilePages();
  const table = sortableTable({
    id: 'cases',
    caption: 'Metrics of each case',
    columns: [{ name: 'Case' }, { name: 'Dice', decimals: 3 }, { name: 'Cells', decimals: 0 }],
    rows: [
      ['case 2 <b>', 0.5, 12],
      ['case 10', Number.NaN, 3],
      [{ html: '<a href="case-1.html">case 1</a>' }, 0.91234, undefined],
    ],
  });

  test.each(looks)('sorts, filters and fits at $width pixels, $scheme', async ({ width, scheme }) => {
    const small = await content(await png8(inside('r.png'), 30, 20, new Uint8Array(600).fill(7)), [
      await png8(
        inside('rm.png'),
        30,
        20,
        Uint8Array.from({ length: 600 }, (_, i) => i % 3),
      ),
    ]);
    const picture = overlayPicture(small, { most: 240 });
    const html = reportPage({
      title: 'A & B',
      facts: [['Cases', '3']],
      sections: [
        { heading: 'Cases', html: table },
        {
          heading: 'Worst',
          html:
            classLegend(small.table) +
            differenceLegend('truth <1>', 'found') +
            figureRow([
              figure(picture, 'r.png', 'r.png with its mask'),
              figure(picture, 'again', 'the same'),
            ]),
        },
      ],
      notes: ['Of the validation images.'],
    });
    if (html instanceof Failure) throw new Error(html.message);
    expect(html).toContain('only in truth &lt;1&gt;');
    const { page, complaints } = await openPage(inside('report.html'), html, { width, scheme });
    const names = () => page.locator('#cases tbody tr:visible th').allTextContents();
    expect(await names()).toEqual(['case 2 <b>', 'case 10', 'case 1']);
    await page.getByRole('button', { name: 'Case' }).click();
    expect(await names()).toEqual(['case 1', 'case 2 <b>', 'case 10']);
    await page.getByRole('button', { name: 'Dice' }).click();
    expect(await names()).toEqual(['case 2 <b>', 'case 1', 'case 10']);
    expect(await page.locator('#cases th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('button', { name: 'Dice' }).click();
    expect(await names(), 'what has no number comes last').toEqual(['case 1', 'case 2 <b>', 'case 10']);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('10');
    expect(await names()).toEqual(['case 10']);
    expect(await page.locator('#cases-count').textContent()).toBe('1 of 3 rows');
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
    expect(
      await page
        .locator('img')
        .first()
        .evaluate((image) => (image as HTMLImageElement).naturalWidth),
    ).toBe(picture.width); // it is one
    await expectAccessible(page);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    // The same table below a viewer.
    const viewer = viewerPage(small, { sections: [{ heading: 'Metrics', html: table }] });
    if (viewer instanceof Failure) throw new Error(viewer.message);
    const below = await openPage(inside('below.html'), viewer, { width, scheme });
    await below.page.locator('body[data-ready=planes]').waitFor();
    await below.page.getByRole('button', { name: 'Case' }).click();
    expect(await below.page.locator('#cases tbody tr:visible th').allTextContents()).toEqual([
      'case 1',
      'case 2 <b>',
      'case 10',
    ]);
    await expectAccessible(below.page);
    expect(await overflow(below.page)).toBe(0);
    expect(below.complaints).toEqual([]);
  });
});
