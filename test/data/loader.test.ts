import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Augmentation } from '../../src/data/augment/augmentation.js';
import type { DataSet } from '../../src/data/data-set.js';
import { readIntensities } from '../../src/data/files/intensities.js';
import { readPart } from '../../src/data/files/read-part.js';
import type { Loader } from '../../src/data/loader/batch-queue.js';
import { type LoaderOptions, openLoader, openValidation } from '../../src/data/loader/open-loader.js';
import type { LoaderSettings } from '../../src/data/loader/settings.js';
import type { LoadedBatch } from '../../src/data/loader/training-batch.js';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { writeCellSet } from '../../src/data/synthetic/write-cell-set.js';
import type { Failure } from '../../src/diagnostics/failure.js';
import { freshFolder, ok, put, putPng } from './folder.js';
import { buildWorker } from './loader-worker.js';
import { tiff } from './tiff.js';

// The real decoders; the tests of reading count their calls.
vi.mock('../../src/data/files/intensities.js', { spy: true });
vi.mock('../../src/data/files/read-part.js', { spy: true });

let script: URL;
let remove: () => void;
beforeAll(async () => {
  ({ script, remove } = await buildWorker());
});
afterAll(() => remove());

const settings: LoaderSettings = {
  patch: { input: [36, 36], output: [20, 20] },
  batch: 3,
  seed: 11,
  foreground: 0.33,
  augment: [
    { kind: 'flip' },
    { kind: 'rotate90' },
    { kind: 'rotate', degrees: 30 },
    { kind: 'elastic', grid: [3, 3], std: { value: 2, unit: 'px' } },
    { kind: 'noise', std: 0.1 },
    { kind: 'gamma', range: 0.3 },
  ],
  weightMap: { kind: 'border', w0: 10, sigma: undefined },
};
const plain: LoaderSettings = { patch: settings.patch, batch: 3, seed: 11 };

async function open(set: DataSet, chosen: LoaderSettings, options: LoaderOptions = {}): Promise<Loader> {
  return ok(await openLoader(set, set.samples, chosen, { workerScript: script, ...options }));
}
/** How many threads this process talks to. */
const ports = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
async function all(loader: Loader): Promise<LoadedBatch[]> {
  const batches: LoadedBatch[] = [];
  for await (const batch of loader) batches.push(ok(batch));
  return batches;
}
async function cells(
  count = 5,
  size: readonly number[] = [64, 64],
): Promise<{ folder: string; set: DataSet }> {
  const folder = join(freshFolder(), 'cells');
  const shared = { radius: 8, seed: 3, bits: 8, classes: 2 } as const;
  ok(await writeCellSet({ folder, count, shape: size, spacing: size.map(() => 1), ...shared }));
  // Without it, the masks are decoded to find their classes.
  rmSync(join(folder, 'dataset.json'));
  return { folder, set: ok(await openDataSet(folder)) };
}

