import { describe, expect, test } from 'vitest';
import {
  type Augmentation,
  PROBABILITY,
  type ResolvedAugmentation,
  resolveAugmentations,
} from '../../src/data/augment/augmentation.js';
import { cutPatch } from '../../src/data/augment/cut.js';
import { displacementField } from '../../src/data/augment/displacement.js';
import { plainGeometry } from '../../src/data/augment/geometry.js';
import { drawGeometry } from '../../src/data/augment/spatial.js';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { elementCount } from '../../src/runtime/tensor.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { ok } from './folder.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => i);
const square = { input: [5, 5], output: [5, 5] };
/** An image of `spatial` with the value of each position given by `value`, and no labels that matter. */
function imageOf(spatial: readonly number[], value: (...place: number[]) => number) {
  const image = new Float32Array(elementCount(spatial));
  const fill = (place: readonly number[], index: number): void => {
    if (place.length === spatial.length) {
      image[index] = value(...place);
      return;
    }
    const size = spatial[place.length] ?? 1;
    for (let i = 0; i < size; i++) fill([...place, i], index * size + i);
  };
  fill([], 0);
  return { spatial, image, classes: new Uint16Array(image.length), border: undefined };
}
const draw = (
  augmentations: readonly ResolvedAugmentation[],
  patch: { input: readonly number[]; output: readonly number[] },
  start: readonly number[],
  seed: number,
  spacing = patch.input.map(() => 1),
) => drawGeometry(augmentations, patch, start, spacing, seed, 'augment/0/a');
/** Whether something that happens with the probability p of n times is within five standard deviations. */
function expectShare(count: number, n: number, p: number): void {
  expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)) + 1e-9);
}

describe('flip', () => {
  const source = imageOf([5, 5], (y, x) => 10 * y + x);
  test('each axis by itself; twice is the identity', () => {
    const seen = new Set<string>();
    for (const seed of SEEDS) {
      const geometry = draw([{ kind: 'flip' }], square, [0, 0], seed);
      const { image } = cutPatch(source, geometry, square);
      const [down, right] = [image[0] === 0 || image[0] === 4, image[0] === 0 || image[0] === 40];
      seen.add(`${down} ${right}`);
      const expected = imageOf([5, 5], (y, x) => 10 * (down ? y : 4 - y) + (right ? x : 4 - x));
      expect(image).toEqual(expected.image);
      expect(cutPatch({ ...source, image }, geometry, square).image).toEqual(source.image);
    }
    expect(seen.size).toBe(4);
  });
});

describe('rotate90', () => {
  const source = imageOf([8, 8], (y, x) => 10 * y + x);
  const turns: ((y: number, x: number) => [number, number])[] = [
    (y, x) => [y, x],
    (y, x) => [x, 4 - y],
    (y, x) => [4 - y, 4 - x],
    (y, x) => [4 - x, y],
  ];
  test('each quarter turn of the patch at its place, by indexes', () => {
    const counts = [0, 0, 0, 0];
    for (const seed of SEEDS) {
      const { image } = cutPatch(source, draw([{ kind: 'rotate90' }], square, [2, 1], seed), square);
      const which = turns.findIndex((turn) => {
        const expected = imageOf([5, 5], (y, x) => 10 * (2 + turn(y, x)[0]) + 1 + turn(y, x)[1]);
        return expected.image.every((value, i) => value === image[i]);
      });
      expect(which).not.toBe(-1);
      counts[which] = (counts[which] ?? 0) + 1;
    }
    for (const count of counts) expectShare(count, SEEDS.length, 0.25);
  });

  test('axes of other sizes or spacing stay', () => {
    const unequal = { input: [5, 7], output: [5, 7] };
    const flat = { input: [4, 6, 6], output: [4, 6, 6] };
    let turned = 0;
    for (const seed of SEEDS) {
      expect(draw([{ kind: 'rotate90' }], unequal, [0, 0], seed).matrix).toEqual([
        [1, 0],
        [0, 1],
      ]);
      expect(draw([{ kind: 'rotate90' }], square, [0, 0], seed, [2, 1]).matrix).toEqual([
        [1, 0],
        [0, 1],
      ]);
      const { matrix } = draw([{ kind: 'rotate90' }], flat, [0, 0, 0], seed);
      expect(matrix[0]).toEqual([1, 0, 0]);
      if (matrix[1]?.[1] !== 1) turned++;
    }
    expectShare(turned, SEEDS.length, 0.75);
  });
});

