import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { stepProblems } from '../../src/autodiff/checks/step-problems.js';
import { command } from '../../src/cli/commands/train.js';
import { compile } from '../../src/compiler/compile.js';
import { inspectPair } from '../../src/data/files/inspect.js';
import { resolveSettings } from '../../src/data/loader/settings.js';
import { fileHashes, sampleHashes } from '../../src/data/samples/content-hash.js';
import { labelCoverage } from '../../src/data/samples/label-coverage.js';
import { splitBySeed } from '../../src/data/split/by-seed.js';
import { surveySamples } from '../../src/data/survey/survey.js';
import { nodeHost, openDataSet, type TrainOptions, train } from '../../src/node.js';
import { memoryProblem } from '../../src/train/loop/memory-fit.js';
import { scheduleProblem } from '../../src/train/loop/schedule.js';
import { startWeights } from '../../src/train/loop/start-weights.js';
import { openStep } from '../../src/train/loop/trainer.js';
import { dataProblem, networkProblem, patienceProblem } from '../../src/train/loop/training-problem.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';
import { describeRun } from '../../src/train/run-folder/describe-run.js';
import { inspectRunFolder } from '../../src/train/run-folder/inspect-run.js';
import { lockRunFolder, runFolderInUse } from '../../src/train/run-folder/run-lock.js';
import { ok } from '../data/folder.js';
import { network, recipe, workFolder } from './cells-run.js';

// The real functions, which count their calls.
vi.mock('../../src/autodiff/checks/check-recipe.js', { spy: true });
vi.mock('../../src/autodiff/checks/step-problems.js', { spy: true });
vi.mock('../../src/data/files/inspect.js', { spy: true });
vi.mock('../../src/data/loader/settings.js', { spy: true });
vi.mock('../../src/data/samples/content-hash.js', { spy: true });
vi.mock('../../src/data/samples/label-coverage.js', { spy: true });
vi.mock('../../src/data/survey/survey.js', { spy: true });
vi.mock('../../src/train/loop/memory-fit.js', { spy: true });
vi.mock('../../src/train/loop/schedule.js', { spy: true });
vi.mock('../../src/train/loop/start-weights.js', { spy: true });
vi.mock('../../src/train/loop/trainer.js', { spy: true });
vi.mock('../../src/train/loop/training-problem.js', { spy: true });
vi.mock('../../src/train/loop/training-settings.js', { spy: true });
vi.mock('../../src/train/run-folder/describe-run.js', { spy: true });
vi.mock('../../src/train/run-folder/inspect-run.js', { spy: true });
vi.mock('../../src/train/run-folder/run-lock.js', { spy: true });

const COUNT = 6;

/** What is checked before a training, and how often. */
const checks: Readonly<Record<string, { readonly check: MockInstance; readonly times: number }>> = {
  recipe: { check: vi.mocked(checkRecipe), times: 1 },
  network: { check: vi.mocked(networkProblem), times: 1 },
  step: { check: vi.mocked(stepProblems), times: 1 },
  memory: { check: vi.mocked(memoryProblem), times: 1 },
  patience: { check: vi.mocked(patienceProblem), times: 1 },
  settings: { check: vi.mocked(trainingSettings), times: 1 },
  headers: { check: vi.mocked(inspectPair), times: COUNT },
  data: { check: vi.mocked(dataProblem), times: 1 },
  batches: { check: vi.mocked(resolveSettings), times: 1 },
  schedule: { check: vi.mocked(scheduleProblem), times: 1 },
  weights: { check: vi.mocked(startWeights), times: 1 },
  description: { check: vi.mocked(describeRun), times: 1 },
  hashes: { check: vi.mocked(sampleHashes), times: 1 },
  folder: { check: vi.mocked(inspectRunFolder), times: 1 },
  lock: { check: vi.mocked(runFolderInUse), times: 1 },
  content: { check: vi.mocked(surveySamples), times: 1 },
  coverage: { check: vi.mocked(labelCoverage), times: 1 },
};
const expected = Object.fromEntries(Object.entries(checks).map(([name, { times }]) => [name, times]));
const counted = () =>
  Object.fromEntries(Object.entries(checks).map(([name, { check }]) => [name, check.mock.calls.length]));

