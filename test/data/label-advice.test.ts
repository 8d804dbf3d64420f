import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder, ok, problemsOf, put, putPng } from './folder.js';

/** The classes that `--label "VALUE=CLASS"` and the value that `--ignore VALUE` name in a help. */
function adviceOf(help: string): { labels: Record<string, number>; ignore: string | undefined } {
  const labels = [...help.matchAll(/--label "([^"=]+)=(\d+)"/g)].map(([, value, label]) => [
    value,
    Number(label),
  ]);
  return { labels: Object.fromEntries(labels), ignore: /--ignore (\S+)/.exec(help)?.[1] };
}

describe('the advice for values without a class works as it is written', () => {
  test.each<[string, readonly number[], 1 | 3, readonly number[]]>([
    ['1 and 2', [1, 2, 2, 1], 1, [0, 1, 1, 0]],
    ['0, 128 and 255', [0, 255, 128, 0], 1, [0, 2, 1, 0]],
    ['0, 1, 2 and 4, as in BraTS', [4, 0, 1, 2], 1, [3, 0, 1, 2]],
    ['a value to ignore below', [2, 1, 7, 3], 1, [1, 0, 3, 2]],
    ['10, 1 and 2, which a text would sort otherwise', [10, 1, 2, 1], 1, [2, 0, 1, 0]],
    ['0 and 200', [0, 200, 200, 0], 1, [0, 1, 1, 0]],
    ['a colour on black', [0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0], 3, [0, 1, 0, 0]],
    ['a colour and a gray', [9, 9, 9, 255, 0, 0, 255, 0, 0, 9, 9, 9], 3, [0, 1, 1, 0]],
    ['colours alone', [0, 0, 255, 255, 0, 0, 0, 0, 255, 0, 0, 255], 3, [0, 1, 0, 0]],
  ])('%s', async (_, values, channels, classes) => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), [1, 2, 3, 4], 2);
    await putPng(join(folder, 'masks/a.png'), values, 2, channels);
    const [problem] = problemsOf(await openDataSet(folder));
    expect(problem).toMatchObject({ code: 'classes-unclear' });
    const { labels } = adviceOf(problem instanceof Failure ? (problem.help ?? '') : '');
    const set = ok(await openDataSet(folder, { labels }));
    const [file] = set.samples;
    if (file === undefined) throw new Error('no sample');
    expect([...ok(await readSample(file, set)).classes]).toEqual(classes);
  });

  const border = [20, 40, 60, 80, 100, 120, 127, 128, 140, 200];
  test.each<[string, readonly number[], readonly number[]]>([
    [
      'two classes that were resized',
      [0, 0, ...border, 255, 255],
      [0, 0, ...border.map((v) => (v > 127 ? 1 : 0)), 1, 1],
    ],
    [
      'classes that end elsewhere',
      [0, 0, 10, 20, 30, 40, 49, 50, 60, 99, 99],
      [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
    ],
  ])('%s', async (_, values, classes) => {
    const folder = freshFolder();
    await putPng(
      join(folder, 'images/a.png'),
      values.map((_, i) => i),
      values.length,
    );
    await putPng(join(folder, 'masks/a.png'), values, values.length);
    const [problem] = problemsOf(await openDataSet(folder));
    const { labels } = adviceOf(problem instanceof Failure ? (problem.help ?? '') : '');
    const set = ok(await openDataSet(folder, { labels }));
    for (const sample of set.samples) expect([...ok(await readSample(sample, set)).classes]).toEqual(classes);
  });

  test('probabilities, of which no two are equal', async () => {
    const values = Float32Array.of(0, 0.02, 0.1, 0.3, 0.4, 0.49, 0.51, 0.7, 0.9, 1);
    const folder = freshFolder();
    const header = { shape: [2, 5], data: values };
    for (const kind of ['images', 'masks'])
      put(join(folder, kind, 'a.npy'), Buffer.concat([...npyChunks(header)]));
    const [problem] = problemsOf(await openDataSet(folder));
    expect(problem).toMatchObject({ args: { problem: { remedy: { case: 'fractions' } } } });
    const { labels } = adviceOf(problem instanceof Failure ? (problem.help ?? '') : '');
    const set = ok(await openDataSet(folder, { labels }));
    for (const sample of set.samples)
      expect([...ok(await readSample(sample, set)).classes]).toEqual(
        [...values].map((v) => (v > 0.5 ? 1 : 0)),
      );
  });

  test('a value to ignore', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), [1, 2, 3, 4], 2);
    await putPng(join(folder, 'masks/a.png'), [0, 1, 255, 1], 2);
    const [problem] = problemsOf(await openDataSet(folder));
    const { ignore } = adviceOf(problem instanceof Failure ? (problem.help ?? '') : '');
    expect(ignore).toBe('255');
    expect(ok(await openDataSet(folder, { ignore: '255' })).labels.classes).toBe(2);
  });
});
