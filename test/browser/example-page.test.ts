import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { shapeTable } from '../../src/analysis/shape-table.js';
import { networkMetadata } from '../../src/compiler/metadata.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { root } from '../cli/unet.js';
import { modelBytes } from '../onnx/run-onnx.js';
import { useBrowser } from './browser-session.js';
import { hasChromium, skipWithoutWebgl } from './chromium.js';
import { TOLERANCE } from './compare-in-page.js';
import { ExamplePage } from './example-page.js';
import { compiled, specOf } from './networks.js';
import type { WatchedPage } from './watched-page.js';

const session = useBrowser();
const slow = { timeout: 120_000 };
let watched: WatchedPage;
let page: Page;
let example: ExamplePage;
/** The text that the page begins with. */
let firstText: string;

beforeAll(async () => {
  if (!hasChromium) return;
  watched = await session().newPage();
  page = watched.page;
  example = new ExamplePage(page);
  // WebAssembly takes a thread for every two CPUs.
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 4 });
  });
  await page.goto(session().server.page);
  await page.locator('#counts dd').first().waitFor();
  firstText = await example.spec();
}, 180_000);

// Loading the page takes seconds on a slow machine: the tests share one, and each begins where the page began.
beforeEach(async () => {
  await example.typeSpec(firstText);
  await example.seeSummary('no errors');
  await page.selectOption('#engine', 'wasm');
  await page.locator('#seed').fill('1');
  await page.locator('#file').setInputFiles([]);
}, 120_000);
afterEach(() => expect(watched?.complaints ?? []).toEqual([]));

const withoutExpectations = (spec: string) => spec.replace(/expect [^}]*\}/, '');
const tensorsIn = (status: string) => /(\d+) tensors are in memory/.exec(status)?.[1];

describe('compiling', () => {
  test('shows what the compiler says of the first text', async () => {
    const { params, macs, stages } = shapeTable(compiled(firstText).facts);
    expect(await example.text('#summary')).toBe('no errors');
    expect(await example.fact('Parameters')).toBe(params.toLocaleString('en'));
    expect(await example.fact('Multiply-adds')).toBe(macs.toLocaleString('en'));
    // The texts of the cells: the text of a row depends on whether the browser has drawn it already.
    const rows = await page
      .locator('#table tbody tr')
      .evaluateAll((all) => all.map((row) => Array.from(row.children, (cell) => cell.textContent)));
    expect(rows.map((row) => row.slice(0, 3))).toEqual(
      stages.map(({ stage, channels, spatial }) => [stage, String(channels), spatial.join(' x ')]),
    );
    expect(await page.locator('#sizes li').allInnerTexts()).toEqual([
      'H: in = 4b, out = 4b, b >= 1',
      'W: in = 4b, out = 4b, b >= 1',
    ]);
    expect(await page.locator('#picture svg').count()).toBe(1);
  });

  test('says what is wrong while the text is typed, and mends it by a click', async () => {
    await example.typeSpec(withoutExpectations(firstText).replace('1 x 64 x 64', '1 x 62 x 64'));
    await example.seeError('input-does-not-fit');
    expect(await example.text('#summary')).toBe('1 error');
    expect(await page.locator('#stale').isVisible()).toBe(true);
    expect(await example.click('run')).toContain('has errors');
    // The place of the diagnostic is marked in the text.
    await page.locator('#diagnostics .place').first().click();
    const marked = await page.locator('#spec').evaluate((area) => {
      const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement; // it is one
      return value.slice(selectionStart, selectionEnd);
    });
    expect(marked).toBe('1 x 62 x 64');
    await page.getByRole('button', { name: 'Use 64 x 64' }).click();
    expect(await example.text('#summary')).toBe('no errors');
    expect(await page.locator('#diagnostics li').count()).toBe(0);
    expect(await page.locator('#stale').isVisible()).toBe(false);
    expect(await example.spec()).toBe(withoutExpectations(firstText));
  });

  test('reports an expectation that fails, an unknown word, and a text without networks', async () => {
    await example.typeSpec(firstText.replace('29_330', '29_331'));
    await example.seeError('expectation-failed');
    await example.typeSpec(firstText.replace('padding  = same', 'padding  = sane'));
    await example.seeError('unknown-option');
    await example.typeSpec('');
    await example.seeSummary('there is no network in the text');
  });

  test('shows texts as texts', async () => {
    await example.typeSpec(`unet A { input = 1 x 8 x 8; clas = "<img src=x onerror='document.title = 1'>" }`);
    await example.seeError('unknown-attribute');
    await example.typeSpec('unet <img src=x> {');
    await example.seeError('syntax');
    expect(await page.locator('#diagnostics img').count()).toBe(0);
  });

  test('chooses between the networks of a text', async () => {
    expect(await page.locator('#network-field').isVisible()).toBe(false);
    await example.typeSpec(`${firstText}\nunet Wider extends Small { channels = 16 }\n`);
    await page.locator('#network-field').waitFor();
    expect(await example.fact('Network')).toBe('Small');
    await page.selectOption('#network', 'Wider');
    expect(await example.fact('Network')).toBe('Wider');
    const wider = compiled(withoutExpectations(firstText).replace('channels = 8', 'channels = 16'));
    expect(await example.fact('Parameters')).toBe(wider.facts.parameters.toLocaleString('en'));
  });
});

