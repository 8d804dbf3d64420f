import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/data/data-set.js';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { openDataSet } from '../../src/data/open-data-set.js';
import { readSample } from '../../src/data/samples/read-sample.js';
import type { Sample } from '../../src/data/samples/sample.js';
import { verifyDataSet } from '../../src/data/survey/survey.js';
import { cellSample } from '../../src/data/synthetic/cell-sample.js';
import { writeCellSet } from '../../src/data/synthetic/write-cell-set.js';
import type { ClassesProblem, LabelMapProblem } from '../../src/diagnostics/codes/data-sets/labels.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder, ok, problemsOf, put, putPng } from './folder.js';
import { niftiOf } from './read-volume.js';
import { tiff } from './tiff.js';

const ramp = (count: number, step = 1) => Array.from({ length: count }, (_, i) => i * step);
const npy = (shape: readonly number[], values: readonly number[]) =>
  Buffer.concat([...npyChunks({ shape, data: Float32Array.from(values) })]);
const nifti = (shape: readonly number[], values: readonly number[], spacing = [1, 1, 1]) =>
  niftiOf(shape, spacing, Uint8Array.from(values));

function first({ samples }: DataSet): Sample {
  const [sample] = samples;
  if (sample === undefined) throw new Error('the set is empty');
  return sample;
}