describe('openLoader', () => {
  test('the same batches with 0, 1 and 2 workers, whatever is ahead and however little is kept', async () => {
    const { set } = await cells();
    const reference = await all(await open(set, settings, { workers: 0, to: 7 }));
    expect(reference.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const { images, labels, weights } of reference) {
      expect([images.shape, labels.shape, weights.shape]).toEqual([
        [3, 1, 36, 36],
        [3, 1, 20, 20],
        [3, 1, 20, 20],
      ]);
    }
    expect(reference[0]?.images).not.toEqual(reference[1]?.images);
    for (const options of [{ workers: 1 }, { workers: 2 }, { workers: 2, ahead: 20, cacheBytes: 1 }]) {
      expect(await all(await open(set, settings, { ...options, to: 7 }))).toEqual(reference);
    }
  });

  test('continues at any step as if it had never stopped; another seed gives other batches', async () => {
    const { set } = await cells();
    const whole = await all(await open(set, settings, { workers: 0, to: 9 }));
    expect(await all(await open(set, settings, { workers: 2, from: 4, to: 9 }))).toEqual(whole.slice(4));
    const [other] = await all(await open(set, { ...settings, seed: 12 }, { workers: 0, to: 1 }));
    expect(other?.images).not.toEqual(whole[0]?.images);
  });

  test('pages of a TIFF, and a TIFF as a volume, with workers as without', async () => {
    const folder = freshFolder();
    const pages = Array.from({ length: 3 }, (_, p) => Uint8Array.from({ length: 80 }, (_, i) => p * 80 + i));
    put(join(folder, 'train-volume.tif'), tiff(pages, 10));
    put(
      join(folder, 'train-labels.tif'),
      tiff(
        pages.map((page) => page.map((value) => (value % 3 === 0 ? 255 : 0))),
        10,
      ),
    );
    for (const size of [
      [6, 6],
      [2, 6, 6],
    ]) {
      const set = ok(await openDataSet(folder, { rank: size.length === 2 ? 2 : 3 }));
      const chosen = { ...plain, patch: { input: size, output: size } };
      const reference = await all(await open(set, chosen, { workers: 0, to: 4 }));
      expect(await all(await open(set, chosen, { workers: 2, to: 4 }))).toEqual(reference);
      // Values are multiples of 1 / 255, and the label of each is known from it.
      for (const { images, labels } of reference) {
        for (const [i, value] of images.data.entries()) {
          expect(labels.data[i]).toBe(Math.round(value * 255) % 3 === 0 ? 1 : 0);
        }
      }
    }
  });

  test('NIfTI volumes with augmentation and a border map', async () => {
    const { set } = await cells(2, [24, 32, 32]);
    const augment: Augmentation[] = [{ kind: 'flip' }, { kind: 'elastic', grid: undefined, std: undefined }];
    const chosen: LoaderSettings = {
      ...settings,
      batch: 2,
      augment,
      patch: { input: [20, 20, 20], output: [12, 12, 12] },
    };
    const reference = await all(await open(set, chosen, { workers: 0, to: 3 }));
    expect(reference[0]?.labels.shape).toEqual([2, 1, 12, 12, 12]);
    expect(await all(await open(set, chosen, { workers: 2, to: 3 }))).toEqual(reference);
  });

  test('every sample once per round, each round in another order', async () => {
    const { set } = await cells(5, [40, 40]);
    const batches = await all(await open(set, plain, { workers: 0, to: 10 }));
    const names = batches.flatMap(({ samples }) => samples);
    const rounds = Array.from({ length: 6 }, (_, round) => names.slice(5 * round, 5 * round + 5));
    for (const round of rounds) expect([...round].sort()).toEqual(set.samples.map(({ name }) => name));
    expect(new Set(rounds.map((round) => round.join())).size).toBeGreaterThan(3);
  });
});

describe('foreground', () => {
  /** Two images of 40 x 40, each with one position of class 1 and one of class 2. */
  async function rare(): Promise<DataSet> {
    const folder = freshFolder();
    for (const [k, name] of ['a', 'b'].entries()) {
      const mask = Array.from({ length: 1600 }, (_, i) => (i === 615 + k ? 1 : i === 1220 ? 2 : 0));
      await putPng(join(folder, `images/${name}.png`), mask, 40);
      await putPng(join(folder, `masks/${name}.png`), mask, 40);
    }
    return ok(await openDataSet(folder));
  }
  const small: LoaderSettings = {
    patch: { input: [9, 9], output: [5, 5] },
    batch: 6,
    seed: 1,
    foreground: 0.33,
  };
  const middles = (batch: LoadedBatch) =>
    Array.from({ length: batch.labels.shape[0] ?? 0 }, (_, n) => batch.labels.data[n * 25 + 12] ?? 0);

  test('the last third of each batch has foreground in the middle, both classes equally often', async () => {
    const batches = await all(await open(await rare(), small, { workers: 0, to: 60 }));
    // round(0.67 * 6) = 4: positions 4 and 5 of the batch.
    const forced = batches.flatMap((batch) => middles(batch).slice(4));
    expect(forced.every((label) => label > 0)).toBe(true);
    const ones = forced.filter((label) => label === 1).length;
    // Five standard deviations of 120 throws of a coin.
    expect(Math.abs(ones - 60)).toBeLessThan(28);
    // 240 patches, each with 2 of 1296 positions.
    const free = batches.flatMap((batch) => middles(batch).slice(0, 4)).filter((label) => label > 0);
    expect(free.length).toBeLessThan(6);
  });

  test('a batch of one patch has foreground in that part of the steps, by chance', async () => {
    const batches = await all(await open(await rare(), { ...small, batch: 1 }, { workers: 0, to: 300 }));
    const hits = batches.filter((batch) => (middles(batch)[0] ?? 0) > 0).length;
    // 300 * 0.33, five standard deviations: 5 * sqrt(300 * 0.33 * 0.67) = 41.
    expect(Math.abs(hits - 99)).toBeLessThan(42);
  });
});

