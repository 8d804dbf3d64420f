import { describe, expect, test } from 'vitest';
import { orientationOf } from '../../src/formats/geometry.js';
import { gather } from '../../src/images/gather.js';
import { turnedLayout } from '../../src/images/image-layout.js';
import { imageArray } from '../../src/images/read-image.js';
import {
  inverseTurn,
  isNoTurn,
  type Turn,
  turnBetween,
  turnedAffine,
  turnedAxes,
  turnImage,
  turnInto,
} from '../../src/resample/orientation.js';
import { ok } from '../data/folder.js';
import { stored } from '../images/stored.js';
import { imageOf } from '../normalize/images.js';
import { orientations } from './orientations.js';

const sizes = [2, 3, 4] as const;
const [Z, Y, X] = sizes;

function turn(from: string, to: string): Turn {
  return turnBetween(from, to) ?? expect.fail(`no turn from ${from} to ${to}`);
}

/** The affine of voxels whose axes lead where `code` says, 2, 3 and 5 mm apart, with some shear. */
function affineOf(code: string): number[][] {
  const world = [0, 1, 2].map((row) =>
    [...code].map((letter, column) => {
      const index = ['RL', 'AP', 'SI'].findIndex((pair) => pair.includes(letter));
      const sign = 'RAS'.includes(letter) ? 1 : -1;
      return index === row ? sign * ([2, 3, 5][column] ?? 1) : 0.1 * (row - column);
    }),
  );
  return [...world.map((row, i) => [...row, 10 * i - 7]), [0, 0, 0, 1]];
}

const place = (affine: readonly (readonly number[])[], x: number, y: number, z: number) =>
  affine.map((row) => [x, y, z, 1].reduce((sum, value, i) => sum + value * (row[i] ?? 0), 0));

test('there are 48 orientations', () => {
  expect(new Set(orientations).size).toBe(48);
});

describe.each(orientations)('from %s', (from) => {
  const image = imageOf([2, ...sizes], (next) => next(), 1);

  test('to every other and back, each voxel keeps its number and its place', () => {
    const affine = affineOf(from);
    expect(orientationOf(affine)).toBe(from);
    for (const to of orientations) {
      const there = turn(from, to);
      const turned = turnImage(image, there);
      expect(turnImage(turned, inverseTurn(there))).toEqual(image);
      expect(isNoTurn(there)).toBe(from === to);
      const newAffine = turnedAffine(affine, sizes, there);
      expect(orientationOf(newAffine)).toBe(to);
      expect(turnedAffine(newAffine, turned.shape.slice(1), inverseTurn(there))).toEqual(
        affine.map((row) => row.map((value) => expect.closeTo(value, 10))),
      );
      const [nz = 0, ny = 0, nx = 0] = turned.shape.slice(1);
      const places = new Map<number, readonly number[]>();
      for (let i = 0; i < nz * ny * nx; i++) {
        const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
        places.set(turned.data[i] ?? Number.NaN, place(newAffine, x, y, z));
      }
      const errors = Array.from({ length: Z * Y * X }, (_, i) => {
        const [x, y, z] = [i % X, Math.floor(i / X) % Y, Math.floor(i / (X * Y))];
        const found = places.get(image.data[i] ?? Number.NaN) ?? [];
        return place(affine, x, y, z).map((value, k) =>
          Math.abs(value - (found[k] ?? Number.POSITIVE_INFINITY)),
        );
      });
      expect(Math.max(...errors.flat())).toBeLessThan(1e-9);
    }
  });

  test('a layout that is turned reads the turned image', () => {
    const named = stored('NIfTI-1', [
      ['z', Z],
      ['y', Y],
      ['x', X],
    ]);
    const { data, layout } = ok(imageArray(named, { rank: 3 }));
    const there = turn(from, 'RAS');
    const shown = turnedLayout(layout, there);
    const target = new Float32Array(Z * Y * X);
    gather(data, shown, { image: 0, sample: 0 }, target);
    const wanted = new Float32Array(Z * Y * X);
    turnInto(Float32Array.from(data), sizes, there, wanted);
    expect(target).toEqual(wanted);
    expect(shown.spatial).toEqual(turnedAxes(sizes, there));
  });
});

test('a first axis that leads to the left becomes one that leads to the right', () => {
  const row = Uint8Array.of(1, 2, 3);
  const target = new Uint8Array(3);
  turnInto(row, [1, 1, 3], turn('LAS', 'RAS'), target);
  expect(target).toEqual(Uint8Array.of(3, 2, 1));
});

test.each(['RA', 'RAL', 'RAX', 'RASI', ''])('%j is no orientation in space', (code) => {
  expect(turnBetween(code, 'RAS')).toBeUndefined();
  expect(turnBetween('RAS', code)).toBeUndefined();
});