describe('openDataSet', () => {
  test('PNG of 8 and 16 bits, JPEG and TIFF by folder: intensities in [0, 1], 0 and 255 as classes', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), [0, 51, 102, 255], 2);
    await putPng(join(folder, 'images/b.png'), [0, 6553.5 * 2, 65535, 1], 2, 1, 16);
    put(join(folder, 'images/c.tif'), tiff([Uint16Array.of(0, 13107, 26214, 65535)], 2));
    const flat = sharp(new Uint8Array(4).fill(128), { raw: { width: 2, height: 2, channels: 1 } });
    put(join(folder, 'images/d.jpg'), await flat.toColourspace('b-w').jpeg({ quality: 100 }).toBuffer());
    put(join(folder, 'images/notes.txt'), 'no image');
    put(join(folder, 'images/._a.png'), 'left by a Mac');
    for (const name of ['a', 'b', 'c', 'd'])
      await putPng(join(folder, `masks/${name}.png`), [0, 255, 255, 0], 2);
    const set = ok(await openDataSet(folder));
    expect([set.rank, set.channels, set.labels.classes]).toEqual([2, 1, 2]);
    expect(set.samples.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    const expected = [
      [0, 0.2, 0.4, 1],
      [0, 0.2, 1, 1 / 65535],
      [0, 0.2, 0.4, 1],
      [128 / 255, 128 / 255, 128 / 255, 128 / 255],
    ];
    for (const [i, sample] of set.samples.entries()) {
      const { image, classes } = ok(await readSample(sample, set));
      expect(image.shape).toEqual([1, 2, 2]);
      for (const [k, value] of image.data.entries()) expect(value).toBeCloseTo(expected[i]?.[k] ?? -1, 6);
      expect([...classes]).toEqual([0, 1, 1, 0]);
    }
  });

  test.each([
    8, 16,
  ])('a multi-page TIFF of %d bits: every page a sample; as one volume with rank 3', async (bits) => {
    const folder = freshFolder();
    const pages = ramp(3).map((page) => ramp(6).map((i) => (page * 6 + i) * (bits === 8 ? 10 : 3000)));
    const stored = pages.map((page) => (bits === 8 ? Uint8Array.from(page) : Uint16Array.from(page)));
    const labels = ramp(3).map((page) => ramp(6).map((i) => (i === page ? 255 : 0)));
    put(join(folder, 'train-volume.tif'), tiff(stored, 3));
    put(
      join(folder, 'train-labels.tif'),
      tiff(
        labels.map((page) => Uint8Array.from(page)),
        3,
      ),
    );
    const set = ok(await openDataSet(folder));
    expect(set.samples.map(({ name }) => name)).toEqual([
      'train-volume#1',
      'train-volume#2',
      'train-volume#3',
    ]);
    const most = 2 ** bits - 1;
    const near = (data: Float32Array, values: readonly number[]) =>
      expect(data.every((value, i) => Math.abs(value * most - (values[i] ?? -1)) < 1e-2)).toBe(true);
    for (const [i, sample] of set.samples.entries()) {
      const { image, classes } = ok(await readSample(sample, set));
      expect(image.shape).toEqual([1, 2, 3]);
      near(image.data, pages[i] ?? []);
      expect([...classes]).toEqual((labels[i] ?? []).map((value) => value / 255));
    }
    const volume = ok(await openDataSet(folder, { rank: 3 }));
    expect(volume.samples.map(({ name, spatial }) => [name, spatial])).toEqual([['train-volume', [3, 2, 3]]]);
    const whole = ok(await readSample(first(volume), volume));
    expect(whole.image.shape).toEqual([1, 3, 2, 3]);
    near(whole.image.data, pages.flat());
    expect([...whole.classes]).toEqual(labels.flat().map((value) => value / 255));
  });

  test("nnU-Net's folders: channels by number, spacing, unscaled values", async () => {
    const folder = freshFolder();
    const shape = [2, 3, 4];
    for (const name of ['liver_7', 'liver_12']) {
      for (const channel of [0, 1]) {
        put(
          join(folder, `imagesTr/${name}_000${channel}.nii.gz`),
          nifti(shape, ramp(24, channel + 1), [2, 0.5, 0.25]),
        );
      }
      put(
        join(folder, `labelsTr/${name}.nii.gz`),
        nifti(
          shape,
          ramp(24).map((i) => i % 3),
          [2, 0.5, 0.25],
        ),
      );
    }
    const set = ok(await openDataSet(folder));
    expect([set.rank, set.channels, set.labels.classes]).toEqual([3, 2, 3]);
    expect(set.samples.map(({ name }) => name)).toEqual(['liver_12', 'liver_7']);
    const { image, classes, spacing } = ok(await readSample(first(set), set));
    expect(image.shape).toEqual([2, ...shape]);
    expect([...image.data]).toEqual([...ramp(24), ...ramp(24, 2)]);
    expect([...classes]).toEqual(ramp(24).map((i) => i % 3));
    expect(spacing).toEqual([2, 0.5, 0.25]);
  });

  test('.npy with and without channels, and names with suffixes in one folder', async () => {
    const folder = freshFolder();
    put(join(folder, 'x_image.npy'), npy([2, 2, 3], ramp(12)));
    put(join(folder, 'x_mask.npy'), npy([2, 3], [0, 1, 2, 0, 1, 2]));
    put(join(folder, 'y.npy'), npy([1, 2, 2, 2], ramp(8)));
    put(join(folder, 'y_label.npy'), npy([1, 2, 2], [0, 0, 1, 1]));
    expect(problemsOf(await openDataSet(folder))).toMatchObject([
      {
        code: 'pair-mismatch',
        args: {
          path: join(folder, 'y.npy'),
          difference: { case: 'size', image: [2, 2, 2], mask: [1, 2, 2] },
        },
      },
    ]);
    const set = ok(await openDataSet(folder, { rank: 2 }));
    expect([set.channels, set.labels.classes]).toEqual([2, 3]);
    const { image } = ok(await readSample(first(set), set));
    expect([image.shape, [...image.data]]).toEqual([[2, 2, 3], ramp(12)]);
  });

  test('labels from colours and gray values, several of a class, and one that is ignored', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), [1, 2, 3, 4], 4);
    await putPng(join(folder, 'masks/a.png'), [255, 0, 0, 0, 0, 128, 9, 9, 9, 0, 0, 0], 4, 3);
    const labels = { '#FF0000': 1, '#000080': 1, '0': 0 };
    const set = ok(await openDataSet(folder, { labels, ignore: 9 }));
    expect(set.labels.classes).toBe(2);
    expect([...ok(await readSample(first(set), set)).classes]).toEqual([1, 1, IGNORED, 0]);
    const other = ok(await openDataSet(folder, { labels: { '0': 0, '#ff0000': 1 } }));
    expect(await readSample(first(other), other)).toMatchObject({
      code: 'mask-value-unknown',
      args: {
        path: join(folder, 'masks/a.png'),
        values: [
          { value: '#000080', count: 1 },
          { value: '9', count: 1 },
        ],
        more: 0,
      },
    });
  });

  test.each<[Record<string, number>, string | undefined, LabelMapProblem]>([
    [{ red: 0 }, undefined, { case: 'value', text: 'red' }],
    [{ '0': 0, '1': 2 }, undefined, { case: 'gap', label: 1 }],
    [{ '0': 0 }, undefined, { case: 'one-class' }],
    [{ '0': 0, '1': -1 }, undefined, { case: 'class', value: '1', label: -1, largest: 65534 }],
    [{ '0': 0, '255': 1, '#ffffff': 0 }, undefined, { case: 'two-classes', value: '255' }],
    [{ '0': 0, '1': 1 }, '1', { case: 'ignored-class', value: '1' }],
    [{ '0': 0, '1': 1 }, 'x', { case: 'ignored-value', text: 'x' }],
  ])('invalid labels: %j, ignore %s', async (labels, ignore, problem) => {
    const options = ignore === undefined ? { labels } : { labels, ignore };
    expect(await openDataSet(freshFolder(), options)).toMatchObject({
      code: 'label-map-invalid',
      args: { problem },
    });
  });

  test.each<[string, readonly number[], object | number]>([
    ['0, 1, 2', [0, 1, 2, 1], 3],
    ['0 and 255', [0, 255, 255, 0], 2],
    [
      'a gap',
      [0, 1, 3, 3],
      {
        case: 'strange-values',
        values: [
          { value: '0', count: 1 },
          { value: '1', count: 1 },
          { value: '3', count: 2 },
        ],
        more: 0,
        strange: { value: '3', path: expect.stringMatching(/masks.a\.png$/) },
        remedy: { case: 'label', classes: ['0', '1', '3'], more: false, last: 3 },
      },
    ],
    [
      'no classes of 0, 1, ...',
      [0, 128, 255, 0],
      {
        case: 'strange-values',
        remedy: { case: 'label', classes: ['0', '128', '255'], more: false, last: undefined },
      },
    ],
    ['one value', [5, 5, 5, 5], { case: 'one-value', found: { value: '5', count: 4 } }],
    ['one number per object', ramp(40), { case: 'objects', classes: 40 }],
  ])('classes that are found in the masks: %s', async (_, values, wanted) => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), values, values.length);
    await putPng(join(folder, 'masks/a.png'), values, values.length);
    const set = await openDataSet(folder);
    if (typeof wanted === 'number') expect(ok(set).labels.classes).toBe(wanted);
    else expect(problemsOf(set)).toMatchObject([{ code: 'classes-unclear', args: { problem: wanted } }]);
  });

  test.each<[string, readonly number[], number, ClassesProblem, string | undefined]>([
    [
      'the background',
      [0, 255, 255, 0],
      0,
      { case: 'one-besides-ignored', found: { value: '255', count: 2 }, ignored: '0' },
      '--label "0=0" --label "255=1"',
    ],
    [
      'the foreground',
      [0, 255, 255, 0],
      255,
      { case: 'one-besides-ignored', found: { value: '0', count: 2 }, ignored: '255' },
      '--label "0=0" --label "255=1"',
    ],
    ['everything', [7, 7], 7, { case: 'only-ignored', found: { value: '7', count: 2 } }, undefined],
  ])('ignoring leaves no classes: %s', async (_, values, ignore, problem, help) => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), values, values.length);
    await putPng(join(folder, 'masks/a.png'), values, values.length);
    const failed = problemsOf(await openDataSet(folder, { ignore }));
    expect(failed).toMatchObject([{ code: 'classes-unclear', args: { problem } }]);
    if (help) expect(failed).toMatchObject([{ help: expect.stringContaining(help) }]);
  });

  test('beside a value to ignore, the masks may contain only one of 0 and 255', async () => {
    const folder = freshFolder();
    await putPng(join(folder, 'images/a.png'), [7, 255], 2);
    await putPng(join(folder, 'masks/a.png'), [7, 255], 2);
    expect(ok(await openDataSet(folder, { ignore: 7 })).labels.classes).toBe(2);
  });

  const noise = Uint8Array.from({ length: 256 }, (_, i) => ((i * 7919) % 13 > 6 ? 255 : 0));
  const gray = () => sharp(noise, { raw: { width: 16, height: 16, channels: 1 } });
  const red = () =>
    sharp(
      Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? (noise[i / 3] ?? 0) : 0)),
      {
        raw: { width: 16, height: 16, channels: 3 },
      },
    );

  test.each([
    ['a.jpg', 'JPEG', false, () => gray().jpeg({ quality: 40 })],
    ['a.png', 'JPEG', false, () => gray().jpeg({ quality: 40 })],
    ['a.tif', 'JPEG', false, () => gray().tiff({ compression: 'jpeg', quality: 40 })],
    ['a.webp', 'WebP', false, () => gray().webp({ quality: 20 })],
    ['a.jpg', 'JPEG', true, () => red().jpeg({ quality: 40 })],
    ['a.tif', 'JPEG', true, () => red().tiff({ compression: 'jpeg', quality: 40 })],
    ['a.webp', 'WebP', true, () => red().webp({ quality: 20 })],
  ])('a failure names the compression of %s, %s, as the cause of strange values (coloured: %s)', async (name, compression, coloured, encoded) => {
    const folder = freshFolder();
    const path = put(join(folder, 'masks', name), await encoded().toBuffer());
    await putPng(join(folder, 'images/a.png'), ramp(256), 16);
    const set = ok(await openDataSet(folder, { labels: { 0: 0, 255: 1 } }));
    expect(problemsOf(await verifyDataSet(set))).toMatchObject([
      { code: 'mask-value-unknown', args: { path, lossy: compression, more: expect.any(Number) } },
    ]);
    const remedy = { case: 'lossy', compression, coloured };
    const failed = problemsOf(await openDataSet(folder));
    expect(failed).toMatchObject([
      { code: 'classes-unclear', args: { problem: { strange: { path }, remedy } } },
    ]);
    const [{ help = '' } = {}] = failed as readonly { help?: string }[]; // the failures above
    const advised = [...help.matchAll(/--label (\S+)=(\d)/g)].map(([, value = '', label]) => [
      value,
      Number(label),
    ]);
    expect(advised.length).toBe(coloured ? 0 : 2);
    if (coloured) return;
    // The advice works, and the strong values keep their classes.
    const advisedSet = ok(await openDataSet(folder, { labels: Object.fromEntries(advised) }));
    const { classes } = ok(await readSample(first(advisedSet), advisedSet));
    const same = [...classes].filter((label, i) => label === (noise[i] === 255 ? 1 : 0));
    expect(same.length).toBeGreaterThan(180);
  });

  test.each([
    ['a.jpg', () => gray().png()],
    ['a.webp', () => gray().webp({ lossless: true })],
  ])('%s without loss is not taken for lossy', async (name, encoded) => {
    const folder = freshFolder();
    put(join(folder, 'masks', name), await encoded().toBuffer());
    await putPng(join(folder, 'images/a.png'), ramp(256), 16);
    const set = ok(await openDataSet(folder, { labels: { 0: 0, 254: 1 } }));
    expect(problemsOf(await verifyDataSet(set))).toMatchObject([
      { code: 'mask-value-unknown', args: { lossy: undefined, values: [{ value: '255' }] } },
    ]);
  });
});

test('synthetic sets are read back as they were made', async () => {
  for (const shape of [
    [64, 80],
    [24, 32, 40],
  ]) {
    const folder = freshFolder();
    const settings = {
      shape,
      spacing: shape.map(() => 1),
      radius: 10,
      seed: 1,
      count: 2,
      bits: 8,
      classes: 3,
    } as const;
    ok(await writeCellSet({ ...settings, folder: join(folder, 'set') }));
    const set = ok(await openDataSet(join(folder, 'set')));
    expect([set.rank, set.channels, set.labels.classes, set.samples.length]).toEqual([shape.length, 1, 3, 2]);
    for (const [i, sample] of set.samples.entries()) {
      const [read, made] = [ok(await readSample(sample, set)), cellSample(settings, i)];
      expect(read.image.shape).toEqual([1, ...shape]);
      expect(Buffer.from(read.classes).equals(Buffer.from(made.regions))).toBe(true);
      expect(
        read.image.data.every((value, k) => Math.abs(value - (made.image[k] ?? 9)) < 0.5001 / 255 + 1e-6),
      ).toBe(true);
    }
  }
});