describe('weights', () => {
  async function twoCells(instances: boolean): Promise<DataSet> {
    const folder = freshFolder();
    // Columns 1 and 2 are a cell, 3 and 4 another that touches it; column 7 was not labelled.
    const mask = Array.from({ length: 64 }, (_, i) => [0, 1, 1, 1, 1, 0, 0, 9][i % 8] ?? 0);
    await putPng(join(folder, 'images/a.png'), mask, 8);
    await putPng(join(folder, 'masks/a.png'), mask, 8);
    const numbers = mask.map((value, i) => (value === 1 ? (i % 8 < 3 ? 1 : 2) : 0));
    if (instances) await putPng(join(folder, 'instances/a.png'), numbers, 8);
    return ok(await openDataSet(folder, { labels: { 0: 0, 1: 1 }, ignore: 9 }));
  }
  const whole: LoaderSettings = {
    patch: { input: [8, 8], output: [8, 8] },
    batch: 1,
    seed: 1,
    weightMap: { kind: 'border', w0: 10, sigma: { value: 2, unit: 'px' } },
  };

  test('balance and border between the cells of the instances; 0 where nobody labelled', async () => {
    const set = await twoCells(true);
    for (const workers of [0, 2]) {
      const loader = await open(set, whole, { workers, to: 1 });
      // Per row 3 of 7 positions are class 0, 4 class 1.
      const balance = [7 / (2 * 3), 7 / (2 * 4)];
      for (const k of [0, 1]) expect(loader.classWeights[k]).toBeCloseTo(balance[k] ?? 0, 9);
      const [batch] = await all(loader);
      const border = (sum: number) => 10 * Math.exp(-(sum ** 2) / 8);
      const [outside = 0, inside = 0] = balance;
      // From column 0: 1 and 3 away. From column 1: the own border is 1 away, the other cell 2. And so on.
      const row = [
        outside + border(1 + 3),
        inside + border(1 + 2),
        inside + border(1 + 1),
        inside + border(1 + 1),
        inside + border(1 + 2),
        outside + border(1 + 3),
        outside + border(2 + 4),
        0,
      ];
      for (const [i, weight] of (batch?.weights.data ?? []).entries())
        expect(weight).toBeCloseTo(row[i % 8] ?? -1, 5);
      expect([...(batch?.labels.data.subarray(0, 8) ?? [])]).toEqual([0, 1, 1, 1, 1, 0, 0, 0]);
    }
  });

  test('without instances the label is one piece, and only the balance is left; or the weights given', async () => {
    const set = await twoCells(false);
    const [batch] = await all(await open(set, whole, { workers: 0, to: 1 }));
    expect(batch?.weights.data[3]).toBeCloseTo(7 / 8, 6);
    const given: LoaderSettings = { ...whole, weightMap: { kind: 'none' }, classWeights: [2, 5] };
    const [other] = await all(await open(set, given, { workers: 0, to: 1 }));
    expect([...(other?.weights.data.subarray(0, 8) ?? [])]).toEqual([2, 5, 5, 5, 5, 2, 2, 0]);
  });
});

describe('openValidation', () => {
  test('each position of each image once, unchanged, and then the end', async () => {
    const { set } = await cells(3, [50, 64]);
    const counts = [0, 0];
    for (const sample of set.samples)
      for (const label of ok(await readSample(sample, set)).classes) counts[label] = (counts[label] ?? 0) + 1;
    const results: LoadedBatch[][] = [];
    for (const workers of [0, 2]) {
      const options = { workers, workerScript: script };
      const loader = ok(await openValidation(set, set.samples, settings, options));
      // 3 x 4 labels of 20 x 20 per image: 36 patches in batches of 3.
      expect(loader.steps).toBe(12);
      const batches = await all(loader);
      const found = [0, 0];
      for (const { labels, weights } of batches) {
        for (const [i, label] of labels.data.entries())
          found[label] = (found[label] ?? 0) + (weights.data[i] ?? 0);
      }
      expect(found).toEqual(counts);
      results.push(batches);
    }
    expect(results[0]).toEqual(results[1]);
    const uneven = ok(await openValidation(set, set.samples, { ...plain, batch: 10 }, { workers: 0 }));
    expect((await all(uneven)).map(({ samples }) => samples.length)).toEqual([10, 10, 10, 6]);
  });
});