describe('running', () => {
  test('on threads of WebAssembly gives the numbers of onnxruntime, and keeps no tensors', slow, async () => {
    const first = await example.click('run');
    expect(first).toMatch(/^Small on WebAssembly, 2 threads: [\d.,]+ ms\. \d+ tensors are in memory\.$/);
    expect(await example.distanceFromOnnxruntime(1)).toBeLessThanOrEqual(TOLERANCE);
    for (let i = 0; i < 3; i++) expect(tensorsIn(await example.click('run'))).toBe(tensorsIn(first));
    // Another model takes the place of the first.
    await page.locator('#seed').fill('2');
    expect(tensorsIn(await example.click('run'))).toBe(tensorsIn(first));
    expect(await example.distanceFromOnnxruntime(2)).toBeLessThanOrEqual(TOLERANCE);
    expect(await example.distanceFromOnnxruntime(1)).toBeGreaterThan(TOLERANCE);
  });

  test.for(['cpu', 'webgl'])('on %s gives the numbers of onnxruntime', slow, async (engine, context) => {
    if (engine === 'webgl') await skipWithoutWebgl(page, context);
    const onWasm = await example.click('run');
    await page.selectOption('#engine', engine);
    const status = await example.click('run');
    expect(status).toMatch(engine === 'cpu' ? /^Small on JavaScript: / : /^Small on WebGL: /);
    expect(await example.distanceFromOnnxruntime(1)).toBeLessThanOrEqual(TOLERANCE);
    expect(tensorsIn(status), 'tensors of the engine before are gone').toBe(tensorsIn(onWasm));
  });

  test('draws the mask of the probabilities', slow, async () => {
    await example.click('run');
    const { output } = await example.lastRun();
    const area = 64 * 64;
    const isOne = Array.from(
      { length: area },
      (_, i) => (output.data[area + i] ?? 0) > (output.data[i] ?? 0),
    );
    const share = isOne.filter(Boolean).length / area;
    expect(share, 'both classes are there').toBeGreaterThan(0);
    expect(share, 'both classes are there').toBeLessThan(1);
    expect(await example.text('#mask-caption')).toBe(
      [
        'Mask of Small: 64 x 64',
        `class 0: ${(100 * (1 - share)).toFixed(1)} %`,
        `class 1: ${(100 * share).toFixed(1)} %`,
      ].join('\n'),
    );
    const drawn = await page.locator('#mask').evaluate((element) => {
      const canvas = element as HTMLCanvasElement; // it is one
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      // Orange has much more red than the colour of class 0.
      return Array.from({ length: canvas.width * canvas.height }, (_, i) => (data?.[4 * i] ?? 0) > 128);
    });
    expect(drawn).toEqual(isOne);
  });

  test('shows the middle slice of a volume', slow, async () => {
    await example.typeSpec(specOf('Valid3D'));
    expect(await example.click('run')).toMatch(/^Valid3D on WebAssembly/);
    expect(await example.distanceFromOnnxruntime(1)).toBeLessThanOrEqual(TOLERANCE);
    expect(await example.text('#input-caption')).toBe('Input: 12 x 18 x 20, the middle slice');
    const { input } = await example.lastRun();
    const size = 18 * 20;
    const drawn = await page.locator('#input').evaluate((element) => {
      const canvas = element as HTMLCanvasElement; // it is one
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      return Array.from({ length: canvas.width * canvas.height }, (_, i) => data?.[4 * i] ?? -1);
    });
    expect(drawn).toEqual(
      Array.from(input.data.subarray(6 * size, 7 * size), (value) => Math.round(255 * value)),
    );
  });

  test('takes a picture that the user chooses, and says what is none', slow, async () => {
    const file = page.locator('#file');
    await file.setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    expect(await example.click('run')).toBe('no.png is no picture that this browser can read.');
    expect(await page.locator('#result').isVisible(), 'an older result').toBe(false);
    const red = await page.evaluate(() => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [40, 20];
      const context = canvas.getContext('2d');
      if (context) context.fillStyle = 'rgb(255 0 0)';
      context?.fillRect(0, 0, 40, 20);
      return canvas.toDataURL('image/png').replace(/^.*,/, '');
    });
    const buffer = Buffer.from(red, 'base64');
    await file.setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer });
    expect(await example.click('run')).toMatch(/^Small on WebAssembly/);
    const { input } = await example.lastRun();
    // The luma of pure red, ITU-R BT.601.
    expect(Math.max(...input.data.map((value) => Math.abs(value - 0.299)))).toBeLessThan(1e-6);
    expect(await example.distanceFromOnnxruntime(1)).toBeLessThanOrEqual(TOLERANCE);
  });

  test('says what is too large for it', async () => {
    await example.typeSpec('unet Large { input = 1 x 572 x 572; classes = 2 }');
    await page.selectOption('#engine', 'cpu');
    expect(await example.click('run')).toBe(
      'Large has 150.4 G multiply-adds: this page runs at most 5 G on JavaScript. ' +
        'Choose another engine or a smaller input.',
    );
    await example.typeSpec(
      'unet Wide { input = 1 x 4096 x 4096; classes = 2; depth = 1; channels = 16; kernel = 1 }',
    );
    await page.selectOption('#engine', 'wasm');
    expect(await example.click('run')).toMatch(/^Wide needs [\d.]+ GiB: too much for this page\./);
    await example.typeSpec(
      'unet Heavy { input = 1 x 64 x 64; classes = 2; padding = same; depth = 5; channels = 256 }',
    );
    expect(await example.click('save')).toMatch(/^Heavy.onnx would have [\d.]+ GiB: too much for a page\./);
  });

  test('says that there is no WebGL', slow, async () => {
    const { page: other } = await session().newPage();
    await other.addInitScript(() => {
      for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) canvas.prototype.getContext = () => null;
    });
    await other.goto(session().server.page);
    await other.locator('#counts dd').first().waitFor();
    await other.selectOption('#engine', 'webgl');
    expect(await new ExamplePage(other).click('run')).toBe(
      'WebGL does not start in this browser: choose another engine.',
    );
  });
});

test('the ONNX file that is saved has the bytes that the library makes in Node', async () => {
  await page.locator('#seed').fill('3');
  const [download, status] = await Promise.all([page.waitForEvent('download'), example.click('save')]);
  expect(status).toBe('Saved Small.onnx.');
  expect(download.suggestedFilename()).toBe('Small.onnx');
  const saved = readFileSync(await download.path());
  const network = compiled(firstText);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const expected = modelBytes(network.graph, {
    weights: seededWeights(3),
    // The page has the built library, which knows its version.
    metadata: { ...networkMetadata(network), 'unet.version': version },
    producerVersion: version,
  });
  expect(saved.equals(expected)).toBe(true);
});

test('every field has a name, and nothing is wider than a phone', async () => {
  const unnamed = await page.locator('textarea, select, input, button').evaluateAll((fields) =>
    fields
      .filter((field) =>
        // Buttons have a text, all others a label; all of them have the property.
        field.tagName === 'BUTTON' ? field.textContent === '' : !(field as HTMLInputElement).labels?.length,
      )
      .map(({ outerHTML }) => outerHTML),
  );
  expect(unnamed).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  const [content, width] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  expect(content).toBe(width);
});
