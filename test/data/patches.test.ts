import { describe, expect, test } from 'vitest';
import { cutPatch } from '../../src/data/augment/cut.js';
import { plainGeometry } from '../../src/data/augment/geometry.js';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { countClassesByChunk, drawForeground } from '../../src/data/patches/class-positions.js';
import { drawOrigin, originAround } from '../../src/data/patches/patch-origin.js';
import { coverWith, marginsOf, patchProblem } from '../../src/data/patches/patch-size.js';
import { Rng } from '../../src/data/rng.js';
import { elementCount } from '../../src/runtime/tensor.js';
import { ok } from './folder.js';

const repeat = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
/** An image whose value at each position is its index, and labels that are the index modulo 7. */
const ramp = (spatial: readonly number[], channels = 1) => {
  const positions = elementCount(spatial);
  return {
    spatial,
    image: Float32Array.from({ length: channels * positions }, (_, i) => i),
    classes: Uint16Array.from({ length: positions }, (_, i) => i % 7),
    border: Float32Array.from({ length: positions }, (_, i) => i / 2),
  };
};
/** The position that a mirrored border shows: counted step by step, not computed with a remainder. */
function mirrored(position: number, size: number): number {
  let [at, direction] = [0, 1];
  for (let steps = Math.abs(position); steps > 0 && size > 1; steps--) {
    if (at + direction < 0 || at + direction >= size) direction = -direction;
    at += direction;
  }
  return at;
}

describe('random indices and orders', () => {
  test('all numbers are about equally frequent, and an order contains each once', () => {
    const rng = new Rng(1, 'index');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 5000; i++) {
      const k = rng.index(5);
      counts[k] = (counts[k] ?? 0) + 1;
    }
    // Five standard deviations of a binomial count of mean 1000: 5 * sqrt(800) = 141.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(142);
    const order = rng.order(50);
    expect([...order].sort((a, b) => a - b)).toEqual(repeat(50, (i) => i));
    expect([...order]).not.toEqual(repeat(50, (i) => i));
  });

  test('large counts are reached to their end', () => {
    const rng = new Rng(2, 'large');
    const drawn = repeat(2000, () => rng.index(2 ** 31));
    expect(drawn.some((k) => k % 2 === 1)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(0.99 * 2 ** 31);
    expect(drawn.every((k) => Number.isInteger(k) && k >= 0 && k < 2 ** 31)).toBe(true);
  });
});

describe('a random origin', () => {
  test('the label lies in the image, at every origin; a larger label contains the image', () => {
    const rng = new Rng(3, 'place');
    const origins = repeat(400, () => drawOrigin([6, 3], [4, 5], rng));
    expect(new Set(origins.map(([y]) => y))).toEqual(new Set([0, 1, 2]));
    expect(new Set(origins.map(([, x]) => x))).toEqual(new Set([-2, -1, 0]));
  });

  test('around a position: in the middle, except at the borders', () => {
    // Of 10 x 10: (5, 5) is in the middle of the label of 4 from 3 on; (0, 9) is at two borders.
    expect(originAround(55, [10, 10], [4, 4])).toEqual([3, 3]);
    expect(originAround(9, [10, 10], [4, 4])).toEqual([0, 6]);
    expect(originAround(2, [3, 3], [5, 5])).toEqual([-2, 0]);
    expect(originAround(7 * 100 + 5 * 10 + 4, [10, 10, 10], [3, 3, 3])).toEqual([6, 4, 3]);
  });
});

describe('a foreground position', () => {
  test('each class is as likely as the others, each of its positions too', () => {
    // Class 1 once, beyond the first run of 4096 positions; class 2 four times; 100 positions are ignored.
    const classes = new Uint16Array(10_000);
    classes[9000] = 1;
    for (const at of [3, 4095, 4096, 9999]) classes[at] = 2;
    classes.fill(IGNORED, 100, 200);
    const counts = countClassesByChunk(classes, 4);
    const rng = new Rng(4, 'foreground');
    const found = new Map<number, number>();
    for (let i = 0; i < 4000; i++) {
      const at = drawForeground(classes, counts, 4, rng) ?? -1;
      found.set(at, (found.get(at) ?? 0) + 1);
    }
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([3, 4095, 4096, 9000, 9999]);
    // Five standard deviations: 5 sqrt(4000 / 4) = 158, 5 sqrt(4000 * 7 / 64) = 105.
    expect(Math.abs((found.get(9000) ?? 0) - 2000)).toBeLessThan(159);
    for (const at of [3, 4095, 4096, 9999]) expect(Math.abs((found.get(at) ?? 0) - 500)).toBeLessThan(106);
  });

  test('there is none if all positions are class 0 or ignored', () => {
    const classes = Uint16Array.of(0, 0, IGNORED, 0);
    expect(drawForeground(classes, countClassesByChunk(classes, 2), 2, new Rng(1, 'none'))).toBeUndefined();
  });
});