describe('what goes wrong', () => {
  test.each([
    0, 2,
  ])('a file that is damaged, or has another size, since: its name (%d workers)', async (workers) => {
    for (const damage of ['bytes', 'size']) {
      const { folder, set } = await cells(2);
      const path = join(folder, 'images/cells-002.png');
      if (damage === 'bytes') put(path, 'no image any more');
      else await putPng(path, new Array(100).fill(0), 10);
      const results: (LoadedBatch | Failure)[] = [];
      const loader = await open(set, { ...plain, batch: 2 }, { workers });
      for await (const batch of loader) results.push(batch);
      // Both samples are in the first batch.
      expect(results.length).toBe(1);
      expect(results[0]).toMatchObject({ message: expect.stringContaining(path) });
      expect(await loader.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('threads that end are told, and errors that are bugs are thrown', async () => {
    const { set } = await cells(1);
    const folder = freshFolder();
    const ends = pathToFileURL(put(join(folder, 'ends.mjs'), 'process.exit(3)'));
    const { value } = await (await open(set, plain, { workers: 2, workerScript: ends })).next();
    expect(value).toMatchObject({ code: 'loader-thread', args: { exitCode: 3 } });
    // The first thread throws when it receives a request; the second has none, and would keep the process alive.
    const text =
      'import { parentPort as port } from "node:worker_threads";' +
      'port.on("message", ({ kind }) => { if (kind === "close") port.close(); else throw new Error("a bug"); });';
    const throws = pathToFileURL(put(join(folder, 'throws.mjs'), text));
    const before = ports();
    const options = { workers: 2, ahead: 0, workerScript: throws };
    const loader = await open(set, { ...plain, batch: 1 }, options);
    await expect(loader.next()).rejects.toThrow('a bug');
    expect(ports()).toBe(before);
    const missing = pathToFileURL(join(folder, 'missing.mjs'));
    const refused = await openLoader(set, set.samples, plain, { workers: 1, workerScript: missing });
    expect(refused).toMatchObject({
      code: 'installation-incomplete',
      args: { path: join(folder, 'missing.mjs') },
    });
  });

  test('settings that do not fit', async () => {
    const { set } = await cells(1);
    const refusal = (change: Partial<LoaderSettings>, options: LoaderOptions = { workers: 0 }) =>
      openLoader(set, set.samples, { ...plain, ...change }, options);
    const size = [8, 8, 8];
    expect(await refusal({ patch: { input: size, output: size } })).toMatchObject({
      code: 'patch-size',
      args: { problem: { case: 'rank', rank: 2, input: size, output: size } },
    });
    expect(await refusal({ classWeights: [1, 2, 3] })).toMatchObject({
      code: 'class-weight-count',
      args: { weights: 3, classes: 2 },
    });
    const setting = (name: string, value: unknown) => ({
      code: 'loader-setting',
      args: { problem: { setting: name, value } },
    });
    expect(await refusal({ batch: 0 })).toMatchObject(setting('batch', 0));
    expect(await refusal({ foreground: 1.5 })).toMatchObject(setting('foreground', 1.5));
    expect(await refusal({ seed: -1 })).toMatchObject(setting('seed', -1));
    expect(await refusal({ spacing: [1] })).toMatchObject({
      code: 'loader-setting',
      args: { problem: { setting: 'spacing', values: [1], rank: 2 } },
    });
    expect(await refusal({}, { from: 1.5 })).toMatchObject(setting('from', 1.5));
    expect(await openLoader(set, [], plain)).toMatchObject({ code: 'no-training-image' });
  });
});

describe('reading', () => {
  beforeEach(() => {
    vi.mocked(readIntensities).mockClear();
    vi.mocked(readPart).mockClear();
  });
  const reads = () => ({
    images: vi.mocked(readIntensities).mock.calls.length,
    masks: vi.mocked(readPart).mock.calls.filter(([path]) => path.includes('/masks/')).length,
  });

  test('small sets are decoded once: the files are no longer needed (2 workers); 0: counted', async () => {
    const { folder, set } = await cells(3);
    expect(reads()).toEqual({ images: 0, masks: 3 });
    const local = ok(await openLoader(set, set.samples, plain, { workers: 0, to: 5 }));
    const reference = await all(local);
    expect(reads()).toEqual({ images: 3, masks: 3 });
    const loader = await open(set, plain, { workers: 2, ahead: 1, to: 5 });
    const first = await loader.next();
    const second = await loader.next();
    rmSync(folder, { recursive: true });
    expect([first.value, second.value, ...(await all(loader))]).toEqual(reference);
  });

  test('with little room samples are read again', async () => {
    const { set } = await cells(3);
    await all(ok(await openLoader(set, set.samples, plain, { workers: 0, to: 5, cacheBytes: 1 })));
    // 15 patches; a sample that comes twice in a row is read once, at most where the 5 rounds meet.
    expect(reads().images).toBeGreaterThanOrEqual(11);
    expect(reads().masks).toBe(3 + reads().images);
  });

  test('the windows of an image are cut from it in one go, also without room', async () => {
    const { set } = await cells(3);
    await all(ok(await openValidation(set, set.samples, plain, { workers: 0, cacheBytes: 1 })));
    expect(reads()).toEqual({ images: 3, masks: 3 + 3 });
  });

  test('leaving the loop ends the threads', async () => {
    const { set } = await cells(2);
    const before = ports();
    const loader = await open(set, plain, { workers: 2 });
    for await (const batch of loader) {
      ok(batch);
      expect(ports()).toBeGreaterThan(before);
      break;
    }
    expect(ports()).toBe(before);
    expect(await loader.next()).toEqual({ done: true, value: undefined });
    await loader.close();
  });
});
