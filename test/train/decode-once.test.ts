import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { DataSet } from '../../src/data/data-set.js';
import { readPart } from '../../src/data/files/read-part.js';
import { type DataSetOptions, openDataSet } from '../../src/data/open-data-set.js';
import { SampleMemory } from '../../src/data/samples/sample-memory.js';
import { splitBySeed } from '../../src/data/split/by-seed.js';
import type { Split } from '../../src/data/split/split.js';
import { nodeHost, type Sample, type TrainOptions, train } from '../../src/node.js';
import { ok, put } from '../data/folder.js';
import { buildWorker } from '../data/loader-worker.js';
import { tiff } from '../data/tiff.js';
import { network, recipe, workFolder } from './cells-run.js';

// The real decoders, which count their calls. Everything that decodes a mask, an image or a map of instances calls them.
vi.mock('../../src/data/files/read-part.js', { spy: true });

const withBorder = recipe.replace('augment', 'weight_map = border(w0: 10, sigma: 5px)\n  augment');
const COUNT = 8;
let work: string;
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(network + recipe, ['--count', String(COUNT), '--size', '48']);
});
afterAll(() => rmSync(work, { recursive: true }));
beforeEach(() => {
  vi.mocked(readPart).mockClear();
});

/** How often each mask, image or map of instances was decoded: files by their names, with the page if they have several. */
function decodes(part: 'masks' | 'images' | 'instances'): readonly number[] {
  const calls = [...vi.mocked(readPart).mock.calls.map(([path, , own]) => `${path}#${own.image}`)].filter(
    (call) => call.includes(`/${part}/`),
  );
  return [...new Set(calls)].map((call) => calls.filter((one) => one === call).length);
}

interface Opened {
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
}

async function opened(options: DataSetOptions = {}, folder = at('set')): Promise<Opened> {
  const dataSet = ok(await openDataSet(folder, options));
  return { dataSet, split: ok(splitBySeed(dataSet.samples, 0.25, 0)) };
}

/** The options of a training of one epoch into a new folder, on one thread. */
function optionsFor(own: Opened, text = network + recipe): TrainOptions {
  const { networks, recipes, sources } = compile(at('cells.unet'), text, { host: nodeHost });
  const [small] = networks;
  if (!small) throw new Error('the spec has errors');
  const folder = mkdtempSync(at('run-'));
  return { ...own, network: small, recipe: recipes[0], sources, folder, epochs: 1, threads: 1, workers: 0 };
}

/** Trains until the first step is done, and gives how often files were decoded until then. */
async function untilFirstStep(options: TrainOptions) {
  const controller = new AbortController();
  let before: Record<'masks' | 'images' | 'instances', readonly number[]> | undefined;
  const onStep = () => {
    before ??= { masks: decodes('masks'), images: decodes('images'), instances: decodes('instances') };
    controller.abort();
  };
  ok(await train({ ...options, signal: controller.signal, onStep }));
  if (!before) throw new Error('there was no step');
  return before;
}

const once = (count: number) => Array.from({ length: count }, () => 1);

describe('before the first step, each mask and each image is decoded once', () => {
  test.each<[string, DataSetOptions, string]>([
    ['classes that are found', {}, recipe],
    ['classes that are given', { labels: { 0: 0, 1: 1 } }, recipe],
    ['a border map, whose class balance counts the labels', {}, withBorder],
    ['a border map and classes that are given', { labels: { 0: 0, 1: 1 } }, withBorder],
  ])('%s', async (_, options, text) => {
    const { masks, images, instances } = await untilFirstStep(
      optionsFor(await opened(options), network + text),
    );
    expect({ masks, images }).toEqual({ masks: once(COUNT), images: once(COUNT) });
    // Only the samples of the first batch need their cells.
    expect(instances.every((count) => count === 1)).toBe(true);
    expect(instances.length).toBe(text === withBorder ? 2 : 0);
  });

  test('pages of one file', async () => {
    const pages = Array.from({ length: 4 }, (_, page) =>
      Uint8Array.from({ length: 32 * 32 }, (_, i) => (i * (page + 3)) % 251),
    );
    const masks = pages.map((page) => page.map((value) => (value > 120 ? 255 : 0)));
    put(at('pages/images/a.tif'), tiff(pages, 32));
    put(at('pages/masks/a.tif'), tiff(masks, 32));
    const found = await untilFirstStep(optionsFor(await opened({}, at('pages'))));
    expect(found).toEqual({ masks: once(4), images: once(4), instances: [] });
  });
});

test('worker threads decode nothing before the first step: they receive what was decoded', async () => {
  const { script, remove } = await buildWorker();
  const worker = await import('../../src/data/loader/worker-pool.js');
  const open = worker.WorkerPool.open;
  vi.spyOn(worker.WorkerPool, 'open').mockImplementation((setup, options) =>
    open.call(worker.WorkerPool, setup, { ...options, script }),
  );
  const folder = at('moved');
  cpSync(at('set'), folder, { recursive: true });
  const options = optionsFor(await opened({}, folder));
  // A thread that reads a file after this fails the training.
  const onStart = () => rmSync(folder, { recursive: true });
  expect((await untilFirstStep({ ...options, workers: 2, onStart })).masks).toEqual(once(COUNT));
  vi.mocked(worker.WorkerPool.open).mockRestore();
  remove();
});

describe('the memory of decoded samples', () => {
  const POSITIONS = 48 * 48;

  test.each([
    0,
    1,
    3 * POSITIONS,
    20 * POSITIONS,
  ])('stays within its bound of %i bytes', async (cacheBytes) => {
    let most = 0;
    const { keep } = SampleMemory.prototype;
    const watched = vi.spyOn(SampleMemory.prototype, 'keep').mockImplementation(function (
      this: SampleMemory,
      ...args
    ) {
      keep.apply(this, args);
      most = Math.max(most, this.bytes);
    });
    const first = await untilFirstStep(optionsFor(await opened({ cacheBytes })));
    watched.mockRestore();
    expect(most).toBeLessThanOrEqual(cacheBytes);
    // Without room, a mask is decoded for the check and again for each batch that shows it.
    expect(first.masks.every((count) => count <= 3)).toBe(true);
    expect(first.masks.length).toBe(COUNT);
  });

  test('little room gives the same losses as much room', async () => {
    const lossesWith = async (cacheBytes?: number) => {
      const losses: number[] = [];
      const options = optionsFor(await opened(cacheBytes === undefined ? {} : { cacheBytes }));
      ok(await train({ ...options, onStep: ({ loss }) => losses.push(loss) }));
      return losses;
    };
    const losses = await lossesWith();
    expect(losses.length).toBeGreaterThan(2);
    expect(await lossesWith(1)).toEqual(losses);
  });
});
