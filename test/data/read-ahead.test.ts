import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/data/data-set.js';
import { type DataSetOptions, openDataSet } from '../../src/data/open-data-set.js';
import { Rng } from '../../src/data/rng.js';
import { sampleHashes } from '../../src/data/samples/content-hash.js';
import type { Sample } from '../../src/data/samples/sample.js';
import { surveySamples } from '../../src/data/survey/survey.js';
import { writeArray } from '../../src/formats/write.js';
import type { ValueForm } from '../../src/images/value-scale.js';
import { DataValues } from '../../src/normalize/data-values.js';
import { freshFolder, ok, put, putPng } from './folder.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

const SIZE = 80;
const bytes = (count: number, seed: number) => {
  const draws = new Rng(seed, 'bytes');
  return Array.from({ length: count }, () => draws.index(256));
};
const classes = (seed: number) => bytes(SIZE * SIZE, seed).map((value) => (value > 128 ? 255 : 0));

/** Sets by name: what they contain, and the options they are opened with. */
const sets: Readonly<Record<string, DataSetOptions>> = {
  gray: {},
  coloured: {},
  mixed: {},
  'mixed as gray': { channels: 1 },
  '16 bits': {},
  'labels given': { labels: { '0': 0, '255': 1 } },
  'a class for each file': {},
};
const folderOf = (name: string) => join(work, name.replaceAll(' ', '-'));

beforeAll(async () => {
  for (const name of Object.keys(sets)) {
    for (let i = 0; i < 4; i++) {
      const isColoured = name === 'coloured' || (name.startsWith('mixed') && i > 1);
      const channels = isColoured ? 3 : 1;
      const bits = name === '16 bits' ? 16 : 8;
      const values = bytes(channels * SIZE * SIZE, i).map((value) =>
        bits === 16 ? 257 * value - (value % 3) : value,
      );
      await putPng(join(folderOf(name), 'images', `i${i}.png`), values, SIZE, channels, bits);
      if (name === 'a class for each file') {
        for (const label of ['cell', 'rim'].entries()) {
          const own = bytes(SIZE * SIZE, 10 * i).map((value) => (value % 3 === label[0] ? 255 : 0));
          await putPng(join(folderOf(name), 'masks', label[1], `i${i}.png`), own, SIZE);
        }
      } else await putPng(join(folderOf(name), 'masks', `i${i}.png`), classes(i), SIZE);
    }
  }
});

/** The numbers that are kept of a sample. */
function keptOf({ memory }: DataSet, sample: Sample) {
  const { image, classes: own } = memory.partsOf(sample);
  const digest = (data: Float32Array | Uint16Array | undefined) =>
    data && createHash('sha256').update(data).digest('hex');
  return { shape: image?.shape, image: digest(image?.data), classes: digest(own) };
}

/** What a survey finds in a set that was opened with or without its images. */
async function surveyed(name: string, form: ValueForm, options: DataSetOptions) {
  const dataSet = ok(await openDataSet(folderOf(name), { ...sets[name], ...options }));
  const normalization =
    form === 'stored' ? ({ kind: 'range', low: 0, high: 255, clip: false } as const) : undefined;
  const values = new DataValues(dataSet.channels);
  const [, ...taken] = dataSet.samples;
  const findings = ok(
    await surveySamples({ ...dataSet, normalization }, dataSet.samples, {
      keep: (sample) => sample !== dataSet.samples[1],
      summaries: { takes: (sample) => taken.includes(sample), add: (_, summary) => values.add(summary) },
    }),
  );
  const kept = dataSet.samples.map((sample) => keptOf(dataSet, sample));
  return { findings, kept, values: values.channels, described: dataSet.values?.channels };
}

