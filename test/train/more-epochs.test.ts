import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Failure } from '../../src/diagnostics/failure.js';
import {
  nodeHost,
  openDataSet,
  rateAt,
  readRun,
  splitBySeed,
  type TrainingResult,
  type TrainOptions,
  train,
} from '../../src/node.js';
import { unet } from '../cli/unet.js';
import { ok, putPng } from '../data/folder.js';
import { numbersOf, resultsOf, workFolder } from './cells-run.js';

const network =
  'unet Small { input = 1 x 32 x 32; classes = 2; depth = 1; channels = 4; padding = same; dropout = 0.2 }\n';
let work: string;
const at = (...parts: readonly string[]) => join(work, ...parts);
const recipeOf = (schedule: string, more = '') =>
  `training Q { epochs = 2; batch = 2; optimizer = adam(lr: 0.01); augment = [flip]; schedule = ${schedule}; ${more} }\n`;

beforeAll(async () => {
  work = workFolder(network + recipeOf('constant'), ['--count', '6', '--size', '32']);
  // One position of the class in each image: soon, no position is predicted to belong to it.
  for (const i of [1, 2, 3, 4]) {
    const pixels = (value: number) => Array.from({ length: 32 * 32 }, (_, k) => (k === 77 * i ? value : 0));
    await putPng(at(`rare/images/${i}.png`), pixels(3), 32);
    await putPng(at(`rare/masks/${i}.png`), pixels(1), 32);
  }
});
afterAll(() => rmSync(work, { recursive: true }));

/** Trains into a folder, with notes. */
async function trained(
  folder: string,
  recipe: string,
  options: Partial<TrainOptions> = {},
  set = 'set',
): Promise<{ readonly result: TrainingResult | Failure; readonly notes: readonly string[] }> {
  const { networks, recipes, sources } = compile(at('cells.unet'), network + recipe, { host: nodeHost });
  const [own] = networks;
  if (!own) throw new Error('the spec has errors');
  const dataSet = ok(await openDataSet(at(set)));
  const split = ok(splitBySeed(dataSet.samples, 0.3, 0));
  const notes: string[] = [];
  const result = await train({
    ...{ network: own, sources, dataSet, split, recipe: recipes[0], folder: at(folder) },
    ...{ threads: 1, workers: 0, onNote: (note: string) => notes.push(note) },
    ...options,
  });
  return { result, notes };
}

const end = async (...args: Parameters<typeof trained>) => ok((await trained(...args)).result);

/** The results without run.json, which records the lengths of a run. */
function withoutLengths(folder: string): Record<string, string> {
  const { 'run.json': run, ...others } = resultsOf(at(folder));
  const { lengths: _, ...rest } = JSON.parse(run ?? '');
  return { ...others, 'run.json': JSON.stringify(rest) };
}

const lengthsIn = (folder: string) => JSON.parse(readFileSync(at(folder, 'run.json'), 'utf8')).lengths;

