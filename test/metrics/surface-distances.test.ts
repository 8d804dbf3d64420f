import { describe, expect, test } from 'vitest';
import { evaluateCase } from '../../src/metrics/evaluate-case.js';
import { IGNORED } from '../../src/metrics/ignored.js';
import { labelBoxes } from '../../src/metrics/surface/class-boxes.js';
import * as crops from '../../src/metrics/surface/class-crop.js';
import { blobs } from './blobs.js';
import { brute, bruteBorder, pointsOf } from './brute-surfaces.js';
import { randomNumbers } from './random-numbers.js';

/** The distances of a class, or why there are none. */
function surfaceDistances(
  predicted: Uint16Array,
  truth: Uint16Array,
  label: number,
  shape: readonly number[],
  spacing: readonly number[],
) {
  const classes = [0, 1, 2].map((k) => ({ name: String(k), labels: [k] }));
  const found = evaluateCase(truth, predicted, { shape, spacing, classes, metrics: ['hd', 'hd95', 'assd'] });
  const { values, reasons, substituted } = found.classes[label] ?? {};
  if (substituted && substituted.length > 0) return `in one mask: ${values?.hd}`;
  return reasons?.hd ?? values;
}

/** The border of a class in a map, as indices of the image. */
function borderOf(map: Uint16Array, truth: Uint16Array, label: number, shape: readonly number[]): number[] {
  const long = shape.filter((size) => size > 1);
  const known = map.map((value, i) => (truth[i] === IGNORED ? IGNORED : value));
  const box = labelBoxes(known, map, long, 3)[label];
  if (!box) return [];
  const isMember = Uint8Array.from([0, 1, 2], (value) => (value === label ? 1 : 0));
  const maps = { truth: known, predicted: map, shape: long };
  const crop = crops.cropClass(
    maps,
    isMember,
    box,
    long.map(() => 1),
  );
  const index = new Map(pointsOf(long).map((point, i) => [point.join(), i]));
  // The crop begins one position before the box.
  return [...crops.borderOf(crop, crops.TRUE)].map((at) => {
    const point = pointsOf(crop.size)[at]?.map((x, axis) => x + (box.low[axis] ?? 0) - 1);
    return index.get(point?.join() ?? '') ?? -1;
  });
}

describe('against all pairs of border positions', () => {
  test.each([
    ['2D', [17, 23], [1, 1], 0],
    ['2D, anisotropic', [19, 14], [0.3, 2.5], 0],
    ['2D, with positions that nobody labelled', [18, 20], [1, 1.5], 0.15],
    ['3D', [9, 11, 10], [1, 1, 1], 0],
    ['3D, anisotropic', [7, 12, 11], [3, 0.5, 0.7], 0],
    ['3D, with positions that nobody labelled', [8, 9, 10], [2, 1, 1], 0.2],
  ] as const)('%s', (_name, shape, spacing, ignored) => {
    const random = randomNumbers(shape[0]);
    const differences = { pooled: 0, means: 0 };
    for (let round = 0; round < 6; round++) {
      const truth = blobs(shape, random, 4, ignored);
      const predicted = blobs(shape, random, 4);
      for (const label of [1, 2]) {
        const found = surfaceDistances(predicted, truth, label, shape, spacing);
        const { pooled95, meanOfMeans, nsd: _, ...expected } = brute(predicted, truth, label, shape, spacing);
        expect(found).toEqual({
          hd: expect.closeTo(expected.hd, 9),
          hd95: expect.closeTo(expected.hd95, 9),
          assd: expect.closeTo(expected.assd, 9),
        });
        differences.pooled = Math.max(differences.pooled, Math.abs(expected.hd95 - pooled95));
        differences.means = Math.max(differences.means, Math.abs(expected.assd - meanOfMeans));
      }
    }
    // Other conventions give other numbers here, or the test would not tell them apart.
    expect(differences.pooled).toBeGreaterThan(0.05);
    expect(differences.means).toBeGreaterThan(0.01);
  });

  test('the border alone, of noise', () => {
    const random = randomNumbers(3);
    for (const shape of [
      [6, 7],
      [1, 8],
      [4, 1, 5],
      [3, 4, 5],
    ]) {
      const draw = () => Uint16Array.from(pointsOf(shape), () => Math.floor(random() * 3));
      const truth = draw().map((label) => (random() < 0.2 ? IGNORED : label));
      const map = draw();
      const index = new Map(pointsOf(shape).map((point, i) => [point.join(), i]));
      const expected = bruteBorder(map, truth, 1, shape).map((point) => index.get(point.join()));
      expect([...borderOf(map, truth, 1, shape)]).toEqual(expected);
    }
  });
});

