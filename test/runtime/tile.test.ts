import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import type { Session } from '../../src/runtime/engine.js';
import { type FitOptions, type InputRule, type Plan, planFit } from '../../src/runtime/inference/fit.js';
import { predict } from '../../src/runtime/inference/predict.js';
import { reflect } from '../../src/runtime/inference/tile.js';
import { elementCount, type Tensor } from '../../src/runtime/tensor.js';

/** Every position of a shape, last axis fastest. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((p) => Array.from({ length: size }, (_, i) => [...p, i])),
    [[]],
  );
}

function at(tensor: Tensor, position: readonly number[]): number {
  let index = 0;
  for (const [axis, size] of tensor.shape.entries()) index = index * size + (position[axis] ?? Number.NaN);
  const value = tensor.data[index];
  if (value === undefined) throw new Error(`${position} is outside ${tensor.shape}`);
  return value;
}

/** Walks to a position step by step and turns round at the borders: no formula. */
function bounce(position: number, size: number): number {
  let [place, direction] = [0, Math.sign(position)];
  for (let i = 0; i < Math.abs(position) && size > 1; i++) {
    if (place + direction < 0 || place + direction >= size) direction = -direction;
    place += direction;
  }
  return place;
}

/** A whole-number image, so that sums are exact in any order. */
function randomImage(shape: readonly number[], seed: number): Tensor {
  let state = seed + 1;
  const data = Float32Array.from({ length: elementCount(shape) }, () => {
    state = (state * 48271) % 2147483647;
    return state % 256;
  });
  return { shape, data };
}

interface Network {
  readonly margin: readonly number[];
  /** Sum over the input channels, value of an output position from its window of margin + 1 positions. */
  readonly session: Session;
  readonly seen: number[][];
}

/**
 * Without padding: output channel 0 is the sum of the window, channel 1 its first corner, which tells
 * shifted or swapped axes apart. A margin of zeros is the identity.
 */
function slidingNetwork(margin: readonly number[]): Network {
  const seen: number[][] = [];
  const session: Session = {
    inputs: [],
    outputs: [{ name: 'y', type: 'float32', shape: [] }],
    metadata: {},
    run: async (input) => {
      seen.push(input.shape.slice(2));
      const [, channels = 0, ...spatial] = input.shape;
      const size = spatial.map((n, axis) => n - (margin[axis] ?? 0));
      const value = (p: readonly number[]) =>
        Array.from({ length: channels }, (_, c) => (c + 1) * at(input, [0, c, ...p])).reduce((a, b) => a + b);
      const sums = positions(size).map((p) =>
        positions(margin.map((m) => m + 1)).reduce(
          (sum, q) => sum + value(p.map((n, i) => n + (q[i] ?? 0))),
          0,
        ),
      );
      const data = Float32Array.from([...sums, ...positions(size).map(value)]);
      return new Map([['y', { shape: [1, 2, ...size], data }]]);
    },
    close: async () => {},
  };
  return { margin, session, seen };
}

/** The same from the definition, on the image mirrored without end. */
function slidingExpected(image: Tensor, margin: readonly number[]): number[] {
  const [channels = 0, ...spatial] = image.shape;
  const value = (p: readonly number[]) =>
    Array.from(
      { length: channels },
      (_, c) => (c + 1) * at(image, [c, ...p.map((n, i) => bounce(n, spatial[i] ?? 0))]),
    ).reduce((a, b) => a + b);
  const corner = (p: readonly number[]) => p.map((n, i) => n - Math.floor((margin[i] ?? 0) / 2));
  const all = positions(spatial).map(corner);
  const sums = all.map((p) =>
    positions(margin.map((m) => m + 1)).reduce((sum, q) => sum + value(p.map((n, i) => n + (q[i] ?? 0))), 0),
  );
  return [...sums, ...all.map(value)];
}

function planned(plan: Plan | Failure): Plan {
  if (plan instanceof Failure) throw new Error(plan.message);
  return plan;
}

async function run(session: Session, image: Tensor, plan: Plan): Promise<Tensor> {
  const result = await predict(session, image, plan);
  if (result instanceof Failure) throw new Error(result.message);
  return result;
}