describe('rotate and scale', () => {
  const patch = { input: [9, 13], output: [5, 9] };
  const ramp = imageOf([40, 40], (y, x) => 3 * y - 2 * x);
  const drawn = Array.from({ length: 400 }, (_, seed) => ({
    turned: draw([{ kind: 'rotate', degrees: 30 }], patch, [14, 15], seed).matrix,
    scaled: draw([{ kind: 'scale', range: 0.5 }], patch, [14, 15], seed).matrix,
  }));

  test('as often as said, by up to the degrees and the range', () => {
    const angles = drawn.map(
      ({ turned: [[a = 0] = [], [c = 0] = []] }) => (Math.atan2(c, a) * 180) / Math.PI,
    );
    const factors = drawn.map(({ scaled: [[a = 0] = []] }) => 1 / a);
    expectShare(angles.filter((angle) => angle !== 0).length, 400, PROBABILITY.rotate);
    expectShare(factors.filter((factor) => factor !== 1).length, 400, PROBABILITY.scale);
    expect([Math.min(...angles) < -24, Math.max(...angles) > 24]).toEqual([true, true]);
    expect(angles.every((angle) => Math.abs(angle) <= 30)).toBe(true);
    expect([Math.min(...factors) < 0.75, Math.max(...factors) > 1.35]).toEqual([true, true]);
    expect(factors.every((factor) => factor >= 1 / 1.5 - 1e-9 && factor <= 1.5 + 1e-9)).toBe(true);
  });

  test('a turned ramp is the ramp along turned axes', () => {
    const seed = drawn.findIndex(({ turned }) => turned[0]?.[0] !== 1);
    const geometry = draw([{ kind: 'rotate', degrees: 30 }], patch, [14, 15], seed);
    const angle = Math.atan2(geometry.matrix[1]?.[0] ?? 0, geometry.matrix[0]?.[0] ?? 0);
    const cut = cutPatch(ramp, geometry, patch);
    const expected = imageOf([9, 13], (y, x) => {
      const [v, u] = [y - 4, x - 6];
      const [row, column] = [
        14 + 4 + v * Math.cos(angle) - u * Math.sin(angle),
        15 + 6 + v * Math.sin(angle) + u * Math.cos(angle),
      ];
      return 3 * row - 2 * column;
    });
    for (const [i, value] of expected.image.entries()) expect(cut.image[i]).toBeCloseTo(value, 3);
  });

  test('space is turned, not positions: axes may be spaced differently, but not more than three times', () => {
    const spacing = [2, 1, 1];
    const volume = { input: [8, 8, 8], output: [8, 8, 8] };
    for (let seed = 0; seed < 40; seed++) {
      const { matrix } = draw([{ kind: 'rotate', degrees: 30 }], volume, [0, 0, 0], seed, spacing);
      const inSpace = matrix.map((row, i) => row.map((v, j) => (v * (spacing[i] ?? 1)) / (spacing[j] ?? 1)));
      for (const [i, row] of inSpace.entries()) {
        for (const [j, other] of inSpace.entries()) {
          const product = row.reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0);
          expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
        }
      }
      const flat = draw([{ kind: 'rotate', degrees: 30 }], volume, [0, 0, 0], seed, [4, 1, 1]);
      expect(flat.matrix[0]).toEqual([1, 0, 0]);
    }
  });
});