describe('a finished run with more epochs', () => {
  test.each([
    'constant(warmup: 1)',
    'step(every: 1, factor: 0.5)',
  ])('%s: ends with the bytes of a run without a break', async (schedule) => {
    const recipe = recipeOf(schedule);
    const [whole, broken] = [`whole ${schedule}`, `broken ${schedule}`];
    await end(whole, recipe, { epochs: 4 });
    await end(broken, recipe, { epochs: 1 });
    await end(broken, recipe, { epochs: 2, resume: true });
    const { result, notes } = await trained(broken, recipe, { epochs: 4, resume: true });
    expect(ok(result)).toMatchObject({ end: 'all epochs', epochs: { length: 4 } });
    expect(notes).toHaveLength(1);
    expect(withoutLengths(broken)).toEqual(withoutLengths(whole));
    expect(lengthsIn(whole)).toBeUndefined();
    const length = (epochs: number, from: number) => ({
      epochs,
      patience: null,
      from,
      restarts_patience: false,
    });
    expect(lengthsIn(broken)).toEqual([length(1, 0), length(2, 1), length(4, 2)]);
  });

  test.each([
    ['cosine', { kind: 'cosine', warmup: 0 }],
    ['poly', { kind: 'poly', power: 0.9, warmup: 0 }],
  ] as const)('%s: goes on with the schedule of the new length, and says so', async (name, schedule) => {
    await end(name, recipeOf(name), { epochs: 2 });
    const { result, notes } = await trained(name, recipeOf(name), { epochs: 3, resume: true });
    const { epochs } = ok(result);
    const stepsPerEpoch = epochs[0]?.step ?? 0;
    const rates = [2, 2, 3].map((length, epoch) =>
      rateAt(schedule, 0.01, { step: (epoch + 1) * stepsPerEpoch - 1, stepsPerEpoch, epochs: length }),
    );
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual(rates);
    expect(notes).toHaveLength(2);
    const first = rateAt(schedule, 0.01, { step: 2 * stepsPerEpoch, stepsPerEpoch, epochs: 3 });
    expect(notes[1]).toContain(String(Number(first.toPrecision(3))));
    expect(notes[1]).toContain(String(Number((rates[1] ?? 0).toPrecision(3))));
    expect(readFileSync(at(name, 'report.md'), 'utf8')).toMatch(/continued: after epoch 2, .* 3 epochs/);
  });

  test('a process that dies before the first new checkpoint, or later, continues to the same bytes', async () => {
    const recipe = recipeOf('constant');
    await end('whole', recipe, { epochs: 3 });
    for (const dies of [1, 4]) {
      const folder = `dies-${dies}`;
      await end(folder, recipe, { epochs: 1 });
      const steps = ok(readRun(at(folder))).epochs[0]?.step ?? 0;
      const onStep = ({ step }: { readonly step: number }) => {
        if (step === steps + dies) throw new Error('dies');
      };
      await expect(trained(folder, recipe, { epochs: 3, resume: true, onStep })).rejects.toThrow('dies');
      // The model of the earlier end is not given out.
      expect(ok(readRun(at(folder)))).toMatchObject({ finished: false, model: undefined });
      expect((await trained(folder, recipe, { epochs: 3 })).result).toMatchObject({ code: 'run-unfinished' });
      await end(folder, recipe, { epochs: 3, resume: true });
      expect(withoutLengths(folder)).toEqual(withoutLengths('whole'));
    }
  });

  test('needs --resume, a checkpoint, and more epochs', async () => {
    const recipe = recipeOf('constant');
    await end('needs', recipe, { epochs: 2 });
    const before = numbersOf(at('needs'));
    const refused = async (options: Partial<TrainOptions>) =>
      (await trained('needs', recipe, options)).result;
    const both = { before: { epochs: 2 }, now: { epochs: 4 } };
    expect(await refused({ epochs: 4 })).toMatchObject({ code: 'run-shorter', args: both });
    const over = { code: 'run-finished', args: { folder: at('needs'), epochs: 2 } };
    expect(await refused({ epochs: 2, resume: true })).toMatchObject({
      ...over,
      help: expect.stringContaining('--epochs 4 --resume'),
    });
    expect(await refused({ epochs: 1, resume: true })).toMatchObject({ code: 'run-different' });
    expect(await refused({ epochs: 4, seed: 1, resume: true })).toMatchObject({ code: 'run-different' });
    expect(numbersOf(at('needs'))).toEqual(before);
    for (const name of ['checkpoint', 'checkpoint.previous']) rmSync(at('needs', `${name}.safetensors`));
    expect(await refused({ epochs: 4, resume: true })).toMatchObject({ code: 'checkpoint-missing' });
  });
});

describe('a run that stopped early', () => {
  const recipe = recipeOf('constant', 'patience = 1');
  // Nothing is learned, so nothing gets better.
  const idle = recipe.replace('lr: 0.01', 'lr: 1e-30').replace('dropout = 0.2', '');

  test('continues with a larger patience, and with more epochs', async () => {
    const first = await end('early', idle, { epochs: 6 });
    expect([first.end, first.epochs.length]).toEqual(['early-stopped', 2]);
    expect((await trained('early', idle, { epochs: 6, resume: true })).result).toMatchObject({
      code: 'run-finished',
    });
    const patient = await end('early', idle, { epochs: 6, patience: 3, resume: true });
    expect([patient.end, patient.epochs.length]).toEqual(['early-stopped', 4]);
    // The patience counts anew: it had run out.
    const more = await end('early', idle, { epochs: 9, patience: 3, resume: true });
    expect([more.end, more.epochs.length]).toEqual(['early-stopped', 7]);
    expect(lengthsIn('early').map((one: { restarts_patience: boolean }) => one.restarts_patience)).toEqual([
      ...[false, false, true],
    ]);
    const all = await end('early', idle, { epochs: 9, patience: 30, resume: true });
    expect([all.end, all.epochs.length]).toEqual(['all epochs', 9]);
    // All epochs are trained: more patience changes nothing.
    expect((await trained('early', idle, { epochs: 9, patience: 40, resume: true })).result).toMatchObject({
      code: 'run-finished',
    });
  });
});

test('while every Dice is 0, the validation loss decides the best epoch', async () => {
  const recipe = recipeOf('constant')
    .replace('lr: 0.01', 'lr: 0.03')
    .replace('epochs = 2', 'epochs = 4; loss = cross_entropy');
  const { result, notes } = await trained('rare-run', recipe, {}, 'rare');
  const { epochs, best } = ok(result);
  expect(epochs.map(({ foregroundDice }) => foregroundDice)).toEqual([0, 0, 0, 0]);
  const losses = epochs.map(({ validationLoss }) => validationLoss ?? Number.NaN);
  const value = Math.min(...losses);
  expect(best).toEqual({ epoch: losses.indexOf(value) + 1, value, by: 'validation loss' });
  expect(notes).toHaveLength(1);
  expect(ok(readRun(at('rare-run'))).best).toEqual(best);
  expect(JSON.parse(readFileSync(at('rare-run/metrics.json'), 'utf8')).best).toEqual(best);
});

test('a run that is not finished is not a model yet', async () => {
  const signal = AbortSignal.abort();
  await end('stopped', recipeOf('constant'), { signal });
  const { code, stderr } = unet(['run', 'stopped', '-i', 'set/images/cells-001.png', '-o', 'm.png'], work);
  expect(code).toBe(1);
  expect(stderr).toMatch(/error\[run-not-finished\]: stopped .*\nhelp: .*--resume/);
});