describe.each(Object.keys(sets))('a set whose images are read with their headers: %s', (name) => {
  test.each([
    'scaled',
    'stored',
  ] as const)('%s, it is the same as one whose images are read later', async (form) => {
    const later = await surveyed(name, form, {});
    const ahead = await surveyed(name, form, { readImages: { form, use: 'keep' } });
    expect(ahead.findings).toEqual(later.findings);
    expect(ahead.kept).toEqual(later.kept);
    expect(ahead.kept.map(({ image }) => image === undefined)).toEqual([false, true, false, false]);
    for (const [i, own] of ahead.values.entries()) {
      const other = later.values[i];
      // Sums of bytes and of their 255th parts round differently.
      for (const key of ['min', 'max', 'mean', 'std', 'p0_5', 'p50', 'p99_5'] as const) {
        expect(own?.[key]).toBeCloseTo(other?.[key] ?? Number.NaN, 6);
      }
    }
    // Another form than the one that is wanted later is not used.
    const other = await surveyed(name, form, {
      readImages: { form: form === 'stored' ? 'scaled' : 'stored', use: 'keep' },
    });
    expect(other.kept).toEqual(later.kept);
  });

  test('its values are described unless their channels are not known until the end', async () => {
    const { described } = await surveyed(name, 'stored', {
      cacheBytes: 0,
      readImages: { form: 'stored', use: 'describe' },
    });
    const dataSet = ok(await openDataSet(folderOf(name), sets[name]));
    const values = new DataValues(dataSet.channels);
    ok(
      await surveySamples(dataSet, dataSet.samples, {
        summaries: { form: 'stored', add: (_, summary) => values.add(summary) },
      }),
    );
    expect(described).toEqual(name === 'mixed' ? undefined : values.channels);
  });
});

test('images that do not fit into the memory are read later', async () => {
  const all = await surveyed('gray', 'scaled', {});
  const few = await surveyed('gray', 'scaled', {
    cacheBytes: 2 * 6 * SIZE * SIZE,
    readImages: { form: 'scaled', use: 'keep' },
  });
  expect(few.findings).toEqual(all.findings);
  expect(few.values).toEqual(all.values);
  expect(few.kept.filter(({ image }) => image !== undefined)).toHaveLength(2);
});

test('all slices of a volume are read with it', async () => {
  const folder = join(work, 'volumes');
  const sizes = [6, 8, 10] as const;
  const count = 6 * 8 * 10;
  const axes = (['z', 'y', 'x'] as const).map((axis, i) => ({ name: axis, size: sizes[i] ?? 0 }));
  mkdirSync(join(folder, 'images'), { recursive: true });
  mkdirSync(join(folder, 'masks'), { recursive: true });
  const write = (path: string, values: readonly number[]) => {
    const header = { path, format: 'NIfTI-1', axes, type: 'uint8', bits: 8, colour: 'none' } as const;
    const array = { header: { ...header, scale: undefined, notes: [] }, data: Uint8Array.from(values) };
    expect(writeArray(join(folder, path), array)).toBeUndefined();
  };
  for (const i of [0, 1]) {
    write(`images/v${i}.nii`, bytes(count, i));
    write(
      `masks/v${i}.nii`,
      bytes(count, 7 + i).map((value) => value % 2),
    );
  }
  const options = { rank: 2, sliceAxis: 'y' } as const;
  const later = ok(await openDataSet(folder, options));
  const ahead = ok(await openDataSet(folder, { ...options, readImages: { form: 'scaled', use: 'keep' } }));
  expect(ahead.samples).toEqual(later.samples);
  expect(ahead.samples).toHaveLength(16);
  const [first, second] = [
    ok(await surveySamples(later, later.samples, { keep: () => true })),
    ok(await surveySamples(ahead, ahead.samples, { keep: () => true })),
  ];
  expect(second).toEqual(first);
  for (const sample of ahead.samples) {
    expect(keptOf(ahead, sample)).toEqual(keptOf(later, sample));
    expect(keptOf(ahead, sample).shape).toEqual([1, 6, 10]);
  }
});

test('every file of a sample has its part in the hashes', async () => {
  const name = 'a class for each file';
  const before = ok(sampleHashes(ok(await openDataSet(folderOf(name))).samples));
  expect([...before.values()].map((hashes) => hashes.length)).toEqual([3, 3, 3, 3]);
  put(join(folderOf(name), 'masks', 'rim', 'i2.png'), Buffer.from('another'));
  const after = await openDataSet(folderOf(name));
  expect(after).toMatchObject({ code: 'data-set-invalid' });
});