const AXES = ['D', 'H', 'W'];

/** A random task of a rank: sizes, margins, rules that admit some window, and options. */
function tasks(rank: number, largest: number) {
  const axis = fc.record({
    size: fc.integer({ min: 1, max: largest }),
    margin: fc.integer({ min: 0, max: 5 }),
    step: fc.integer({ min: 1, max: 4 }),
    offset: fc.integer({ min: -5, max: 5 }),
    extra: fc.integer({ min: 1, max: 6 }),
    fixed: fc.boolean(),
  });
  return fc.record({
    axes: fc.array(axis, { minLength: rank, maxLength: rank }),
    channels: fc.integer({ min: 1, max: 2 }),
    room: fc.integer({ min: 0, max: 6 }),
    overlap: fc.constantFrom(undefined, 0, 0.3, 0.6),
    seed: fc.nat(),
  });
}

describe('tiling', () => {
  for (const [rank, largest, runs] of [
    [1, 40, 100],
    [2, 13, 150],
    [3, 6, 60],
  ] as const) {
    test(`equals the untiled network on the mirrored image, ${rank}D`, async () => {
      await fc.assert(
        fc.asyncProperty(tasks(rank, largest), async ({ axes, channels, room, overlap, seed }) => {
          const rules = axes.map(
            ({ margin, step, offset, extra, fixed }, i): InputRule =>
              fixed
                ? { axis: AXES[i] ?? '', fixed: margin + extra }
                : { axis: AXES[i] ?? '', step, offset, minimum: extra },
          );
          const margin = axes.map((a) => a.margin);
          const tileSize = Math.max(...axes.map((a) => Math.max(a.margin + 1, a.extra) + a.step)) + room;
          const options: FitOptions = { tileSize, ...(overlap === undefined ? {} : { overlap }) };
          const image = randomImage([channels, ...axes.map((a) => a.size)], seed);
          const network = slidingNetwork(margin);
          const plan = planned(planFit(rules, margin, image.shape.slice(1), options));
          const result = await run(network.session, image, plan);
          expect(result.shape).toEqual([2, ...image.shape.slice(1)]);
          const expected = slidingExpected(image, margin);
          // Averages of equal numbers may be one rounding off.
          for (const [i, value] of expected.entries()) {
            expect(Math.abs((result.data[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(value * 2e-7);
          }
          for (const window of network.seen) {
            for (const [i, rule] of rules.entries()) {
              const size = window[i] ?? 0;
              if ('fixed' in rule) expect(size).toBe(rule.fixed);
              else {
                expect(Math.abs((size - rule.offset) % rule.step)).toBe(0);
                expect(size).toBeGreaterThanOrEqual(rule.minimum);
                expect(size).toBeLessThanOrEqual(tileSize);
              }
            }
          }
        }),
        { seed: 7, numRuns: runs },
      );
    });
  }

  test('keeps poolings on the same pixels where the step allows it', async () => {
    // Each block of 4 becomes its largest value: it depends on where a window begins.
    const blocks: Session = {
      inputs: [],
      outputs: [{ name: 'y', type: 'float32', shape: [] }],
      metadata: {},
      run: async ({ shape, data }) => {
        const largest = data.map((_, i) => Math.max(...data.subarray(i - (i % 4), i - (i % 4) + 4)));
        return new Map([['y', { shape, data: largest }]]);
      },
      close: async () => {},
    };
    for (const [size, overlap] of [
      [64, 0],
      [64, 0.25],
      [100, 0.25],
      [52, 0],
    ] as const) {
      const image = randomImage([1, size], size);
      const rule = { axis: 'W', step: 4, offset: 0, minimum: 4 };
      const plan = planned(planFit([rule], [0], [size], { tileSize: 24, overlap }));
      expect(plan.axes[0]?.placements.length).toBeGreaterThan(2);
      const expected = Array.from(image.data, (_, i) =>
        Math.max(...image.data.subarray(i - (i % 4), i - (i % 4) + 4)),
      );
      expect(Array.from((await run(blocks, image, plan)).data)).toEqual(expected);
    }
  });

  test('overlaps are averaged with equal weights', async () => {
    // The network answers with how often it was called.
    let calls = 0;
    const counter: Session = {
      ...slidingNetwork([0]).session,
      run: async ({ shape, data }) => new Map([['y', { shape, data: data.map(() => calls) }]]),
    };
    const plan = planned(planFit([{ axis: 'W', fixed: 4 }], [0], [6], { overlap: 0.5 }));
    const result = await predict(counter, randomImage([1, 6], 1), plan, {
      onProgress: (done, total) => {
        expect([done, total]).toEqual([++calls, 2]);
      },
    });
    if (result instanceof Failure) throw new Error(result.message);
    expect(Array.from(result.data)).toEqual([0, 0, 0.5, 0.5, 1, 1]);
  });

  test('reflect mirrors without repeating the border', () => {
    expect([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((i) => reflect(i, 3))).toEqual([
      1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2,
    ]);
    for (let size = 1; size < 6; size++) {
      for (let i = -20; i < 20; i++) expect(reflect(i, size)).toBe(bounce(i, size));
    }
  });

  test('an output that contradicts the margin is a failure', async () => {
    const plan = planned(planFit([{ axis: 'W', fixed: 8 }], [2], [6]));
    const result = await predict(slidingNetwork([4]).session, randomImage([1, 6], 1), plan);
    expect(result).toEqual(
      failure('output-shape-mismatch', { output: 'y', shape: [1, 2, 4], input: [1, 1, 8], expected: [6] }),
    );
  });

  test('an output that does not exist is a failure', async () => {
    const plan = planned(planFit([{ axis: 'W', fixed: 8 }], [0], [8]));
    const image = randomImage([1, 8], 1);
    const result = await predict(slidingNetwork([0]).session, image, plan, { output: 'z' });
    expect(result).toEqual(failure('missing-output', { output: 'z', outputs: ['y'] }));
  });
});

describe('resize', () => {
  test('a linear ramp comes back as itself between the outer pixel centres', async () => {
    const data = Float32Array.from({ length: 16 * 8 }, (_, i) => 3 * (i % 16) + Math.floor(i / 16));
    const image: Tensor = { shape: [1, 8, 16], data };
    const rules = [
      { axis: 'H', fixed: 18 },
      { axis: 'W', fixed: 36 },
    ];
    const plan = planned(planFit(rules, [2, 4], [8, 16], { strategy: 'resize' }));
    expect(plan.summary).toBe(
      'resized from 8 x 16 to 16 x 32 and back: one window of 18 x 36, borders mirrored by up to 2 pixels per side',
    );
    const result = await run(slidingNetwork([2, 4]).session, image, plan);
    expect(result.shape).toEqual([2, 8, 16]);
    // The sum of a 3 x 5 window of a ramp is 15 times its middle.
    for (const [y, x] of positions([8, 16]) as [number, number][]) {
      if (y < 3 || y > 4 || x < 3 || x > 12) continue;
      expect(at(result, [0, y, x])).toBeCloseTo(15 * (3 * x + y), 2);
    }
  });

  test('shrinking averages with a triangle as wide as the scale', async () => {
    const image: Tensor = { shape: [1, 8], data: Float32Array.from([0, 0, 0, 8, 0, 0, 0, 0]) };
    const plan = planned(planFit([{ axis: 'W', fixed: 4 }], [0], [8], { strategy: 'resize' }));
    let seen: number[] = [];
    const session: Session = {
      ...slidingNetwork([0]).session,
      run: async (input) => {
        seen = Array.from(input.data);
        return new Map([['y', input]]);
      },
    };
    await run(session, image, plan);
    // By hand: the outputs are centred on 1, 3, 5, 7; inputs lie at 0.5, 1.5, ... and weigh 1 - d / 2.
    // Output 1: distances 1.5, 0.5, 0.5, 1.5 weigh 1, 3, 3, 1 of 8; at the border the sum is 7 of 8.
    expect(seen[0]).toBeCloseTo(0, 6);
    expect(seen[1]).toBeCloseTo((8 * 3) / 8, 6);
    expect(seen[2]).toBeCloseTo((8 * 1) / 8, 6);
    expect(seen[3]).toBeCloseTo(0, 6);
  });
});
