import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { RunDifference } from '../../src/diagnostics/codes/training/runs.js';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';
import { OpenFiles } from '../../src/runtime/files/open-files.js';
import { MetricsCollector } from '../../src/train/metrics/metrics.js';
import { reportText } from '../../src/train/report/run-folder-report.js';
import { inspectRunFolder } from '../../src/train/run-folder/inspect-run.js';
import {
  finishRun,
  startRun,
  writeEpochs,
  writeRunWeights,
  writeSample,
} from '../../src/train/run-folder/run-folder.js';
import { type RunSettings, settingsHash } from '../../src/train/run-folder/run-folder-settings.js';
import { listSafetensors } from '../../src/weights/formats/safetensors-header.js';
import { epochRow } from './epoch-row.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => join(folder, ...names);
const read = (...names: string[]) => readFileSync(at(...names), 'utf8');
const readJson = (...names: string[]) => JSON.parse(read(...names));

const entry = {
  path: 'my.unet',
  text: 'unet A { input = 1 x 64 x 64 classes = 2 depth = 2 padding = same }\n',
};
const settings: RunSettings = {
  network: 'A',
  spec: [entry],
  recipe: { name: 'Cells', seed: 1, batch: 4 },
  data: { samples: ['a', 'b'], classes: 2 },
};
const environment = { threads: 2, libraries: { 'onnxruntime-node': '1.2.3' } };
const classes = ['background', 'cell'];
const rows = [1, 2, 3].map((epoch) => epochRow(epoch));
const best = { epoch: 3, value: 0.8 };

function metrics() {
  const collector = new MetricsCollector(2);
  collector.add(Uint16Array.of(0, 1, 1, 0), Uint16Array.of(0, 1, 0, 0));
  return collector.result();
}
const report = {
  title: 'A with Cells',
  facts: [['data', '2 images | of cells']] as const,
  classes,
  epochs: rows,
  best,
  bestBy: 'mean Dice',
  metrics: metrics(),
};

/** Writes a whole run into a folder. */
async function run(name: string): Promise<void> {
  const to = at(name);
  const weights = [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }];
  const sample = {
    image: { shape: [1, 2, 2], data: Float32Array.of(0, 1, 2, 3) },
    truth: Uint16Array.of(0, 1, 1, 0),
    prediction: Uint16Array.of(0, 1, 0, 0),
  };
  const failures = [
    startRun(to, settings, environment),
    writeEpochs(to, 'A with Cells', classes, rows, best),
    writeRunWeights(to, 'best', weights, { network: 'A' }),
    writeRunWeights(to, 'last', weights),
    await writeSample(to, 'one', sample),
    await finishRun(to, settings, report, (path) => {
      writeFileSync(path, 'model');
      return undefined;
    }),
  ];
  expect(failures.filter((one) => one !== undefined)).toEqual([]);
}

const recipeChange = (key: string, before: string, now: string): RunDifference => ({
  part: 'recipe',
  change: { key, values: { before, now } },
});
const noRecipe = recipeChange('name', '"Cells"', 'null');
const noImages: RunDifference = { part: 'data', change: { case: 'count', before: 2, now: 0 } };

