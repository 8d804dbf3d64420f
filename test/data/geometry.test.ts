import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeDifference } from '../../src/data/files/pair-geometry.js';
import { openDataSet } from '../../src/data/open-data-set.js';
import {
  affineOf,
  columnLengths,
  orientationOf,
  type WorldAffine,
  type WorldGeometry,
} from '../../src/formats/geometry.js';
import type { StoredArray } from '../../src/formats/stored-array.js';
import { encodeArray } from '../../src/formats/write.js';
import { type Sizes, stored } from '../images/stored.js';
import { freshFolder, ok, problemsOf, put } from './folder.js';

const sizes: Sizes = [
  ['z', 4],
  ['y', 50],
  ['x', 100],
];

/** A turn about z by an angle, with spacings along x, y and z. */
function turned(degrees: number, spacing = [1, 2, 3], origin = [-7, 11, 5]): WorldAffine {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [dx = 1, dy = 1, dz = 1] = spacing;
  return affineOf(
    [
      [dx * cos, dx * sin, 0],
      [-dy * sin, dy * cos, 0],
      [0, 0, dz],
    ],
    origin,
  );
}

function placed(affine: WorldAffine): WorldGeometry {
  const spacing = columnLengths(affine).toReversed();
  return { affine, spacing, unit: 'mm', orientation: orientationOf(affine) };
}

const volume = (geometry: WorldGeometry | undefined, format: 'NIfTI-1' | 'TIFF' = 'NIfTI-1'): StoredArray =>
  stored(
    format,
    sizes,
    { type: 'uint8', ...(geometry ? { geometry } : {}) },
    Array.from({ length: 20000 }, (_, i) => i % 2),
  );

const own = turned(0);

describe('the places of an image and its mask', () => {
  test.each([
    ['the same', own, undefined],
    ['rounded as float32', own.map((row) => row.map(Math.fround)), undefined],
    [
      'rounded to three decimals',
      turned(10).map((row) => row.map((value) => Number(value.toFixed(3)))),
      'directions',
    ],
    ['a spacing of 1.002 for 1', turned(0, [1.002, 2, 3]), 'spacing'],
    ['other spacings in the same order', turned(0, [2, 1, 3]), 'spacing'],
    ['half a degree, which is most of a voxel at a corner', turned(0.5), 'directions'],
    ['a hundredth of a degree', turned(0.01), undefined],
    [
      'mirrored',
      own.map((row, i) => (i === 0 ? row.map((value, j) => (j === 0 ? -value : value)) : row)),
      'directions',
    ],
    ['a voxel beside', turned(0, [1, 2, 3], [-6, 11, 5]), 'origin'],
    ['a hundredth of a voxel beside', turned(0, [1, 2, 3], [-6.99, 11, 5]), undefined],
  ])('%s', (_, affine, difference) => {
    const found = placeDifference(volume(placed(own)).header, volume(placed(affine)).header);
    expect(found?.case).toBe(difference);
  });

  test.each([
    'inch',
    'cm',
    'pixel',
    undefined,
  ] as const)('resolutions of screens and paper (%s) place nothing', (unit) => {
    const dots = (spacing: number) =>
      volume({ affine: undefined, spacing: [1, spacing, spacing], unit, orientation: undefined }, 'TIFF')
        .header;
    expect(placeDifference(dots(1 / 300), dots(1 / 72))).toBeUndefined();
  });

  test('spacings of microscopes do', () => {
    const microns = (spacing: number) =>
      volume(
        { affine: undefined, spacing: [1, spacing, spacing], unit: 'um', orientation: undefined },
        'TIFF',
      ).header;
    expect(placeDifference(microns(0.25), microns(0.5))).toMatchObject({ case: 'spacing' });
    expect(placeDifference(microns(0.25), microns(0.25))).toBeUndefined();
    expect(placeDifference(microns(0.25), volume(undefined, 'TIFF').header)).toBeUndefined();
  });
});

describe('a set of volumes', () => {
  const bytesOf = (geometry: WorldGeometry) => Buffer.concat([...ok(encodeArray('a.nii', volume(geometry)))]);
  const setOf = (cases: Readonly<Record<string, readonly [WorldAffine, WorldAffine]>>) => {
    const folder = freshFolder();
    for (const [name, [image, mask]] of Object.entries(cases)) {
      put(join(folder, `images/${name}.nii`), bytesOf(placed(image)));
      put(join(folder, `masks/${name}.nii`), bytesOf(placed(mask)));
    }
    return folder;
  };

  test('has a problem for each pair that does not fit', async () => {
    const wide = turned(0, [2, 2, 3]);
    const folder = setOf({
      a: [own, own],
      b: [own, wide],
      c: [own, turned(30)],
      d: [own, turned(0, [1, 2, 3], [0, 0, 0])],
    });
    const problems = problemsOf(await openDataSet(folder));
    expect(problems).toMatchObject(
      ['spacing', 'directions', 'origin'].map((difference, i) => ({
        code: 'pair-mismatch',
        args: { path: join(folder, `images/${'bcd'[i]}.nii`), difference: { case: difference } },
      })),
    );
  });

  test('has a note that names the odd ones out among its cases', async () => {
    const wide = turned(0, [2, 2, 3]);
    const back = own.map((row, i) => (i === 0 ? row.map((value) => -value) : row));
    // Origins differ between any two cases: that is no news.
    const far = turned(0, [1, 2, 3], [100, 0, 0]);
    const folder = setOf({ a: [own, own], b: [far, far], c: [wide, wide], d: [back, back] });
    const { notes } = ok(await openDataSet(folder));
    expect(notes.filter((note) => /spacing/.test(note))).toEqual([
      expect.stringMatching(/3 of 4 .*3 x 2 x 1 mm.* c: 3 x 2 x 2 mm/),
    ]);
    expect(notes.filter((note) => /orientation/.test(note))).toEqual([
      expect.stringMatching(/3 of 4 .*RAS.* d: LAS/),
    ]);
    expect(ok(await openDataSet(setOf({ a: [own, own], b: [far, far] }))).notes).toEqual([]);
  });
});
