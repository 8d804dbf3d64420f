import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { putPng } from '../data/folder.js';
import { niftiFile, orientations, useFolder } from '../view/made-files.js';
import { expectAccessible, lookLike, looks, overflow, useFilePages } from '../view/open-page.js';

const work = useFolder();
const at = (name: string) => join(work, name);
const openPage = useFilePages();
const slow = { timeout: 180_000 };
const read = (name: string) => readFileSync(at(name), 'utf8');

function made(name: string, body: string): void {
  writeFileSync(
    at(`${name}.unet`),
    `unet ${name} { ${body}; classes = 3; depth = 2; channels = 4; padding = same }`,
  );
  const built = unet(['build', `${name}.unet`, '--target', 'onnx', '-o', `${name}.onnx`], work);
  expect(built.code, built.stderr).toBe(0);
}

function predict(...args: readonly string[]) {
  const ran = unet(['predict', ...args, '--json'], work);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}

const names = ['a <b>&', 'b', 'c'];

beforeAll(async () => {
  made('Flat', 'input = 1 x 32 x 32');
  made('Two', 'input = 2 x 32 x 32');
  made('Solid', 'input = 1 x 16 x 16 x 16');
  const values = (seed: number) => Array.from({ length: 40 * 36 }, (_, i) => (i * i * (7 + seed)) % 251);
  for (const [i, name] of names.entries()) await putPng(at(`images/${name}.png`), values(i), 40);
  for (const channel of [0, 1]) await putPng(at(`pairs/x_000${channel}.png`), values(channel), 40);
  await putPng(at('scans/none.txt'), [0], 1);
  const { affine } = orientations()[3] ?? { affine: [] };
  const data = Int16Array.from({ length: 12 * 18 * 20 }, (_, i) => (i * 7919) % 900);
  niftiFile(at('scans/v.nii'), { size: [12, 18, 20], affine, data });
}, 120_000);

describe('unet predict --report', () => {
  test('lists cases with the shares of their classes, and shows them', slow, async () => {
    const found = predict('Flat.onnx', '--input', 'images', '-o', 'flat', '--report', 'report');
    expect(found.report).toBe(join('report', 'report.html'));
    expect(readdirSync(at('report/cases'))).toHaveLength(3);
    const { page, complaints } = await openPage(at('report/report.html'), read('report/report.html'));
    expect(await page.locator('#cases tbody th').allTextContents()).toEqual(names);
    const { data } = await sharp(at('flat/b.png'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const share = (100 * data.filter((value) => value === 1).length) / data.length;
    const cells = await page.locator('#cases tbody tr').nth(1).locator('td').allTextContents();
    expect(cells.slice(0, 2)).toEqual(['36 x 40', share.toFixed(2)]);
    expect(await page.locator('.case img').count()).toBe(3);
    await page.locator('#cases thead button').first().click();
    await page.locator('#cases thead button').first().click();
    expect(await page.locator('#cases tbody th').allTextContents()).toEqual(names.toReversed());
    for (const look of looks) {
      await lookLike(page, look);
      expect(await overflow(page), JSON.stringify(look)).toBe(0);
      await expectAccessible(page);
    }
    await page.locator('#cases a', { hasText: 'b' }).last().click();
    await page.locator('body[data-ready=planes]').waitFor();
    expect(await page.locator('h1').textContent()).toBe('a <b>&');
    await page.getByRole('link', { name: 'All cases' }).click();
    await page.locator('#cases a', { hasText: 'c' }).click();
    await page.locator('body[data-ready=planes]').waitFor();
    await page.getByRole('link', { name: 'Case before' }).click();
    expect(await page.locator('h1').textContent()).toBe('b');
    expect(complaints).toEqual([]);
  });

  test('lists how unsure each case is', slow, () => {
    const more = ['--uncertainty', 'entropy', '--report', 'unsure-report'];
    const { cases } = predict('Flat.onnx', '--input', 'images', '-o', 'unsure', ...more);
    const html = read('unsure-report/report.html');
    expect(html).toContain('Mean entropy of the foreground');
    for (const { maps } of cases) expect(html).toContain(maps[0].foreground.toFixed(4));
  });

  test('shows all channels, also those of several files, and the numbers of objects', slow, async () => {
    predict('Two.onnx', '--input', 'pairs', '-o', 'two', '--objects', 'components', '--report', 'two');
    const { page, complaints } = await openPage(at('two/cases/x.html'), read('two/cases/x.html'));
    await page.locator('body[data-ready=planes]').waitFor();
    expect(await page.locator('#channel option').allTextContents()).toEqual(['0000', '0001']);
    expect(await page.getByText('all objects').count()).toBe(1);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test('shows volumes in three planes, and how unsure they are', slow, async () => {
    const args = ['--input', 'scans', '-o', 'solid', '--uncertainty', 'entropy'];
    const found = predict('Solid.onnx', ...args, '--report', 'solid-report');
    const { page, complaints } = await openPage(
      at('solid-report/report.html'),
      read('solid-report/report.html'),
    );
    expect(await page.locator('.case figcaption').count()).toBe(3);
    const cells = await page.locator('#cases tbody td').allTextContents();
    const heads = await page.locator('#cases thead th').allTextContents();
    const [{ mean, foreground }] = found.cases[0].maps;
    expect(cells[heads.indexOf('Mean entropy') - 1]).toBe(mean.toFixed(4));
    expect(cells[heads.indexOf('Mean entropy of the foreground') - 1]).toBe(foreground.toFixed(4));
    expect(existsSync(at('solid-report/cases/v.html'))).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('is not written among the images', () => {
    const args = ['predict', 'Flat.onnx', '--input', 'images', '-o', 'flat', '--report', 'images'];
    const ran = unet([...args, '--json'], work);
    expect(ran.stdout).toContain('"code": "invalid-output-path"');
    expect(existsSync(at('images/report.html'))).toBe(false);
  });
});
