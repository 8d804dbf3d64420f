import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { openDataSet } from '../../src/data/open-data-set.js';
import { parametersOf } from '../../src/ir/graph.js';
import { Evaluator } from '../../src/train/loop/evaluator.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { freshFolder, ok, putPng } from '../data/folder.js';

const SIZE = 16;
const UNLABELLED = 9;

test('the loss of a validation does not depend on patches that nobody labelled', async () => {
  const [network] = compile(
    'net.unet',
    `unet Net { input = 1 x ${SIZE} x ${SIZE}; classes = 2; depth = 2; channels = 4; padding = same }`,
  ).networks;
  if (!network) throw new Error('the network has errors');
  const settings = trainingSettings(network, undefined);
  const weights = new Map(
    parametersOf(network.graph).map((parameter) => [
      parameter.name,
      { shape: parameter.shape, data: readTensor(seededWeights(1), parameter) },
    ]),
  );
  const evaluator = ok(
    await Evaluator.open({ network, loss: settings.loss, settings: settings.loader, threads: 1 }),
  );
  /** The loss on an image of so many patches side by side, of which only the first is labelled. */
  const lossOf = async (patches: number) => {
    const folder = freshFolder();
    const width = SIZE * patches;
    const at = Array.from({ length: SIZE * width }, (_, i) => [Math.floor(i / width), i % width] as const);
    const gray = at.map(([y, x]) => (17 * y + 5 * x) % 256);
    const labels = at.map(([y, x]) => (x < SIZE ? Number(x > y) : UNLABELLED));
    await putPng(join(folder, 'images/a.png'), gray, width);
    await putPng(join(folder, 'masks/a.png'), labels, width);
    const dataSet = ok(await openDataSet(folder, { labels: { '0': 0, '1': 1 }, ignore: UNLABELLED }));
    const { loss, metrics } = ok(await evaluator.evaluate(dataSet, dataSet.samples, weights));
    rmSync(folder, { recursive: true });
    return { loss, counts: metrics.counts };
  };
  const alone = await lossOf(1);
  expect(alone.loss).toBeGreaterThan(0.1);
  expect(await lossOf(3)).toEqual(alone);
  await evaluator.close();
});
