import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { unet } from '../cli/unet.js';
import { putPng } from '../data/folder.js';
import { niftiFile, orientations, useFolder } from '../view/made-files.js';
import { expectAccessible, lookLike, looks, overflow, useFilePages } from '../view/open-page.js';

const work = useFolder();
const at = (name: string) => join(work, name);
const openPage = useFilePages();
const slow = { timeout: 180_000 };
const [HEIGHT, WIDTH] = [40, 56];
const CASES = 14;

/** Two maps of classes 0 to 2; the prediction is worse the higher the number of the case. */
function maps(index: number): { truth: number[]; predicted: number[] } {
  const draws = new Rng(index + 1, 'maps');
  const truth = Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const [y, x] = [Math.floor(i / WIDTH), i % WIDTH];
    return (y - 20) ** 2 + (x - 16) ** 2 < 150 ? 1 : (y - 14) ** 2 + (x - 42) ** 2 < 60 ? 2 : 0;
  });
  return {
    truth,
    predicted: truth.map((label) => (draws.index(40) <= index ? draws.index(3) : label)),
  };
}

function dice(index: number, label: number): number {
  const { truth, predicted } = maps(index);
  const both = truth.filter((one, i) => one === label && predicted[i] === label).length;
  return (2 * both) / [...truth, ...predicted].filter((one) => one === label).length;
}

const foreground = (index: number) => (dice(index, 1) + dice(index, 2)) / 2;
/** The cases, from the worst on. */
const order = Array.from({ length: CASES }, (_, i) => i).sort((a, b) => foreground(a) - foreground(b));
const worst = order.map((i) => `case ${i}`);

function report(args: readonly string[]): string {
  const ran = unet(['evaluate', ...args], work);
  expect(ran.stderr).toBe('');
  return ran.stdout;
}

beforeAll(async () => {
  for (let i = 0; i < CASES; i++) {
    const { truth, predicted } = maps(i);
    await putPng(at(`truth/case ${i}.png`), truth, WIDTH);
    await putPng(at(`predicted/case ${i}.png`), predicted, WIDTH);
    await putPng(
      at(`images/case ${i}.png`),
      truth.map((label, k) => 60 * label + ((k * 7919) % 41)),
      WIDTH,
    );
  }
  report(['predicted', '--truth', 'truth', '--images', 'images', '-o', 'report']);
  const { affine } = orientations()[7] ?? { affine: [] };
  const size = [12, 10, 8] as const;
  const inside = (reach: number) =>
    Uint8Array.from({ length: 960 }, (_, i) => {
      const [x, y, z] = [i % 12, Math.floor(i / 12) % 10, Math.floor(i / 120)];
      return Number(Math.hypot(x - 5, y - 5, z - 4) < reach);
    });
  for (const [folder, reach] of [
    ['truths', 3.5],
    ['found', 2.6],
  ] as const) {
    await putPng(at(`${folder}/none.txt`), [0], 1);
    niftiFile(at(`${folder}/scan.nii`), { size, affine, data: inside(reach) });
  }
  await putPng(at('scans/none.txt'), [0], 1);
  const data = Int16Array.from({ length: 960 }, (_, i) => (i * 7919) % 500);
  niftiFile(at('scans/scan_0000.nii'), { size, affine, data });
  report(['found', '--truth', 'truths', '--images', 'scans', '-o', 'volumes']);
}, 120_000);

const names = (page: Page) => page.locator('#cases tbody tr:visible th').allTextContents();
const read = (name: string) => readFileSync(at(name), 'utf8');