describe('a run', () => {
  test('has all files, and equal runs have equal bytes except for the environment', async () => {
    await run('one');
    await run('two');
    const files = readdirSync(at('one'), { recursive: true, encoding: 'utf8' }).sort();
    expect(files).toEqual(
      [
        ...[
          'best.safetensors',
          'curves.svg',
          'data.json',
          'environment.json',
          'last.safetensors',
          'metrics.csv',
        ],
        ...[
          'metrics.json',
          'model.onnx',
          'recipe.json',
          'report.md',
          'run.json',
          'samples',
          'samples/one.png',
        ],
        'spec.unet',
      ].sort(),
    );
    for (const file of files.filter((name) => !['environment.json', 'samples'].includes(name))) {
      expect(readFileSync(at('one', file)).equals(readFileSync(at('two', file))), file).toBe(true);
      expect(read('one', file), file).not.toMatch(/20\d\d-\d\d-\d\d/);
    }
    expect(read('one', 'spec.unet')).toBe(entry.text);
    expect(readJson('one', 'recipe.json')).toEqual(settings.recipe);
    expect(readJson('one', 'data.json')).toEqual(settings.data);
    expect(readJson('one', 'run.json')).toMatchObject({ network: 'A', spec: 'spec.unet', finished: true });
  });

  test('is new, then resumable, then finished', async () => {
    expect(inspectRunFolder(at('x'), settings)).toEqual({ kind: 'new' });
    expect(inspectRunFolder(folder, settings)).toEqual({ kind: 'new' });
    startRun(at('x'), settings, environment);
    expect(inspectRunFolder(at('x'), settings)).toEqual({ kind: 'resumable' });
    // Each start of the training adds an entry.
    startRun(at('x'), settings, { ...environment, threads: 7 });
    const { starts } = readJson('x', 'environment.json');
    expect(starts.map((start: { threads: number }) => start.threads)).toEqual([2, 7]);
    expect(starts[0]).toMatchObject({
      node: process.versions.node,
      libraries: { 'onnxruntime-node': '1.2.3' },
    });
    expect(Date.parse(starts[0].date)).toBeGreaterThan(0);
    await run('x');
    expect(inspectRunFolder(at('x'), settings)).toEqual({ kind: 'finished' });
  });

  test('is not finished if the model could not be written', async () => {
    startRun(folder, settings, environment);
    const failed = failure('model-not-exported', { network: 'A', problems: ['no model'] });
    expect(await finishRun(folder, settings, report, async () => failed)).toBe(failed);
    expect(inspectRunFolder(folder, settings)).toEqual({ kind: 'resumable' });
    expect(existsSync(at('report.md'))).toBe(false);
  });

  test.each<[string, Partial<RunSettings>, RunDifference[]]>([
    ['network', { network: 'B' }, [{ part: 'spec', change: { case: 'network', before: 'A', now: 'B' } }]],
    [
      'spec',
      { spec: [{ ...entry, text: entry.text.replace(' classes = 2', '\n// more\nclasses = 3') }] },
      [
        {
          part: 'spec',
          change: {
            case: 'line',
            file: 'my.unet',
            line: 3,
            before: '...input = 1 x 64 x 64 classes = 2 depth = 2 padding = same }',
            now: 'classes = 3 depth = 2 padding = same }',
          },
        },
      ],
    ],
    [
      'spec that ends before',
      { spec: [{ ...entry, text: entry.text.replace(' padding = same }', '') }] },
      [
        {
          part: 'spec',
          change: {
            case: 'line',
            file: 'my.unet',
            line: 1,
            before: '...64 x 64 classes = 2 depth = 2 padding = same }',
            now: undefined,
          },
        },
      ],
    ],
    ['recipe', { recipe: { ...settings.recipe, seed: 2 } }, [recipeChange('seed', '1', '2')]],
    ['recipe with more', { recipe: { ...settings.recipe, clip: 1 } }, [recipeChange('clip', 'null', '1')]],
    ['recipe and data', { recipe: {}, data: {} }, [noRecipe, noImages]],
    [
      'data',
      { data: { samples: ['a', 'c'], classes: 2 } },
      [{ part: 'data', change: { case: 'image', before: 'b', now: 'c' } }],
    ],
    [
      'data',
      { data: { samples: ['a', 'b'], classes: 3 } },
      [{ part: 'data', change: { case: 'setting', key: 'classes', values: { before: '2', now: '3' } } }],
    ],
    [
      'everything',
      { network: 'B', recipe: {}, data: { classes: 2 } },
      [{ part: 'spec', change: { case: 'network', before: 'A', now: 'B' } }, noRecipe, noImages],
    ],
  ])('with another %s: the failure gives the first difference of each part', (_name, other, differences) => {
    startRun(folder, settings, environment);
    const changed = { ...settings, ...other };
    expect(inspectRunFolder(folder, changed)).toMatchObject({
      code: 'run-different',
      args: { folder, differences },
      message: expect.not.stringContaining('\n'),
    });
    expect(settingsHash(changed)).not.toBe(settingsHash(settings));
  });

  test('comments, white space and recipes in the file make no difference', () => {
    startRun(folder, settings, environment);
    const text = `/* a comment */ training Other { epochs = 7 }\r\n${entry.text.replaceAll(' = ', '=\n  // why\n  ')}`;
    const same: RunSettings = { ...settings, spec: [{ ...entry, text }] };
    expect(inspectRunFolder(folder, same)).toEqual({ kind: 'resumable' });
    expect(settingsHash(same)).toBe(settingsHash(settings));
    // White space inside a token splits it.
    const split = { ...entry, text: entry.text.replace('same', 'sa me') };
    expect(settingsHash({ ...settings, spec: [split] })).not.toBe(settingsHash(settings));
  });

  test('the order of keys and the name of a single file make no difference', () => {
    startRun(folder, settings, environment);
    const turned = { batch: 4, seed: 1, name: 'Cells' };
    const same: RunSettings = { ...settings, recipe: turned, spec: [{ ...entry, path: '/else/where.unet' }] };
    expect(inspectRunFolder(folder, same)).toEqual({ kind: 'resumable' });
    expect(settingsHash(same)).toBe(settingsHash(settings));
  });

  test('imports are copied, and the copy compiles', () => {
    const imported = { path: '/p/base.unet', text: entry.text };
    const main = {
      path: '/p/nets/b.unet',
      text: 'import { A } from "../base.unet"\nunet B extends A { depth = 1 }\n',
    };
    const withImports: RunSettings = { ...settings, network: 'B', spec: [main, imported] };
    startRun(folder, withImports, environment);
    expect(read('spec.unet')).toBe(main.text);
    const { spec } = readJson('run.json');
    expect(spec).toBe('spec/nets/b.unet');
    expect(read('spec/base.unet')).toBe(imported.text);
    const compiled = compile(at(spec), read(spec), { host: nodeHost });
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.networks.map(({ name }) => name)).toEqual(['B']);
    const moved: RunSettings = {
      ...withImports,
      spec: [
        { ...main, path: '/q/r/nets/b.unet' },
        { ...imported, path: '/q/r/base.unet' },
      ],
    };
    expect(inspectRunFolder(folder, moved)).toEqual({ kind: 'resumable' });
    // The order in which files were read makes no difference, but which of them is compiled does.
    const third = { path: '/p/third.unet', text: '' };
    const hash = (...spec: RunSettings['spec']) => settingsHash({ ...settings, spec });
    expect(hash(main, third, imported)).toBe(hash(main, imported, third));
    expect(hash(imported, third, main)).not.toBe(hash(main, imported, third));
  });
});