describe('elastic', () => {
  /** The kernel of Keys 1981 with a = -1/2, as the paper writes it. */
  const kernel = (x: number): number => {
    const s = Math.abs(x);
    if (s < 1) return 1.5 * s ** 3 - 2.5 * s ** 2 + 1;
    return s < 2 ? -0.5 * s ** 3 + 2.5 * s ** 2 - 4 * s + 2 : 0;
  };

  test('cubic convolution through normal displacements at the points of the grid', () => {
    const [size, grid] = [
      [13, 21],
      [3, 5],
    ];
    const field = displacementField(size, grid, 4, new RandomStream(9, 'field'));
    const knots = new Float32Array(5 * 7);
    new RandomStream(9, 'field').fillNormal(knots, 4);
    for (const [i, value] of field.entries()) {
      const [v, u] = [(Math.floor(i / 21) * 2) / 12, ((i % 21) * 4) / 20];
      let sum = 0;
      for (const [k, knot] of knots.entries()) {
        sum += knot * kernel(v - (Math.floor(k / 7) - 1)) * kernel(u - ((k % 7) - 1));
      }
      expect(value).toBeCloseTo(sum, 4);
    }
    // A point of the grid is moved by what was drawn for it.
    expect(field[6 * 21 + 10]).toBeCloseTo(knots[2 * 7 + 3] ?? 0, 5);
  });

  test('one point moves the whole patch', () => {
    const field = displacementField([4, 4], [1, 1], 2, new RandomStream(1, 'one'));
    expect(new Set(field).size).toBe(1);
    expect(field[0]).not.toBe(0);
  });

  test('no deviation is the identity; with one the image follows the field', () => {
    const source = imageOf([30, 30], (y, x) => 5 * y + x);
    const patch = { input: [8, 8], output: [4, 4] };
    const still = draw([{ kind: 'elastic', grid: [3, 3], std: [0, 0] }], patch, [10, 11], 1);
    expect(cutPatch(source, still, patch)).toEqual(cutPatch(source, plainGeometry([8, 8], [10, 11]), patch));
    const moved = draw([{ kind: 'elastic', grid: [3, 3], std: [1, 0] }], patch, [10, 11], 1);
    const cut = cutPatch(source, moved, patch);
    for (const [i, value] of cut.image.entries()) {
      const [y, x] = [10 + Math.floor(i / 8) + (moved.displacement?.[0]?.[i] ?? 0), 11 + (i % 8)];
      expect(value).toBeCloseTo(5 * y + x, 3);
    }
    expect(moved.displacement?.[0]?.some((value) => Math.abs(value) > 0.3)).toBe(true);
  });
});