describe('by hand', () => {
  /** A map of characters: a digit is a class, `?` nobody labelled. */
  const map = (...rows: readonly string[]) =>
    Uint16Array.from(rows.join(''), (character) => (character === '?' ? IGNORED : Number(character)));

  test('two points, 3 and 4 apart', () => {
    const truth = map('10000', '00000', '00000', '00000');
    const predicted = map('00000', '00000', '00000', '00001');
    expect(surfaceDistances(predicted, truth, 1, [4, 5], [1, 1])).toEqual({ hd: 5, hd95: 5, assd: 5 });
    expect(surfaceDistances(predicted, truth, 1, [4, 5], [2, 2])).toEqual({ hd: 10, hd95: 10, assd: 10 });
    expect(surfaceDistances(predicted, truth, 1, [4, 5], [4, 1.25])).toEqual({ hd: 13, hd95: 13, assd: 13 });
  });

  test('the inside of a square is no border, and diagonal neighbours make none', () => {
    const square = map('00000', '01110', '01110', '01110', '00000');
    expect([...borderOf(square, square, 1, [5, 5])]).toEqual([6, 7, 8, 11, 13, 16, 17, 18]);
    const corner = map('11111', '11111', '11111', '11111', '11110');
    // (3, 3) has only a diagonal neighbour of another class.
    expect([...borderOf(corner, corner, 1, [5, 5])]).not.toContain(18);
    expect(surfaceDistances(square, square, 1, [5, 5], [1, 1])).toEqual({ hd: 0, hd95: 0, assd: 0 });
  });

  test('the image ends where a class may go on: that is a border', () => {
    const full = map('111', '111', '111');
    expect([...borderOf(full, full, 1, [3, 3])]).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    // A volume of one plane is measured as an image.
    expect([...borderOf(full, full, 1, [1, 3, 3])]).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
  });

  test('one position more in one direction moves the percentile between two values', () => {
    // Prediction: 1 at 0. Truth: 1 at 0 and at 4. There: 0. Back: 0 and 4, and 95 % of the way is 3.8.
    expect(surfaceDistances(map('10000'), map('10001'), 1, [1, 5], [1, 1])).toEqual({
      hd: 4,
      hd95: expect.closeTo(3.8, 12),
      assd: expect.closeTo(4 / 3, 12),
    });
  });

  test('what nobody labelled is of no border and makes none', () => {
    // The class is predicted everywhere, and the truth's column of it stands beside positions without a label.
    const truth = map('0000000', '011???0', '011???0', '0000000');
    const predicted = map('0000000', '0111110', '0111110', '0000000');
    expect([...borderOf(predicted, truth, 1, [4, 7])]).toEqual([8, 9, 15, 16]);
    expect(surfaceDistances(predicted, truth, 1, [4, 7], [1, 1])).toEqual({ hd: 0, hd95: 0, assd: 0 });
    // Distances lead through them.
    const far = map('0000000', '0110010', '0110010', '0000000');
    const known = map('0000000', '011??00', '011??00', '0000000');
    expect(surfaceDistances(far, known, 1, [4, 7], [1, 1])).toMatchObject({ hd: 3 });
  });

  test('empty masks', () => {
    const [empty, one] = [map('000', '000'), map('010', '000')];
    expect(surfaceDistances(empty, empty, 1, [2, 3], [1, 1])).toBe('class-absent');
    // The diagonal of 4 x 3.
    expect(surfaceDistances(one, empty, 1, [2, 3], [2, 1])).toBe('in one mask: 5');
    expect(surfaceDistances(empty, one, 1, [2, 3], [2, 1])).toBe('in one mask: 5');
    // A class among positions without a label has no border, but it can be missed.
    const sealed = map('?????', '??1??', '?????');
    const [none, all] = [map('00000', '00000', '00000'), map('11111', '11111', '11111')];
    expect(surfaceDistances(none, sealed, 1, [3, 5], [4 / 3, 0.6])).toBe('in one mask: 5');
    expect(surfaceDistances(all, sealed, 1, [3, 5], [1, 1])).toBe('no-border');
  });
});

test('a volume of two million positions', () => {
  const shape = [64, 160, 200];
  const ball = (shift: number) => {
    const map = new Uint16Array(64 * 160 * 200);
    for (let z = 0; z < 64; z++) {
      for (let y = 0; y < 160; y++) {
        for (let x = 0; x < 200; x++) {
          if (Math.hypot(z - 32, y - 80, x - 100 - shift) <= 25) map[(z * 160 + y) * 200 + x] = 1;
        }
      }
    }
    return map;
  };
  const found = surfaceDistances(ball(20), ball(0), 1, shape, [1, 1, 0.5]);
  // Balls of one size, 20 positions of half a unit apart: the farthest points lie behind each other.
  expect(found).toMatchObject({ hd: expect.closeTo(10, 9) });
});