describe('folders that contain no run', () => {
  test('other files', () => {
    writeFileSync(at('thesis.txt'), '');
    expect(inspectRunFolder(folder, settings)).toMatchObject({
      code: 'run-folder-occupied',
      args: { folder },
    });
  });

  test.each([
    ['{"format": 1', 'run-damaged', { damage: { case: 'not-json' } }],
    ['[]', 'run-damaged', { damage: { case: 'no-hashes' } }],
    ['{"format": 1, "finished": "yes", "hashes": {}}', 'run-damaged', { damage: { case: 'no-hashes' } }],
    ['{"format": 9}', 'run-format', { format: 9, known: 1 }],
    [
      '{"format": 1, "finished": true, "hashes": {}}',
      'run-different',
      { differences: [{ part: 'spec' }, { part: 'recipe' }, { part: 'data' }] },
    ],
  ])('run.json of %s', (text, code, args) => {
    writeFileSync(at('run.json'), text);
    expect(inspectRunFolder(folder, settings)).toMatchObject({ code, args });
  });

  test('a file in place of a folder', () => {
    writeFileSync(at('file'), '');
    expect(inspectRunFolder(at('file'), settings)).toMatchObject({
      message: expect.stringContaining(at('file')),
    });
    expect(startRun(at('file'), settings, environment)).toMatchObject({
      message: expect.stringContaining(at('file', 'run.json')),
    });
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk keeps the metrics that were there', () => {
    writeEpochs(folder, 'A', classes, rows.slice(0, 2), undefined);
    const before = read('metrics.csv');
    rmSync(at('curves.svg'));
    symlinkSync('/dev/full', at('curves.svg'));
    expect(writeEpochs(folder, 'A', classes, rows, best)).toMatchObject({
      message: expect.stringMatching(/curves\.svg.* the disk is full/),
    });
    expect(read('metrics.csv')).toBe(before);
  });
});

