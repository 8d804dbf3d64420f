import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { nodeHost, openDataSet, splitBySeed, type TrainOptions, train } from '../../src/node.js';
import { unet } from '../cli/unet.js';
import { ok } from '../data/folder.js';
import { labelsLike, readVolume } from '../data/read-volume.js';
import { resultsOf, trainArguments, workFolder } from './cells-run.js';

const spec = (more = '') => `unet Net {
  input = 1 x 8 x 16 x 16  classes = 2  depth = 1  channels = 4  padding = same
}
training Sparse { optimizer = adam(lr: 0.01)  epochs = 2  batch = 1  augment = [flip]  metrics = [hd95]  ${more} }`;
const UNLABELLED = 7;
const LABELLED = [5, 8, 11];

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);
const read = (...parts: readonly string[]) => readFileSync(at(...parts), 'utf8');
const trainOne = (...args: readonly string[]) =>
  unet(trainArguments('out', '--ignore', String(UNLABELLED), ...args), work);

// One volume with three labelled slices.
beforeAll(async () => {
  work = workFolder(spec(), ['--count', '1', '--size', '16 x 32 x 32', '--volume']);
  rmSync(at('set/instances'), { recursive: true, force: true });
  const path = at('set/masks', readdirSync(at('set/masks'))[0] ?? '');
  const { shape, data } = ok(await readVolume(path)).volume;
  const plane = data.length / (shape[0] ?? 1);
  const labels = Uint8Array.from(data, (label, i) =>
    LABELLED.includes(Math.floor(i / plane)) ? label : UNLABELLED,
  );
  const bytes = ok(await labelsLike(path, labels, true));
  writeFileSync(path, bytes);
});
afterAll(() => rmSync(work, { recursive: true }));

/** As `unet train --validation 0` takes them. */
async function optionsFor(folder: string, text = spec()): Promise<TrainOptions> {
  const { networks, sources, recipes } = compile(at('cells.unet'), text, { host: nodeHost });
  const [network] = networks;
  if (!network) throw new Error('the spec has errors');
  const dataSet = ok(await openDataSet(at('set'), { rank: 3, ignore: String(UNLABELLED) }));
  const split = ok(splitBySeed(dataSet.samples, 0, 0));
  const own = { network, sources, dataSet, split, recipe: recipes[0], folder: at(folder) };
  return { ...own, threads: 1, workers: 0 };
}

test('training on one volume with three labelled slices measures nothing', () => {
  const { code, stdout, stderr } = trainOne('--validation', '0');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/, 1 image for training and none for validation$/);
  for (const epoch of [1, 2]) {
    expect(lines[epoch]).toMatch(new RegExp(`^epoch ${epoch}/2  loss \\d\\.\\d{4}  \\d+\\.\\d s$`));
  }
  expect(lines.slice(3)).toEqual([
    expect.stringMatching(/^trained all epochs: .* out, .* out\/model.onnx$/),
    '',
  ]);

  const [head = '', ...rows] = read('out/metrics.csv').trimEnd().split('\n');
  const columns = head.split(',');
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    const filled = row.split(',').flatMap((cell, i) => (cell === '' ? [] : [columns[i]]));
    expect(filled).toEqual(['epoch', 'step', 'learning_rate', 'train_loss', 'seconds']);
  }
  expect(columns).toEqual(
    expect.arrayContaining(['validation_loss', 'dice_class 1', 'foreground_dice', 'foreground_hd95']),
  );
  const { best, epochs } = JSON.parse(read('out/metrics.json'));
  expect(best).toBeNull();
  expect(epochs[1]).toMatchObject({
    ...{ epoch: 2, trainLoss: expect.any(Number), validationLoss: null },
    ...{ dice: [null, null], iou: [null, null], requested: {} },
    ...{ meanDice: null, meanIou: null, foregroundDice: null, foregroundIou: null },
  });
  expect(JSON.parse(read('out/data.json'))).toMatchObject({ validation: [] });
  expect(read('out/curves.svg')).not.toMatch(/validation|Dice|IoU|HD95/);

  const report = read('out/report.md');
  expect(report).toContain('- images: 1 for training, none for validation\n');
  expect(report).toMatch(/^No image validated\. .*last step.*`samples\/`.*$/m);
  expect(report).not.toMatch(/Dice|Best epoch|## Metrics|## Conventions/);
  expect(readdirSync(at('out/samples'))).toEqual(['cells-001.png']);
  expect(readFileSync(at('out/best.safetensors'))).toEqual(readFileSync(at('out/last.safetensors')));
});

test('a run that was stopped within an epoch continues to the same bytes', async () => {
  const whole = ok(await train(await optionsFor('whole')));
  expect(whole).toMatchObject({ end: 'all epochs', best: undefined });
  const perEpoch = whole.epochs[0]?.step ?? 0;
  expect(perEpoch).toBeGreaterThan(1);
  const controller = new AbortController();
  const stopped = await train({
    ...(await optionsFor('stopped')),
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step === perEpoch + 1) controller.abort();
    },
  });
  expect(ok(stopped)).toMatchObject({ end: 'stopped', epochs: [{ epoch: 1 }] });
  const best: boolean[] = [];
  const options = { ...(await optionsFor('stopped')), resume: true };
  ok(await train({ ...options, onEpoch: (_, isBest) => best.push(isBest) }));
  expect(best).toEqual([false]);
  expect(resultsOf(at('stopped'))).toEqual(resultsOf(at('whole')));
});

test('settings that need a validation fail without one, before anything is written', async () => {
  const again = (...args: readonly string[]) => {
    const { code, stderr } = unet(trainArguments('refused', '--ignore', String(UNLABELLED), ...args), work);
    return { code, stderr };
  };
  const failed = await train(await optionsFor('refused', spec('patience = 2')));
  expect(failed).toMatchObject({ code: 'patience-without-validation', args: { patience: 2 } });
  const { message } = { message: '', ...failed };
  expect(again('--validation', '0', '--patience', '2')).toEqual({
    code: 1,
    stderr: expect.stringContaining(message),
  });
  expect(again()).toEqual({
    code: 1,
    stderr: expect.stringMatching(/error\[single-image\]: .*\n.*--validation 0/),
  });
  expect(again('--validation', '')).toEqual({
    code: 2,
    stderr: expect.stringMatching(/error\[invalid-option-value\]: --validation /),
  });
  expect(readdirSync(work)).not.toContain('refused');
});
