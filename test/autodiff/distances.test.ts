import { describe, expect, test } from 'vitest';
import { distanceMap } from '../../src/autodiff/losses/distance-map.js';
import { elementCount } from '../../src/ir/parameter.js';
import { distanceTransform } from '../../src/objects/watershed/distance-transform.js';
import { RandomStream } from '../../src/weights/random-stream.js';

function normals(name: string, length: number): Float32Array {
  const values = new Float32Array(length);
  new RandomStream(5, name).fillNormal(values, 1);
  return values;
}

function coordinates(position: number, size: readonly number[]): readonly number[] {
  return size.map((length, axis) => Math.floor(position / elementCount(size.slice(axis + 1))) % length);
}

/** The distance to each marked position in turn. */
function bruteForce(
  marked: readonly boolean[],
  size: readonly number[],
  spacing: readonly number[],
): number[] {
  const places = marked.map((_, i) => coordinates(i, size).map((x, axis) => x * (spacing[axis] ?? 1)));
  const sources = places.filter((_, i) => marked[i]);
  return places.map((place) =>
    sources.reduce(
      (least, source) => Math.min(least, Math.hypot(...place.map((x, axis) => x - (source[axis] ?? 0)))),
      Number.POSITIVE_INFINITY,
    ),
  );
}

describe.each([[[17]], [[9, 13]], [[5, 7, 6]], [[1, 8]]])('distances in %j', (size) => {
  test.each([0.3, 1, 1.9, 2.5])('of what is above %f', (threshold) => {
    const marked = [...normals(`${size}`, elementCount(size))].map((z) => z > threshold);
    for (const spacing of [size.map(() => 1), size.map((_, axis) => 0.5 + axis * 1.25)]) {
      const found = distanceTransform((i) => marked[i] ?? false, size, spacing);
      for (const [i, expected] of bruteForce(marked, size, spacing).entries()) {
        if (Number.isFinite(expected)) expect(Math.abs((found[i] ?? 0) - expected)).toBeLessThan(1e-9);
        else expect(found[i]).toBe(expected);
      }
    }
  });
});

test('a row by hand: 1 - distance inside, the distance outside', () => {
  const labels = [0, 0, 1, 1, 1, 1, 0, 2];
  expect([...distanceMap(labels, 3, [8])]).toEqual([
    ...[-1, 0, 1, 2, 2, 1, 0, 1],
    ...[2, 1, 0, -1, -1, 0, 1, 2],
    ...[7, 6, 5, 4, 3, 2, 1, 0],
  ]);
  expect([...distanceMap(labels, 1, [8])]).toEqual([2, 1, 0, -1, -1, 0, 1, 2]);
});

test('a class that is absent or everywhere has no boundary', () => {
  expect([...distanceMap([0, 0, 0, 0], 2, [2, 2])].every((one) => one === 0)).toBe(true);
});

test('unlabelled positions are on no side, whatever their label', () => {
  const weights = [1, 0, 0, 1, 1];
  const expected = [-2, 0, 0, 3, 4, 3, 0, 0, -2, -3];
  expect([...distanceMap([0, 0, 1, 1, 1], 2, [5], weights)]).toEqual(expected);
  expect([...distanceMap([0, 255, Number.NaN, 1, 1], 2, [5], weights)]).toEqual(expected);
});

test('2D map of random labels, element by element', () => {
  const size = [6, 7];
  const labels = [...normals('map', 42)].map((z) => (z > 0.5 ? 2 : z > -0.5 ? 1 : 0));
  const map = distanceMap(labels, 3, size);
  for (const k of [0, 1, 2]) {
    const inside = labels.map((label) => label === k);
    const to = bruteForce(inside, size, [1, 1]);
    const out = bruteForce(
      inside.map((one) => !one),
      size,
      [1, 1],
    );
    for (let i = 0; i < 42; i++) {
      const expected = inside[i] ? 1 - (out[i] ?? 0) : (to[i] ?? 0);
      expect(Math.abs((map[k * 42 + i] ?? 0) - expected)).toBeLessThan(1e-6);
    }
  }
});