describe('image and labels', () => {
  const spatialKinds: readonly ResolvedAugmentation[] = [
    { kind: 'flip' },
    { kind: 'rotate90' },
    { kind: 'rotate', degrees: 45 },
    { kind: 'scale', range: 0.4 },
  ];
  test.each([
    { spatial: [90, 80], input: [64, 64], output: [40, 40], start: [-3, 20] },
    { spatial: [30, 40, 36], input: [28, 28, 28], output: [20, 20, 20], start: [2, 9, 11] },
  ])('stay together in $spatial', ({ spatial, input, output, start }) => {
    const blobs = imageOf(spatial, (...place) =>
      place.reduce((sum, position, axis) => sum + Math.sin(position / (4 + axis)), 0) > 0 ? 1 : 0,
    );
    const source = { ...blobs, classes: Uint16Array.from(blobs.image), border: blobs.image };
    const patch = { input, output };
    for (let seed = 0; seed < 12; seed++) {
      const augment: ResolvedAugmentation[] = [
        ...spatialKinds,
        { kind: 'elastic', grid: input.map(() => 3), std: input.map(() => 2) },
      ];
      const geometry = draw(augment, patch, start, seed);
      const cut = cutPatch(source, geometry, patch);
      let compared = 0;
      for (const [i, label] of cut.classes.entries()) {
        let [rest, inPatch, stride] = [i, 0, 1];
        for (let axis = input.length - 1; axis >= 0; axis--) {
          const [size, margin] = [output[axis] ?? 1, ((input[axis] ?? 0) - (output[axis] ?? 0)) / 2];
          inPatch += ((rest % size) + margin) * stride;
          rest = Math.floor(rest / size);
          stride *= input[axis] ?? 1;
        }
        const value = cut.image[inPatch];
        if (label === IGNORED) continue;
        // Interpolated by the same weights as the image.
        expect(cut.border?.[i]).toBeCloseTo(value ?? -1, 5);
        // Exactly 0 or 1: all neighbours are of one class.
        if (value !== 0 && value !== 1) continue;
        expect(label).toBe(value);
        compared++;
      }
      expect(compared).toBeGreaterThan(0.4 * cut.classes.length);
    }
  });

  test('a label is that of the nearest position, an image a mean of its neighbours', () => {
    const patch = { input: [3, 3], output: [3, 3] };
    const classes = Uint16Array.from({ length: 64 }, (_, i) => i);
    const source = { ...imageOf([8, 8], (y, x) => 8 * y + x), classes };
    const cut = cutPatch(source, plainGeometry([3, 3], [1.3, 2.6]), patch);
    const expected = imageOf([3, 3], (y, x) => 8 * (1 + y) + 3 + x);
    expect([...cut.classes]).toEqual([...expected.image]);
    for (const [i, value] of cut.image.entries()) {
      expect(value).toBeCloseTo(8 * (1.3 + Math.floor(i / 3)) + 2.6 + (i % 3), 4);
    }
    // Half a position outside belongs to the border; more is nobody's.
    const outside = cutPatch(source, plainGeometry([3, 3], [-0.4, 6.4]), patch).classes;
    expect([...outside]).toEqual([6, 7, IGNORED, 14, 15, IGNORED, 22, 23, IGNORED]);
  });

  test('the same seed and name give the same bytes; another name others', () => {
    const source = imageOf([60, 60], (y, x) => Math.sin(y * x));
    const patch = { input: [32, 32], output: [32, 32] };
    const augment: ResolvedAugmentation[] = [...spatialKinds, { kind: 'elastic', grid: [3, 3], std: [2, 2] }];
    const make = (seed: number, name: string) =>
      cutPatch(source, drawGeometry(augment, patch, [9, 9], [1, 1], seed, name), patch).image;
    expect(make(1, 'a')).toEqual(make(1, 'a'));
    expect(make(1, 'a')).not.toEqual(make(1, 'b'));
    expect(make(1, 'a')).not.toEqual(make(2, 'a'));
  });
});

describe('resolveAugmentations', () => {
  const patch = { input: [572, 572], output: [388, 388] };
  const elastic = (std?: { value: number; unit: string }, grid?: number[]): Augmentation => ({
    kind: 'elastic',
    std,
    grid,
  });
  test('without numbers, elastic is as in the papers', () => {
    expect(ok(resolveAugmentations([elastic()], patch, undefined))).toEqual([
      { kind: 'elastic', grid: [3, 3], std: [10, 10] },
    ]);
    const volume = { input: [129, 129, 129], output: [44, 44, 28] };
    expect(ok(resolveAugmentations([elastic(undefined, [5, 5])], volume, undefined))).toEqual([
      { kind: 'elastic', grid: [5, 5, 5], std: [4, 4, 4] },
    ]);
  });

  test('lengths in um are positions of each axis', () => {
    const list: Augmentation[] = [
      elastic({ value: 8, unit: 'um' }),
      { kind: 'blur', std: { value: 0.004, unit: 'mm' } },
    ];
    expect(ok(resolveAugmentations(list, patch, [4, 2]))).toEqual([
      { kind: 'elastic', grid: [3, 3], std: [2, 4] },
      { kind: 'blur', std: [1, 2] },
    ]);
    expect(resolveAugmentations(list, patch, undefined)).toMatchObject({
      code: 'spacing-missing',
      args: { attribute: 'augment', setting: 'std', of: 'elastic', length: { value: 8, unit: 'um' } },
    });
    expect(resolveAugmentations([elastic(undefined, [3, 4, 5])], patch, undefined)).toMatchObject({
      code: 'grid-axes',
      args: { grid: [3, 4, 5], rank: 2 },
    });
  });
});