describe('metrics', () => {
  test('as CSV and as JSON, also numbers without a value', () => {
    const row = epochRow(2, {
      trainLoss: Number.NaN,
      validationLoss: null,
      dice: [null, 0.1],
      iou: [0.5, 1e-7],
    });
    writeEpochs(folder, 'A', ['a "b", c', 'cell'], [epochRow(1), row], best);
    const [head, , line] = read('metrics.csv').split('\n');
    expect(head).toBe(
      'epoch,step,learning_rate,train_loss,validation_loss,"dice_a ""b"", c",dice_cell,"iou_a ""b"", c",iou_cell,' +
        'mean_dice,mean_iou,foreground_dice,foreground_iou,seconds',
    );
    expect(line).toBe(
      [
        '2,50,0.005,NaN,,,0.1,0.5,1e-7',
        row.meanDice,
        row.meanIou,
        row.foregroundDice,
        row.foregroundIou,
        1.5,
      ].join(','),
    );
    const whole = readJson('metrics.json');
    expect(whole.best).toEqual(best);
    expect(whole.epochs[1]).toEqual({ ...row, trainLoss: 'NaN' });
    const turned = Object.fromEntries(Object.entries(row).toReversed()) as typeof row;
    const before = read('metrics.json');
    writeEpochs(folder, 'A', ['a "b", c', 'cell'], [epochRow(1), turned], best);
    expect(read('metrics.json')).toBe(before);
    expect(whole.conventions.join()).toContain('nnU-Net');
  });
});

test('weights are a plain safetensors file', () => {
  const data = Float32Array.of(1, -2, 3);
  writeRunWeights(folder, 'best', [{ name: 'w', shape: [3, 1], data }], { network: 'A' });
  const files = new OpenFiles();
  const file = files.access(at('best.safetensors'));
  if (file instanceof Failure) throw new Error(file.message);
  const { tensors, metadata, problems } = listSafetensors(file);
  expect({ metadata, problems }).toEqual({ metadata: { network: 'A' }, problems: [] });
  expect(
    tensors.map(({ name, shape, chunks }) => [name, shape, [...chunks()].flatMap((c) => [...c])]),
  ).toEqual([['w', [3, 1], [1, -2, 3]]]);
  files.close();
});

describe('the report', () => {
  test('contains the facts, the epochs and the scores', () => {
    const text = reportText(report);
    expect(text).toContain('- data: 2 images \\| of cells');
    expect(text).toContain('3 epochs, 75 steps.\nBest epoch: 3, by mean Dice: 0.8000.');
    // TP 1, FP 1, FN 0 of the cells; TP 2, FP 0, FN 1 of the background.
    expect(text).toContain('| background | 0.8000 | 0.6667 | 0.8000 | 0.6667 | 2 | 0 | 1 |');
    expect(text).toContain('| cell | 0.6667 | 0.5000 | 0.6667 | 0.5000 | 1 | 1 | 0 |');
    expect(text).toContain('| **mean, with background** | 0.7333 | 0.5833 |');
    expect(text).toContain('| **mean, without background** | 0.6667 | 0.5000 |');
    expect(text).toContain('## Conventions\n\n- Dice = 2 TP');
    const tables = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(tables.map((line) => line.replaceAll('\\|', '').split('|').length)).size).toBe(1);
  });

  test('a run without a result', () => {
    const text = reportText({ ...report, epochs: [], best: undefined, metrics: undefined });
    expect(text).toContain('No epoch was trained.');
    expect(text).not.toContain('Best epoch');
    const broken = [epochRow(1), epochRow(2, { trainLoss: Number.NaN })];
    expect(reportText({ ...report, epochs: broken })).toMatch(/NaN or infinite in 1 .* epoch 2\.$/m);
  });
});
