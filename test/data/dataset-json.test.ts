import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPairs } from '../../src/data/files/pairs.js';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { type DataSetOptions, openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import { verifyDataSet } from '../../src/data/survey/survey.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { ok, problemsOf, put, putPng } from './folder.js';
import { shown, treeOf } from './layout.js';

const v2 = {
  channel_names: { '0': 'CT' },
  labels: { background: 0, liver: 1, tumor: 2 },
  numTraining: 1,
  file_ending: '.nii.gz',
};
const decathlon = {
  name: 'x',
  modality: { '0': 'T1', '1': 'T2' },
  labels: { '0': 'background', '1': 'edema', '2': 'core' },
  numTraining: 1,
  training: [{ image: './imagesTr/a.nii.gz', label: './labelsTr/a.nii.gz' }],
  test: ['./imagesTs/t.nii.gz'],
};

function setWith(
  json: unknown,
  files: readonly string[] = ['imagesTr/a_0000.nii.gz', 'labelsTr/a.nii.gz'],
): string {
  const content = typeof json === 'string' ? json : JSON.stringify(json);
  return treeOf({ ...Object.fromEntries(files.map((name) => [name, ''])), 'dataset.json': content });
}

describe('dataset.json', () => {
  test.each<readonly [string, object, object, RegExp[]]>([
    [
      'of nnU-Net 2',
      v2,
      { labels: { 0: 0, 1: 1, 2: 2 }, channelNames: ['CT'], classNames: ['background', 'liver', 'tumor'] },
      [],
    ],
    [
      'with a value to ignore',
      { ...v2, labels: { background: 0, liver: 1, ignore: 2 } },
      { labels: { 0: 0, 1: 1 }, ignore: '2', channelNames: ['CT'], classNames: ['background', 'liver'] },
      [],
    ],
    [
      'with regions',
      { ...v2, labels: { background: 0, whole: [1, 2, 3], core: [2, 3], enhancing: 3, ignore: 4 } },
      { labels: { 0: 0, 1: 1, 2: 2, 3: 3 }, ignore: '4', channelNames: ['CT'] },
      [/2 regions.*0, 1, 2 and 3/],
    ],
    [
      'of nnU-Net 1',
      { modality: { '0': 'CT' }, labels: { '0': 'background', '1': 'liver' }, numTraining: 1 },
      { labels: { 0: 0, 1: 1 }, channelNames: ['CT'], classNames: ['background', 'liver'] },
      [],
    ],
    [
      'of the Decathlon',
      decathlon,
      {
        labels: { 0: 0, 1: 1, 2: 2 },
        channelNames: ['T1', 'T2'],
        classNames: ['background', 'edema', 'core'],
      },
      [],
    ],
    [
      'with a gap in the labels',
      { ...v2, labels: { background: 0, edema: 1, enhancing: 4 } },
      {
        labels: { 0: 0, 1: 1, 4: 2 },
        channelNames: ['CT'],
        classNames: ['background', 'edema', 'enhancing'],
      },
      [/4 is class 2/],
    ],
    [
      'with another number of cases',
      { ...v2, numTraining: 5 },
      { labels: { 0: 0, 1: 1, 2: 2 }, channelNames: ['CT'], classNames: ['background', 'liver', 'tumor'] },
      [/5 cases.* 1$/],
    ],
  ])('%s', (_, json, description, notes) => {
    const found = ok(findPairs(setWith(json)));
    expect(found.pairs.map(({ name }) => name)).toEqual(['a']);
    expect(found.problems).toEqual([]);
    expect(found.description).toEqual(description);
    expect(found.notes).toEqual(notes.map((note) => expect.stringMatching(note)));
  });

  test('chooses the files by their ending', () => {
    const folder = setWith(v2, [
      'imagesTr/a_0000.nii.gz',
      'labelsTr/a.nii.gz',
      'imagesTr/a.png',
      'labelsTr/b.png',
    ]);
    expect(shown(folder)).toEqual({
      pairs: { a: ['imagesTr/a_0000.nii.gz', 'labelsTr/a.nii.gz'] },
      problems: [],
      notes: [expect.stringMatching(/\.nii\.gz.*2 files/)],
    });
  });

  test('lists files anywhere', () => {
    const json = {
      ...v2,
      dataset: { p: { images: ['raw/p1.nii.gz', 'raw/p2.nii.gz'], label: 'hand/p.nii.gz' } },
    };
    const two = { ...json, channel_names: { '0': 'T1', '1': 'T2' } };
    const files = ['raw/p1.nii.gz', 'raw/p2.nii.gz', 'hand/p.nii.gz'];
    expect(shown(setWith(two, files))).toMatchObject({ pairs: { p: files }, problems: [] });
    expect(shown(setWith(two, files.slice(1)))).toBe('dataset-json-invalid dataset.json');
    expect(shown(setWith(json, files))).toBe('dataset-json-invalid dataset.json');
  });

  test('is named where a mask has a value that it does not list; its remedies work', async () => {
    const folder = setWith({ ...v2, file_ending: '.png' }, []);
    await putPng(join(folder, 'imagesTr/a_0000.png'), [10, 20, 30, 40], 2);
    const mask = await putPng(join(folder, 'labelsTr/a.png'), [0, 1, 2, 9], 2);
    const set = ok(await openDataSet(folder));
    expect(set.classNames).toEqual(['background', 'liver', 'tumor']);
    const path = join(folder, 'dataset.json');
    const labels = [
      { value: 0, name: 'background' },
      { value: 1, name: 'liver' },
      { value: 2, name: 'tumor' },
    ];
    expect(problemsOf(await verifyDataSet(set))).toMatchObject([
      {
        code: 'mask-value-unknown',
        args: { path: mask, values: [{ value: '9', count: 1 }], source: { path, labels } },
        help: expect.stringMatching(/--ignore.*--label/),
      },
    ]);
    const classesWith = async (options: DataSetOptions) => {
      const mended = ok(await openDataSet(folder, options));
      const [sample] = mended.samples;
      return sample && [...ok(await readSample(sample, mended)).classes];
    };
    expect(await classesWith({ ignore: 9 })).toEqual([0, 1, 2, IGNORED]);
    expect(await classesWith({ labels: { 0: 0, 1: 1, 2: 1, 9: 2 } })).toEqual([0, 1, 1, 2]);
    put(path, JSON.stringify({ ...v2, file_ending: '.png', labels: { ...v2.labels, rest: 9 } }));
    expect(await classesWith({})).toEqual([0, 1, 2, 3]);
  });

  test('of another kind says nothing', () => {
    const folder = setWith({ seed: 3, classes: 2 }, ['images/a.png', 'masks/a.png']);
    expect(findPairs(folder)).toMatchObject({ pairs: [{ name: 'a' }], notes: [] });
    expect(findPairs(folder)).not.toHaveProperty('description');
  });

  test.each<readonly [string, unknown, object]>([
    ['no JSON', '{"labels": {', { case: 'json' }],
    ['a list', '[]', { case: 'no-object' }],
    ['no labels', { ...v2, labels: undefined }, { case: 'field', field: 'labels' }],
    [
      'a label that is no number',
      { ...v2, labels: { background: 0, liver: 'x' } },
      { case: 'label-value', name: 'liver' },
    ],
    [
      'a label below 0',
      { ...v2, labels: { background: 0, liver: -1 } },
      { case: 'label-value', name: 'liver' },
    ],
    [
      'half a label',
      { ...v2, labels: { background: 0, liver: 1.5 } },
      { case: 'label-value', name: 'liver' },
    ],
    [
      'an empty region',
      { ...v2, labels: { background: 0, liver: [] } },
      { case: 'label-value', name: 'liver' },
    ],
    [
      'a number of two labels',
      { ...v2, labels: { background: 0, liver: 1, tumor: 1 } },
      { case: 'label-twice', names: ['liver', 'tumor'], value: 1 },
    ],
    [
      'a label that is ignored',
      { ...v2, labels: { background: 0, liver: 1, ignore: 1 } },
      { case: 'label-twice', value: 1 },
    ],
    ['one label', { ...v2, labels: { background: 0 } }, { case: 'few-labels', count: 1 }],
    [
      'a gap in the channels',
      { ...v2, channel_names: { '0': 'T1', '2': 'T2' } },
      { case: 'channel-gap', numbers: [0, 2] },
    ],
    ['channels by names', { ...v2, channel_names: { T1: 0 } }, { case: 'field', field: 'channel_names' }],
    ['an ending that is no text', { ...v2, file_ending: 3 }, { case: 'field', field: 'file_ending' }],
    ['cases that are no number', { ...v2, numTraining: 'many' }, { case: 'field', field: 'numTraining' }],
    [
      'files that do not exist',
      {
        ...decathlon,
        training: [...decathlon.training, { image: './imagesTr/b.nii.gz', label: './labelsTr/b.nii.gz' }],
      },
      {
        case: 'listed',
        missing: [expect.stringMatching(/imagesTr.b/), expect.stringMatching(/labelsTr.b/)],
        total: 4,
      },
    ],
  ])('%s is refused', (_, json, problem) => {
    const found = findPairs(setWith(json));
    expect(found).toBeInstanceOf(Failure);
    expect(found).toMatchObject({ code: 'dataset-json-invalid', args: { problem } });
  });

  test('a case with other channels is refused', () => {
    const files = ['a_0000', 'a_0001', 'a_0002'].map((name) => `imagesTr/${name}.nii.gz`);
    const folder = setWith({ ...v2, channel_names: { '0': 'T1', '1': 'T2' } }, [
      ...files,
      'labelsTr/a.nii.gz',
    ]);
    expect(ok(findPairs(folder)).problems).toMatchObject([
      {
        code: 'dataset-json-invalid',
        args: { problem: { case: 'channels', named: 2, files: 3, image: 'a' } },
      },
    ]);
  });

  test('files of another ending are named, not absent', () => {
    const folder = setWith({ ...v2, file_ending: '.nii.gz' }, ['imagesTr/a_0000.nii', 'labelsTr/a.nii']);
    expect(findPairs(folder)).toMatchObject({
      code: 'images-missing',
      args: { problem: { case: 'ending', ending: '.nii.gz', files: 2, example: 'a_0000.nii' } },
    });
  });

  const npy = (shape: readonly number[], values: readonly number[]) =>
    Buffer.concat([...npyChunks({ shape, data: Float32Array.from(values) })]);

  test.each([
    [1, ['a_0000'], [2, 2], true],
    [2, ['a_0000'], [2, 2], false],
    [2, ['a_0000', 'a_0001'], [2, 2], true],
    [2, ['a'], [2, 2, 2], true],
    [1, ['a'], [2, 2, 2], false],
  ] as const)('%i named channels, files %j of %j: fits is %s', async (named, files, shape, fits) => {
    const channels = Object.fromEntries(Array.from({ length: named }, (_, i) => [i, `c${i}`]));
    const json = { labels: { background: 0, cell: 1 }, channel_names: channels };
    const folder = treeOf({ 'dataset.json': JSON.stringify(json) });
    for (const file of files) {
      put(
        join(folder, `imagesTr/${file}.npy`),
        npy(
          shape,
          Array<number>(8)
            .fill(1)
            .slice(0, 2 ** shape.length),
        ),
      );
    }
    put(join(folder, 'labelsTr/a.npy'), npy([2, 2], [0, 1, 1, 0]));
    const set = await openDataSet(folder, { rank: 2 });
    if (fits) expect(ok(set).channels).toBe(named);
    else {
      expect(problemsOf(set)).toMatchObject([
        { code: 'dataset-json-invalid', args: { problem: { case: 'channel-count', named } } },
      ]);
    }
  });
});
