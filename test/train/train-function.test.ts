import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import {
  Failure,
  nodeHost,
  openDataSet,
  readRun,
  type Sample,
  splitBySeed,
  type TrainOptions,
  train,
} from '../../src/node.js';
import { unet } from '../cli/unet.js';
import { problemsOf, putPng } from '../data/folder.js';
import { network, numbersOf, recipe, resultsOf, trainArguments, workFolder } from './cells-run.js';

let work: string;
const at = (name: string) => join(work, name);

beforeAll(() => {
  work = workFolder();
});
afterAll(() => rmSync(work, { recursive: true }));

function orThrow<T>(value: T | Failure): T {
  if (value instanceof Failure) throw new Error(value.message);
  return value;
}

/** As `unet train` takes them, on one thread. */
async function optionsFor(folder: string, text = network + recipe): Promise<TrainOptions> {
  const compiled = compile(at('cells.unet'), text, { host: nodeHost });
  const [net] = compiled.networks;
  if (!net) throw new Error(compiled.diagnostics.map(({ message }) => message).join('\n'));
  const dataSet = orThrow(await openDataSet(at('set'), {}));
  const split = orThrow(splitBySeed(dataSet.samples, 0.2, 0));
  const { sources, recipes } = compiled;
  const own = { network: net, sources, dataSet, split, recipe: recipes[0], folder: at(folder) };
  return { ...own, threads: 1, workers: 0 };
}

