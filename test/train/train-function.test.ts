import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { DataSetFailure } from '../../src/data/data-set.js';
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
  test('leaves the bytes that the command leaves, and calls back on the way', async () => {
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
    // What is in the folder says the same.
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

  test('an epoch that takes long is kept on the way, and ends with the same bytes', async () => {
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
    expect(await train(options)).toEqual(
      new Failure(
        `${at('stopped')} holds this run, not finished: --resume goes on with it, or \`resume\` in a program`,
      ),
    );
    const steps: number[] = [];
    orThrow(await train({ ...options, resume: true, onStep: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(4);
    expect(resultsOf(at('stopped'))).toEqual(resultsOf(at('function')));
  });

  test('options go before the recipe, and imported texts are kept', async () => {
    writeFileSync(at('base.unet'), network);
    const text = `import { Small } from "./base.unet"\nunet Own extends Small { channels = 2 }\n${recipe}`;
    const notes: string[] = [];
    const options = await optionsFor('imported', text);
    const result = orThrow(
      await train({ ...options, epochs: 1, resume: true, onNote: (note) => notes.push(note) }),
    );
    expect(result.epochs).toHaveLength(1);
    expect(notes).toEqual([`there is no run in ${at('imported')} yet: it begins from the first step`]);
    expect(readFileSync(at('imported/spec/base.unet'), 'utf8')).toBe(network);
    expect(readFileSync(orThrow(readRun(at('imported'))).spec, 'utf8')).toBe(text);
  });

  /** The sample with every label made another one. */
  const relabelled = (sample: Sample, label: number): Sample => ({
    ...sample,
    read: async () => {
      const read = orThrow(await sample.read());
      return { ...read, classes: read.classes.map(() => label) };
    },
  });

  test('a part of the images that nobody labelled is refused, and nothing is written', async () => {
    const options = await optionsFor('unlabelled');
    const { training, validation } = options.split;
    const blank = (samples: readonly Sample[]) => samples.map((sample) => relabelled(sample, 255));
    const withSplit = async (split: TrainOptions['split']) => {
      const failure = await train({ ...options, split });
      return failure instanceof Failure ? failure.message : 'trained';
    };
    expect(await withSplit({ training: blank(training), validation })).toMatch(
      /^nobody labelled anything in the \d images .* to train with: there is nothing to learn from; .*`splitByNames`/,
    );
    expect(await withSplit({ training, validation: blank(validation) })).toMatch(
      /^nobody labelled anything in .* to validate with: there is nothing to measure by/,
    );
    expect(existsSync(at('unlabelled'))).toBe(false);
  });

  test('an image that cannot be read is said before anything is written', async () => {
    const options = await optionsFor('unreadable');
    const [first, ...others] = options.split.training;
    if (!first) throw new Error('there is no image to train with');
    const damaged: Sample = { ...first, read: () => Promise.resolve(new Failure('a.png is damaged')) };
    const counts: string[] = [];
    const failure = await train({
      ...options,
      split: { ...options.split, training: [damaged, ...others] },
      onRead: (done, total) => counts.push(`${done} of ${total}`),
    });
    expect(failure).toEqual(new DataSetFailure(at('set'), ['a.png is damaged']));
    const { length } = options.dataSet.samples;
    expect(counts).toEqual(Array.from({ length }, (_, i) => `${i + 1} of ${length}`));
    expect(existsSync(at('unreadable'))).toBe(false);
  });

  test('without an image to validate with, nothing is measured or said; without one to train with, nothing is done', async () => {
    const options = await optionsFor('unmeasured');
    const { training, validation } = options.split;
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const trained = await train({ ...options, split: { training, validation: [] }, epochs: 1, onNote });
    expect(orThrow(trained)).toMatchObject({ best: undefined, epochs: [{ meanDice: null }] });
    expect(notes).toEqual([]);
    const folder = at('untrained');
    expect(await train({ ...options, folder, split: { training: [], validation } })).toEqual(
      new Failure('there is no image to train with'),
    );
    expect(existsSync(folder)).toBe(false);
  });

  test('a class that one part lacks is a note', async () => {
    const options = await optionsFor('lacking');
    const { training, validation } = options.split;
    const notes: string[] = [];
    const split = { training, validation: validation.map((sample) => relabelled(sample, 0)) };
    const onNote = (note: string) => notes.push(note);
    expect(orThrow(await train({ ...options, split, epochs: 1, onNote })).end).toBe('all epochs');
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^class 1 is in no image to validate with \(.*\): its Dice says nothing; /);
  });

  test('a step that no memory holds is refused', async () => {
    const text = `${network.replace('channels = 4', 'channels = 64')}\ntraining Huge { batch = 1000 patch = 16384 x 16384 }`;
    const failure = await train(await optionsFor('huge', text));
    expect(failure instanceof Failure && failure.message).toMatch(
      /^a step of Small takes at least [\d.]+ [TP]iB of memory/,
    );
  });

  test.each([
    [
      'classes',
      network.replace('classes  = 2', 'classes  = 3'),
      'set have 2 classes, and Small has 3: set `classes = 2`, or say with --label, or `labels` in a program',
    ],
    ['channels', network.replace('1 x 32', '3 x 32'), 'the images have 1 channels, and Small takes 3'],
    ['axes', network.replace('32 x 32', '8 x 32 x 32'), 'the images have 2 axes, and Small takes 3'],
    [
      'the patch',
      network + recipe.replace('epochs', 'patch = 31 x 32\n  epochs'),
      'error[input-does-not-fit]',
    ],
    ['the loss', `${network}\ntraining One { loss = bce }`, '`bce` is a loss for `head = sigmoid`'],
  ])('%s that do not fit are said, and nothing is written', async (_, text, message) => {
    const failure = await train(await optionsFor('invalid', text));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure instanceof Failure && failure.message).toContain(message);
    expect(readRun(at('invalid'))).toEqual(new Failure(`${at('invalid')} holds no run`));
  });
});

test('a damaged folder is said to be one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unet-run-'));
  const messageOf = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const read = readRun(folder);
    return read instanceof Failure ? read.message.replaceAll(folder, 'run') : read;
  };
  expect(messageOf({ 'run.json': '{' })).toMatch(/^run\/run.json is damaged: /);
  expect(messageOf({ 'run.json': '[]' })).toMatch(/^run\/run.json is damaged: /);
  expect(messageOf({ 'run.json': '{ "format": 9 }' })).toContain('format 9');
  const run = '{ "format": 1, "network": "A", "spec": "spec.unet", "finished": false }';
  // One that was begun, and has no checkpoint yet.
  expect(messageOf({ 'run.json': run })).toMatchObject({ network: 'A', epochs: [], lastWeights: undefined });
  expect(messageOf({ 'metrics.json': '{ "classes": ["a"], "epochs": [{}] }' })).toMatch(
    /^run\/metrics.json is damaged: /,
  );
  rmSync(folder, { recursive: true });
});
