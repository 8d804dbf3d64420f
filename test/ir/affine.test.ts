import { describe, expect, test } from 'vitest';
import {
  type Affine,
  affine,
  affineText,
  constantDifference,
  evaluateAffine,
  sameAffine,
  scaleThenShift,
  shift,
  shiftThenDivide,
} from '../../src/ir/affine.js';
import { type AxisMap, mapAffine, mapSize } from '../../src/ir/axis-map.js';
import { Random } from '../grammar/random.js';

const random = new Random(1);
const between = (low: number, high: number) => low + random.below(high - low + 1);
/** A random (p n + q) / d, which always is in range. */
function randomAffine(): Affine {
  const made = affine(between(0, 12), between(-60, 60), between(1, 12));
  if (!made) throw new Error('out of range');
  return made;
}
const cases = Array.from({ length: 500 }, () => ({
  a: randomAffine(),
  b: randomAffine(),
  n: between(1, 500),
  k: between(-20, 20),
  s: between(1, 8),
}));

describe('affine sizes', () => {
  test('do with the formula what is done with the number', () => {
    for (const { a, n, k, s } of cases) {
      const value = (a.p * n + a.q) / a.d;
      const at = (one: Affine | undefined) => (one ? evaluateAffine(one, n) : Number.NaN);
      expect(at(a)).toBeCloseTo(value, 9);
      expect(at(shift(a, k))).toBeCloseTo(value + k, 9);
      expect(at(shiftThenDivide(a, k, s))).toBeCloseTo((value + k) / s, 9);
      expect(at(scaleThenShift(a, s, k))).toBeCloseTo(value * s + k, 9);
    }
  });

  test('are in lowest terms, so that equal functions are equal', () => {
    for (const { a, n, k, s } of cases) {
      const there = scaleThenShift(a, s, k);
      const back = there && shiftThenDivide(there, -k, s);
      expect(back && sameAffine(back, a)).toBe(true);
      const scaled = affine(a.p * s, a.q * s, a.d * s);
      expect(scaled).toEqual(a);
      expect(scaled && Number.isInteger(evaluateAffine(scaled, n))).toBe(
        Number.isInteger((a.p * n + a.q) / a.d),
      );
    }
  });

  test('have a constant difference exactly where they differ by the same at every size', () => {
    for (const { a, b, k } of cases) {
      for (const other of [b, shift(a, k) ?? b]) {
        const differences = [0, 1, 50].map((n) => evaluateAffine(a, n) - evaluateAffine(other, n));
        const constant = differences.every((one) => Math.abs(one - (differences[0] ?? 0)) < 1e-9);
        const found = constantDifference(a, other);
        expect(found !== undefined).toBe(constant);
        if (found) expect(found.numerator / found.denominator).toBeCloseTo(differences[0] ?? Number.NaN, 9);
      }
    }
  });

  test('are undefined beyond exact integers', () => {
    expect(affine(2 ** 53, 0, 1)).toBeUndefined();
    expect(scaleThenShift({ p: 2 ** 40, q: 0, d: 1 }, 2 ** 20, 0)).toBeUndefined();
    expect(shiftThenDivide({ p: 1, q: 0, d: 2 ** 40 }, 0, 2 ** 20)).toBeUndefined();
  });

  test.each([
    [{ p: 1, q: 0, d: 1 }, 'H'],
    [{ p: 1, q: -112, d: 16 }, 'H/16 - 7'],
    [{ p: 2, q: 3, d: 1 }, '2*H + 3'],
    [{ p: 1, q: -7, d: 2 }, '(H - 7)/2'],
    [{ p: 0, q: 24, d: 2 }, '12'],
  ])('%o reads %s', (size, text) => {
    expect(affineText(size, 'H')).toBe(text);
  });
});

describe('axis maps', () => {
  /** How many windows fit, counted one by one; undefined where they do not end where the residue says. */
  function countedWindows(map: AxisMap & { kind: 'window' }, size: number): number {
    const last = size + map.after - map.extent;
    let count = 0;
    for (let start = -map.before; start <= last; start += map.stride) count += 1;
    return count;
  }

  test('a window: the size of the output is the number of windows, where the size fits by the formula too', () => {
    let fitting = 0;
    for (let i = 0; i < 400; i += 1) {
      const stride = between(1, 5);
      const extent = between(1, 7);
      const [before, after] = [between(-2, 3), between(-2, 3)];
      const map = { kind: 'window', extent, stride, before, after, residue: between(0, stride - 1) } as const;
      const formula = mapAffine(map, { p: 1, q: 0, d: 1 });
      for (let size = 12; size < 34; size += 1) {
        const mapped = mapSize(map, size);
        expect(mapped.size).toBe(countedWindows(map, size));
        expect(mapped.fits).toBe((size - map.residue) % stride === 0);
        if (!mapped.fits) continue;
        fitting += 1;
        expect(formula && evaluateAffine(formula, size)).toBe(mapped.size);
      }
    }
    expect(fitting).toBeGreaterThan(1_000);
  });

  test('a stretch: the size of the output is where the last input reaches, less what is cut', () => {
    for (let i = 0; i < 200; i += 1) {
      const [stride, extent] = [between(1, 5), between(1, 7)];
      const map = {
        kind: 'stretch',
        extent,
        stride,
        before: between(0, 2),
        after: between(-2, 2),
        linear: false,
      } as const;
      const formula = mapAffine(map, { p: 1, q: 0, d: 1 });
      for (let size = 1; size < 12; size += 1) {
        let reach = 0;
        for (let j = 0; j < size; j += 1) reach = j * stride + extent;
        expect(mapSize(map, size)).toEqual({ size: reach - map.before - map.after, fits: true });
        expect(formula && evaluateAffine(formula, size)).toBe(reach - map.before - map.after);
      }
    }
  });
});