describe('cutPatch without augmentation', () => {
  test.each([
    { spatial: [9, 11], input: [6, 8], output: [2, 4], start: [3, 1], channels: 2 },
    { spatial: [4, 5], input: [12, 13], output: [6, 5], start: [-6, -4], channels: 1 },
    { spatial: [5, 6, 7], input: [7, 6, 5], output: [3, 6, 3], start: [-1, 2, 3], channels: 3 },
    { spatial: [1, 3], input: [4, 4], output: [4, 4], start: [-2, -1], channels: 1 },
  ])('$input of $spatial at $start: mirrored image, labels only inside', (one) => {
    const { spatial, input, output, start, channels } = one;
    const source = ramp(spatial, channels);
    const patch = { input, output };
    const cut = cutPatch(source, plainGeometry(input, start), patch);
    const positionOf = (index: number, size: readonly number[]) => {
      let rest = index;
      return size.map((_, axis) => {
        const inner = elementCount(size.slice(axis + 1));
        const at = Math.floor(rest / inner);
        rest %= inner;
        return at;
      });
    };
    const indexOf = (at: readonly number[]) =>
      at.reduce((sum, position, axis) => sum * (spatial[axis] ?? 1) + position, 0);
    for (const [i, value] of cut.image.entries()) {
      const channel = Math.floor(i / elementCount(input));
      const at = positionOf(i % elementCount(input), input).map((position, axis) =>
        mirrored((start[axis] ?? 0) + position, spatial[axis] ?? 1),
      );
      expect(value).toBe(channel * elementCount(spatial) + indexOf(at));
    }
    for (const [i, label] of cut.classes.entries()) {
      const at = positionOf(i, output).map(
        (position, axis) => (start[axis] ?? 0) + ((input[axis] ?? 0) - (output[axis] ?? 0)) / 2 + position,
      );
      const inside = at.every((position, axis) => position >= 0 && position < (spatial[axis] ?? 0));
      expect(label).toBe(inside ? indexOf(at) % 7 : IGNORED);
      expect(cut.border?.[i]).toBe(inside ? indexOf(at) / 2 : 0);
    }
  });

  test('the margin of U-Net is 92 on each side', () => {
    expect(marginsOf({ input: [572, 572], output: [388, 388] })).toEqual([92, 92]);
  });

  test.each([
    [{ input: [8], output: [8] }, 'rank'],
    [{ input: [8, 8], output: [8, 10] }, 'larger'],
    [{ input: [8, 0], output: [8, 0] }, 'whole'],
  ])('sizes that make no patch: %j', (patch, problem) => {
    expect(patchProblem(patch, 2)).toMatchObject({
      code: 'patch-size',
      args: { problem: { case: problem, ...patch } },
    });
  });
});

describe('coverWith', () => {
  test.each([
    { spatial: [100, 37], input: [32, 32], output: [32, 32] },
    { spatial: [20, 50], input: [44, 44], output: [24, 24] },
    { spatial: [9, 20, 30], input: [16, 16, 16], output: [8, 8, 8] },
  ])('every position of $spatial in exactly one patch of $output', ({ spatial, input, output }) => {
    const seen = new Uint16Array(elementCount(spatial));
    for (const window of ok(coverWith({ input, output }, spatial))) {
      for (const [axis, { start, from, to }] of window.entries()) {
        expect(from >= start && to <= start + (output[axis] ?? 0)).toBe(true);
      }
      const visit = (axis: number, index: number): void => {
        const { from = 0, to = 0 } = window[axis] ?? {};
        for (let i = from; i < to; i++) {
          const next = index * (spatial[axis] ?? 1) + i;
          if (axis === spatial.length - 1) seen[next] = (seen[next] ?? 0) + 1;
          else visit(axis + 1, next);
        }
      };
      visit(0, 0);
    }
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});
