import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { Rng } from '../../src/data/rng.js';
import {
  nodeHost,
  openDataSet,
  type Sample,
  type Split,
  splitByNames,
  splitBySeed,
  train,
} from '../../src/node.js';
import { freshFolder, ok, put } from '../data/folder.js';
import { tiff } from '../data/tiff.js';

const [SIZE, PAGES] = [8, 16];
const work = freshFolder();

beforeAll(() => {
  for (const file of ['a', 'b', 'c']) {
    const draws = new Rng(1, `noise of ${file}`);
    // The pages of a file are alike: here, they are equal. The mask cannot be told from the image.
    const noise = (most: number) => Uint8Array.from({ length: SIZE * SIZE }, () => draws.index(most));
    for (const [folder, page] of [
      ['images', noise(256)],
      ['masks', noise(2)],
    ] as const) {
      put(
        join(work, 'set', folder, `${file}.tif`),
        tiff(
          Array.from({ length: PAGES }, () => page),
          SIZE,
        ),
      );
    }
  }
});
afterAll(() => rmSync(work, { recursive: true }));

const spec = `unet Noise { input = 1 x 8 x 8; classes = 2; depth = 1; channels = 24; padding = same }
training Learn { epochs = 5; batch = 4; optimizer = adam(lr: 0.02); schedule = constant }
`;

async function bestDice(
  folder: string,
  choose: (samples: readonly Sample[]) => Split<Sample>,
): Promise<{ readonly dice: number; readonly notes: readonly string[] }> {
  const { networks, recipes, sources } = compile(join(work, 'noise.unet'), spec, { host: nodeHost });
  const [network] = networks;
  if (!network) throw new Error('the spec has errors');
  const dataSet = ok(await openDataSet(join(work, 'set')));
  const split = choose(dataSet.samples);
  const notes: string[] = [];
  const { best } = ok(
    await train({
      ...{ network, sources, dataSet, split, recipe: recipes[0], folder: join(work, folder) },
      ...{ threads: 1, workers: 0, onNote: (note) => notes.push(note) },
    }),
  );
  return { dice: best?.value ?? Number.NaN, notes };
}

test('pages of one file that train and validate make noise look learned; files apart do not', async () => {
  const mixed = await bestDice('mixed', (samples) => ok(splitByNames(samples, ['a#2', 'b#3', 'c#1'])));
  expect(mixed.dice).toBeGreaterThan(0.95);
  expect(mixed.notes).toHaveLength(1);
  const apart = await bestDice('apart', (samples) => ok(splitBySeed(samples, 0.2, 0)));
  expect(apart.dice).toBeLessThan(0.75);
  expect(apart.notes).toEqual([]);
});