describe('train', () => {
  test('writes the same bytes as the command, and calls the callbacks', async () => {
    expect(unet(trainArguments('command'), work).code).toBe(0);
    const seen: string[] = [];
    const result = orThrow(
      await train({
        ...(await optionsFor('function')),
        onStart: ({ title, settings }) => seen.push(`${title}: ${settings.epochs} epochs`),
        onStep: ({ step, steps, epoch }) => seen.push(`${step} of ${steps}, epoch ${epoch}`),
        onEpoch: ({ epoch, step }) => seen.push(`epoch ${epoch} after step ${step}`),
      }),
    );
    // The checkpoint has all numbers; the others carry the package's version, which the sources do not know.
    const withoutVersion = (name: string) => {
      const {
        'best.safetensors': _,
        'last.safetensors': __,
        'model.onnx': ___,
        ...same
      } = numbersOf(at(name));
      return same;
    };
    expect(withoutVersion('function')).toEqual(withoutVersion('command'));
    expect(Object.keys(numbersOf(at('function')))).toEqual(Object.keys(numbersOf(at('command'))));
    const { step = 0 } = result.epochs[0] ?? {};
    expect(seen).toEqual([
      'Small with Quick: 3 epochs',
      ...[1, 2, 3].flatMap((epoch) => [
        ...Array.from(
          { length: step },
          (_, i) => `${(epoch - 1) * step + i + 1} of ${3 * step}, epoch ${epoch}`,
        ),
        `epoch ${epoch} after step ${epoch * step}`,
      ]),
    ]);
    expect(result.end).toBe('all epochs');
    // The folder has the same results.
    const { epochs, best, ...run } = orThrow(readRun(at('function')));
    expect({ epochs, best }).toEqual({ epochs: result.epochs, best: result.best });
    expect(run).toEqual({
      network: 'Small',
      spec: at('function/spec.unet'),
      finished: true,
      classes: ['background', 'class 1'],
      bestWeights: at('function/best.safetensors'),
      lastWeights: at('function/last.safetensors'),
      model: at('function/model.onnx'),
    });
    expect(readFileSync(run.spec, 'utf8')).toBe(network + recipe);
  });

  test('a long epoch writes checkpoints before its end, and ends with the same bytes', async () => {
    orThrow(await train(await optionsFor('short')));
    // Eleven minutes pass between any two looks at the clock.
    let minutes = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      minutes += 11;
      return minutes * 60_000;
    });
    const kept = new Set<string>();
    const options = await optionsFor('long');
    const { epochs } = orThrow(
      await train({
        ...options,
        onStep: ({ step }) => {
          if (step > 1) kept.add(readFileSync(at('long/checkpoint.safetensors')).toString('base64'));
        },
      }),
    );
    clock.mockRestore();
    const steps = epochs.at(-1)?.step ?? 0;
    expect(kept.size).toBe(steps - 1);
    const weights = (folder: string) => readFileSync(at(`${folder}/last.safetensors`));
    expect(weights('long').equals(weights('short'))).toBe(true);
  });

  test('a signal finishes the step and saves; resumed, the run ends with the same bytes', async () => {
    const options = await optionsFor('stopped');
    const controller = new AbortController();
    const stopped = orThrow(
      await train({
        ...options,
        signal: controller.signal,
        onStep: ({ step }) => {
          if (step === 3) controller.abort();
        },
      }),
    );
    expect(stopped.end).toBe('stopped');
    const run = orThrow(readRun(at('stopped')));
    expect(run).toMatchObject({ finished: false, model: undefined, epochs: stopped.epochs });
    expect(await train(options)).toMatchObject({ code: 'run-unfinished', args: { folder: at('stopped') } });
    const steps: number[] = [];
    orThrow(await train({ ...options, resume: true, onStep: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(4);
    expect(resultsOf(at('stopped'))).toEqual(resultsOf(at('function')));
  });

  test('options take precedence over the recipe, and imported texts are kept', async () => {
    writeFileSync(at('base.unet'), network);
    const text = `import { Small } from "./base.unet"\nunet Own extends Small { channels = 2 }\n${recipe}`;
    const notes: string[] = [];
    const options = await optionsFor('imported', text);
    const result = orThrow(
      await train({ ...options, epochs: 1, resume: true, onNote: (note) => notes.push(note) }),
    );
    expect(result.epochs).toHaveLength(1);
    expect(notes).toEqual([expect.stringContaining(`${at('imported')} contains no run yet`)]);
    expect(readFileSync(at('imported/spec/base.unet'), 'utf8')).toBe(network);
    expect(readFileSync(orThrow(readRun(at('imported'))).spec, 'utf8')).toBe(text);
  });

  const UNLABELLED = 9;

  /** The options with a copy of the set, in which the masks of some images have one value only. */
  async function relabelled(
    options: TrainOptions,
    part: 'training' | 'validation',
    value: number,
  ): Promise<TrainOptions> {
    const set = mkdtempSync(at('relabelled-'));
    cpSync(at('set'), set, { recursive: true });
    for (const { mask, spatial } of options.split[part]) {
      const [height = 0, width = 0] = spatial;
      await putPng(join(set, 'masks', basename(mask)), new Array(height * width).fill(value), width);
    }
    const dataSet = orThrow(await openDataSet(set, { labels: { 0: 0, 1: 1 }, ignore: UNLABELLED }));
    const again = (samples: readonly Sample[]) =>
      dataSet.samples.filter(({ name }) => samples.some((one) => one.name === name));
    const { training, validation } = options.split;
    return { ...options, dataSet, split: { training: again(training), validation: again(validation) } };
  }

  test('training or validation images without labels fail, and nothing is written', async () => {
    const options = await optionsFor('unlabelled');
    for (const part of ['training', 'validation'] as const) {
      const { length } = options.split[part];
      expect(await train(await relabelled(options, part, UNLABELLED))).toMatchObject({
        code: 'labels-missing',
        args: { part, images: { count: length }, isValidated: true },
        help: expect.stringContaining('splitByNames'),
      });
    }
    expect(existsSync(at('unlabelled'))).toBe(false);
  });

  test('an image that cannot be read fails before anything is written', async () => {
    const options = await optionsFor('unreadable');
    const set = at('damaged-set');
    cpSync(at('set'), set, { recursive: true });
    const dataSet = orThrow(await openDataSet(set, {}));
    const split = orThrow(splitBySeed(dataSet.samples, 0.2, 0));
    const path = split.training[0]?.images[0] ?? '';
    writeFileSync(path, readFileSync(path).subarray(0, 200));
    const counts: string[] = [];
    const failure = await train({
      ...{ ...options, dataSet, split },
      onRead: (done, total) => counts.push(`${done} of ${total}`),
    });
    expect(failure).toMatchObject({ args: { folder: set } });
    expect(problemsOf(failure)).toMatchObject([{ message: expect.stringContaining(path) }]);
    const { length } = dataSet.samples;
    expect(counts).toEqual(Array.from({ length }, (_, i) => `${i + 1} of ${length}`));
    expect(existsSync(at('unreadable'))).toBe(false);
  });

  test('without a validation image, nothing is measured or noted; without a training image, it fails', async () => {
    const options = await optionsFor('unmeasured');
    const { training, validation } = options.split;
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const trained = await train({ ...options, split: { training, validation: [] }, epochs: 1, onNote });
    expect(orThrow(trained)).toMatchObject({ best: undefined, epochs: [{ meanDice: null }] });
    expect(notes).toEqual([]);
    const folder = at('untrained');
    expect(await train({ ...options, folder, split: { training: [], validation } })).toMatchObject({
      code: 'no-training-image',
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('a class that one part lacks is a note', async () => {
    const options = await relabelled(await optionsFor('lacking'), 'validation', 0);
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    expect(orThrow(await train({ ...options, epochs: 1, onNote })).end).toBe('all epochs');
    expect(notes).toEqual([
      expect.stringMatching(/class 1 .*validat.*Dice/),
      // Without a Dice, the loss decides.
      expect.stringMatching(/Dice .* loss .* epoch 1 /),
    ]);
  });

  test('a step that is larger than the memory fails', async () => {
    const text = `${network.replace('channels = 4', 'channels = 64')}\ntraining Huge { batch = 1000 patch = 16384 x 16384 }`;
    expect(await train(await optionsFor('huge', text))).toMatchObject({
      code: 'step-memory',
      args: { network: 'Small', batch: 1000, largest: 0, needed: expect.stringMatching(/^[\d.]+ [TP]iB$/) },
    });
  });

  test.each([
    [
      'classes',
      network.replace('classes  = 2', 'classes  = 3'),
      { code: 'data-mismatch', args: { mismatch: { case: 'classes', data: 2, network: 3 } } },
    ],
    [
      'channels',
      network.replace('1 x 32', '3 x 32'),
      { code: 'data-mismatch', args: { mismatch: { case: 'channels', data: 1, network: 3 } } },
    ],
    [
      'axes',
      network.replace('32 x 32', '8 x 32 x 32'),
      { code: 'data-mismatch', args: { mismatch: { case: 'axes', data: 2, network: 3 } } },
    ],
    [
      'the patch',
      network + recipe.replace('epochs', 'patch = 31 x 32\n  epochs'),
      {
        code: 'recipe-invalid',
        args: { recipe: 'Quick', diagnostics: [{ code: 'input-does-not-fit' }], isReported: false },
        message: expect.stringContaining('input-does-not-fit: H = 31'),
      },
    ],
    [
      'the loss',
      `${network}\ntraining One { loss = bce }`,
      {
        code: 'recipe-invalid',
        args: { recipe: 'One', diagnostics: [{ code: expect.any(String) }] },
        message: expect.stringContaining('`bce`'),
      },
    ],
  ])('%s that do not fit: it fails, and nothing is written', async (_, text, expected) => {
    expect(await train(await optionsFor('invalid', text))).toMatchObject(expected);
    expect(readRun(at('invalid'))).toMatchObject({ code: 'run-missing', args: { folder: at('invalid') } });
  });
});

test('a damaged folder of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unet-run-'));
  const read = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return readRun(folder);
  };
  const damaged = (name: string, problem: string) => ({
    code: 'run-damaged',
    args: { path: join(folder, name), damage: { case: problem } },
  });
  expect(read({ 'run.json': '{' })).toMatchObject(damaged('run.json', 'not-json'));
  expect(read({ 'run.json': '[]' })).toMatchObject(damaged('run.json', 'not-an-object'));
  expect(read({ 'run.json': '{ "format": 9 }' })).toMatchObject({
    code: 'run-format',
    args: { folder, format: 9 },
  });
  const run = '{ "format": 1, "network": "A", "spec": "spec.unet", "finished": false }';
  // A run that has no checkpoint yet.
  expect(read({ 'run.json': run })).toMatchObject({ network: 'A', epochs: [], lastWeights: undefined });
  expect(read({ 'metrics.json': '{ "classes": ["a"], "epochs": [{}] }' })).toMatchObject(
    damaged('metrics.json', 'rows'),
  );
  rmSync(folder, { recursive: true });
});