let work: string;
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(network + recipe, ['--count', String(COUNT), '--size', '48']);
});
afterAll(() => rmSync(work, { recursive: true }));
beforeEach(() => {
  for (const { check } of Object.values(checks)) check.mockClear();
  vi.mocked(fileHashes).mockClear();
});

test('train() checks everything once before the first step', async () => {
  const { networks, recipes, sources } = compile(at('cells.unet'), network + recipe, { host: nodeHost });
  const [own] = networks;
  if (!own) throw new Error('the spec has errors');
  const dataSet = ok(await openDataSet(at('set')));
  const split = ok(splitBySeed(dataSet.samples, 0.2, 0));
  const controller = new AbortController();
  let found: unknown;
  const onStep = () => {
    found ??= counted();
    controller.abort();
  };
  ok(
    await train({
      ...{ network: own, recipe: recipes[0], sources, dataSet, split, folder: at('function') },
      ...{ threads: 1, workers: 0, signal: controller.signal, onStep },
    }),
  );
  expect(found).toEqual(expected);
});

test('the command checks everything once before it trains', async () => {
  const written: string[] = [];
  const print = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    // The first line comes when everything is checked.
    if (written.length === 0) found = counted();
    written.push(String(text));
    return true;
  });
  let found: unknown;
  let outcome: unknown;
  const program = new Command();
  command.define(program, (result) => {
    outcome = result;
  });
  const args = ['-d', at('set'), '-o', at('command'), '--epochs', '1', '--threads', '1', '--workers', '0'];
  await program.parseAsync([at('cells.unet'), ...args], { from: 'user' });
  print.mockRestore();
  expect(outcome).toBe(0);
  expect(written[0]).toContain('Small with Quick');
  // While the pairs are read.
  expect(vi.mocked(fileHashes)).toHaveBeenCalledTimes(COUNT);
  expect(found).toEqual(expected);
});

describe('the step, which opens while the images are read', () => {
  const plan = async (change: Partial<TrainOptions>) => {
    const { networks, recipes, sources } = compile(at('cells.unet'), network + recipe, { host: nodeHost });
    const [own] = networks;
    if (!own) throw new Error('the spec has errors');
    const dataSet = ok(await openDataSet(at('set')));
    const split = ok(splitBySeed(dataSet.samples, 0.2, 0));
    vi.mocked(openStep).mockClear();
    return train({
      ...{ network: own, recipe: recipes[0], sources, dataSet, split, folder: at('refused') },
      ...{ threads: 1, workers: 0, ...change },
    });
  };
  const runAfterwards = async () => {
    const [opened] = vi.mocked(openStep).mock.results;
    const step = ok(await opened?.value);
    const shape = step.session.inputs.find(({ name }: { name: string }) => name === 'image')?.shape;
    return step.session.run({ shape, data: new Float32Array(1) });
  };

  test('is closed if the data do not fit', async () => {
    const dataSet = { ...ok(await openDataSet(at('set'))), channels: 7 };
    expect(await plan({ dataSet })).toMatchObject({ code: 'data-mismatch' });
    expect(vi.mocked(openStep)).toHaveBeenCalledOnce();
    await expect(runAfterwards()).rejects.toThrow('closed');
  });

  test('is closed if another process has the folder', async () => {
    const lock = ok(lockRunFolder(at('refused')));
    try {
      expect(await plan({})).toMatchObject({ code: 'run-in-use' });
    } finally {
      lock.release();
    }
    await expect(runAfterwards()).rejects.toThrow('closed');
  });
});