describe('the report of an evaluation', () => {
  test('sorts and filters cases, and opens them', slow, async () => {
    const { page, complaints } = await openPage(at('report/report.html'), read('report/report.html'));
    expect(await names(page), 'the worst first').toEqual(worst);
    const cells = await page.locator('#cases tbody tr').first().locator('td').allTextContents();
    expect(cells[0]).toBe(foreground(order[0] ?? 0).toFixed(4));
    await page.locator('#cases thead button').first().click();
    expect((await names(page)).slice(0, 3)).toEqual(['case 0', 'case 1', 'case 2']);
    await page.locator('#cases-filter').fill('case 11');
    expect(await names(page)).toEqual(['case 11']);
    await page.locator('#cases-filter').fill('');
    await page.getByText('Median, worst and pooled values').click();
    await page.locator('#statistics-filter').fill('dice');
    const row = await page
      .locator('#statistics tbody tr:visible', { has: page.getByRole('rowheader', { name: 'class 2' }) })
      .locator('td')
      .allTextContents();
    const all = Array.from({ length: CASES }, (_, i) => dice(i, 2));
    const least = all.indexOf(Math.min(...all));
    expect(row.slice(3, 5)).toEqual([Math.min(...all).toFixed(4), `case ${least}`]);
    await page.locator('#cases a', { hasText: 'case 11' }).click();
    await page.locator('body[data-ready=planes]').waitFor();
    expect(await page.locator('h1').textContent()).toBe('case 11');
    expect(await page.locator('dl.facts').textContent()).toContain(foreground(11).toFixed(4));
    await page.getByLabel('Show').selectOption('differences');
    await page.getByRole('link', { name: 'Better case' }).click();
    await page.locator('body[data-ready=planes]').waitFor();
    expect(await page.locator('h1').textContent()).toBe(worst[worst.indexOf('case 11') + 1]);
    await page.getByRole('link', { name: 'All cases' }).click();
    expect(await names(page)).toHaveLength(CASES);
    expect(complaints).toEqual([]);
  });

  test.each(['report/report.html', 'report/cases/case_3.html', 'volumes/report.html'])(
    '%s fits both widths in both colours, and everybody can use it',
    slow,
    async (name) => {
      const { page, complaints } = await openPage(at(name), read(name));
      if (name.includes('cases')) await page.locator('body[data-ready=planes]').waitFor();
      await page
        .locator('details')
        .first()
        .evaluate((one) => one.setAttribute('open', ''));
      for (const look of looks) {
        await lookLike(page, look);
        expect(await overflow(page), JSON.stringify(look)).toBe(0);
        await expectAccessible(page);
      }
      expect(complaints).toEqual([]);
    },
  );

  test('shows volumes in three planes, whose slices scroll', slow, async () => {
    const { page, complaints } = await openPage(at('volumes/report.html'), read('volumes/report.html'));
    expect(await page.locator('.case figcaption').allTextContents()).toEqual([
      expect.stringMatching(/^axial \d+$/),
      expect.stringMatching(/^coronal \d+$/),
      expect.stringMatching(/^sagittal \d+$/),
    ]);
    await page.locator('#cases a', { hasText: 'scan' }).click();
    await page.locator('body[data-ready]').waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Stored slices' }).click();
    const slice = page.locator('#slice-value');
    const before = await slice.textContent();
    await page.getByRole('button', { name: 'Slice after' }).click();
    expect(await slice.textContent()).not.toBe(before);
    for (const look of looks) {
      await lookLike(page, look);
      expect(await overflow(page), JSON.stringify(look)).toBe(0);
      await expectAccessible(page);
    }
    await page.getByRole('button', { name: 'Planes and 3D' }).click();
    // The window has changed while the planes were hidden.
    const [frame, canvas] = [page.locator('.frame'), page.locator('#volume')];
    expect(await canvas.getAttribute('width')).toBe(await frame.evaluate((one) => String(one.clientWidth)));
    expect(complaints).toEqual([]);
  });

  test('needs no image, and says where one is missing', slow, async () => {
    await putPng(at('few/case 2.png'), maps(2).truth, WIDTH);
    report(['predicted', '--truth', 'truth', '--images', 'few', '--pages', '3', '-o', 'partly']);
    expect(readdirSync(at('partly/cases')).sort()).toEqual(
      worst
        .slice(0, 3)
        .map((name) => `${name.replace(' ', '_')}.html`)
        .sort(),
    );
    expect(read('partly/report.html')).toContain(`${CASES - 1} cases have no image`);
    expect(read('partly/report.html')).toContain('The 3 worst of 14 cases have a page');
    const path = `partly/cases/case_${order[0]}.html`;
    const { page, complaints } = await openPage(at(path), read(path));
    await page.locator('body[data-ready=planes]').waitFor();
    expect(await page.getByText('There is no image').count()).toBe(1);
    expect(await page.getByText('Intensity window').isVisible()).toBe(false);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test('of objects gives matched ones one colour', slow, async () => {
    report(['predicted', '--truth', 'truth', '--objects', '-o', 'objects']);
    const { page, complaints } = await openPage(at('objects/report.html'), read('objects/report.html'));
    const found = JSON.parse(read('objects/metrics.json'));
    expect(await page.locator('dl.facts').textContent()).toContain(
      found.objects.pooled.panoptic.pq.toFixed(4),
    );
    expect(await names(page)).toHaveLength(CASES);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});

describe('names', () => {
  test('are escaped, and their pages differ', slow, async () => {
    const odd = ['a <b>&"x', 'a _b__x', "A 'q'", 'a%20#1', 'ä ö'];
    for (const [i, name] of odd.entries()) {
      await putPng(at(`odd/${name}.png`), maps(i).truth, WIDTH);
      await putPng(at(`odder/${name}.png`), maps(i).predicted, WIDTH);
    }
    report(['odder', '--truth', 'odd', '-o', 'named']);
    const html = read('named/report.html');
    expect(html).not.toContain('<b>');
    const { page, complaints } = await openPage(at('named/report.html'), html);
    expect((await names(page)).sort()).toEqual([...odd].sort());
    for (const name of odd) {
      await page.locator('#cases').getByRole('link', { name, exact: true }).click();
      await page.locator('body[data-ready=planes]').waitFor();
      expect(await page.locator('h1').textContent()).toBe(name);
      await page.getByRole('link', { name: 'All cases' }).click();
    }
    expect(complaints).toEqual([]);
  });
});

describe('wrong inputs', () => {
  test.each([
    ['evaluation-images-unmatched', ['predicted', '--truth', 'truth', '--images', 'scans', '-o', 'x']],
    ['pair-mismatch', ['predicted', '--truth', 'truth', '--images', 'narrow', '-o', 'x']],
    ['invalid-output-path', ['predicted', '--truth', 'truth', '-o', 'predicted']],
    ['invalid-output-path', ['predicted', '--truth', 'truth', '-o', 'predicted/../truth']],
    ['needless-option', ['predicted', '--truth', 'truth', '--images', 'images']],
    ['needless-option', ['predicted', '--truth', 'truth', '--pages', '3']],
    ['invalid-option-value', ['predicted', '--truth', 'truth', '--pages', 'all', '-o', 'x']],
    ['evaluation-truth-missing', ['predicted']],
    ['cases-missing', ['empty', '--truth', 'empty']],
  ])('%s: %j', async (code, args) => {
    await putPng(at('narrow/case 1.png'), [0, 1, 0, 1], 2);
    await putPng(at('empty/none.txt'), [0], 1);
    const ran = unet(['evaluate', ...args, '--json'], work);
    expect(ran.code).not.toBe(0);
    expect(ran.stdout).toContain(`"code": "${code}"`);
    expect(existsSync(at('x/report.html'))).toBe(false);
  });
});
