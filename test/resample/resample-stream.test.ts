import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageValues } from '../../src/normalize/normalize-image.js';
import type { PositionRange } from '../../src/resample/axis-taps.js';
import type { Resampling } from '../../src/resample/plane-chain.js';
import { RangeMeter } from '../../src/resample/range-meter.js';
import { resampleImage, resampleLogits } from '../../src/resample/resample.js';
import { labelStream, resamplePlanes } from '../../src/resample/resample-stream.js';
import { imageOf, numbersFrom } from '../normalize/images.js';

/** Reads planes of an image in memory, and keeps which were asked for. */
function reader({ shape, data }: ImageValues) {
  const [channels = 0, depth = 0, ...rest] = shape;
  const plane = rest.reduce((product, size) => product * size, 1);
  const asked: PositionRange[] = [];
  const read = (range: PositionRange): ImageValues => {
    asked.push(range);
    const { first, end } = range;
    const parts = Array.from({ length: channels }, (_, c) =>
      data.subarray((c * depth + first) * plane, (c * depth + end) * plane),
    );
    return {
      shape: [channels, end - first, ...rest],
      data: Float32Array.from(parts.flatMap((part) => [...part])),
    };
  };
  return { read, asked };
}

/** The rows of (C, rows, ...) as planes (C, ...). */
function planesOf({ shape, data }: ImageValues): number[][] {
  const [channels = 0, depth = 0] = shape;
  const plane = data.length / (channels * depth);
  return Array.from({ length: depth }, (_, i) =>
    Array.from({ length: channels }, (_, c) => [
      ...data.subarray((c * depth + i) * plane, (c * depth + i + 1) * plane),
    ]).flat(),
  );
}

async function all(planes: AsyncIterable<Float32Array>): Promise<number[][]> {
  const found: number[][] = [];
  for await (const plane of planes) found.push([...plane]);
  return found;
}

function expectClose(found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, plane] of found.entries()) {
    expect(plane.length).toBe(wanted[i]?.length);
    for (const [k, value] of plane.entries()) {
      if (!(Math.abs(value - (wanted[i]?.[k] ?? Number.NaN)) < 1e-6)) {
        expect.fail(`plane ${i}, ${k}: ${value} instead of ${wanted[i]?.[k]}`);
      }
    }
  }
}

const settings = fc.integer({ min: 1, max: 3 }).chain((rank) =>
  fc.record({
    depth: fc.integer({ min: 1, max: 90 }),
    newDepth: fc.integer({ min: 1, max: 90 }),
    from: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: rank - 1, maxLength: rank - 1 }),
    to: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: rank - 1, maxLength: rank - 1 }),
    order: fc.constantFrom(0 as const, 1 as const, 3 as const),
    separate: fc.option(fc.nat({ max: rank - 1 }), { nil: undefined }),
    separateOrder: fc.constantFrom(0 as const, 1 as const, 3 as const),
    bandSize: fc.integer({ min: 1, max: 40 }),
    rows: fc.tuple(fc.nat({ max: 89 }), fc.nat({ max: 89 })),
    seed: fc.nat(),
  }),
);

test('a stream of bands gives what the whole image gives, all of it or some rows', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ depth, newDepth, bandSize, rows, seed, ...other }) => {
      const from = [depth, ...other.from];
      const to = [newDepth, ...other.to];
      const { order, separate, separateOrder } = other;
      const resampling: Resampling = { from, to, order, separate, separateOrder };
      const image = imageOf([2, ...from], (next) => next(), seed);
      const whole = planesOf(resampleImage(image, to, { order, separate, separateOrder }));
      const { read } = reader(image);
      expectClose(await all(resamplePlanes(read, 2, resampling, { bandSize })), whole);

      const [first = 0, last = 0] = rows.map((row) => row % newDepth).sort((a, b) => a - b);
      const part = { ...resampling, rows: { first, end: last + 1 } };
      const meter = new RangeMeter(2, resampling);
      meter.add(image);
      expectClose(
        await all(resamplePlanes(read, 2, part, { bandSize, ranges: meter.ranges })),
        whole.slice(first, last + 1),
      );
    }),
    { seed: 2, numRuns: 120 },
  );
});

test('some rows ask only for the planes near them', async () => {
  const image = imageOf([1, 400, 2], (next) => next(), 7);
  const { read, asked } = reader(image);
  const ranges = [[{ low: 0, high: 1 }]];
  const resampling = { from: [400, 2], to: [200, 2], order: 3, rows: { first: 100, end: 110 } } as const;
  await all(resamplePlanes(read, 1, resampling, { bandSize: 8, ranges }));
  expect(asked[0]?.first).toBeGreaterThanOrEqual(200 - 16);
  expect(asked.at(-1)?.end).toBeLessThanOrEqual(220 + 16);
});

test('labels of a stream are those of the whole', () => {
  fc.assert(
    fc.property(settings, ({ depth, newDepth, bandSize, seed, from, to, separate }) => {
      const classes = 3;
      const resampling = { from: [depth, ...from], to: [newDepth, ...to], separate };
      const logits = imageOf([classes, ...resampling.from], (next) => next(), seed);
      const { shape, data } = resampleLogits(logits, resampling.to, separate);
      const positions = data.length / classes;
      const wanted = Array.from({ length: positions }, (_, i) => {
        const values = Array.from({ length: classes }, (_, c) => data[c * positions + i] ?? 0);
        return values.indexOf(Math.max(...values));
      });
      const { read } = reader(logits);
      const stream = labelStream(classes, resampling);
      const found: number[] = [];
      for (let at = stream.inputs.first; at < stream.inputs.end; at += bandSize) {
        const band = read({ first: at, end: Math.min(stream.inputs.end, at + bandSize) });
        for (const plane of stream.push(band)) found.push(...plane);
      }
      expect(shape.slice(1)).toEqual(resampling.to);
      expect(found).toEqual(wanted);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('the first of equal logits counts, and more than 256 classes need 16 bits', () => {
  const next = numbersFrom(1);
  const classes = 300;
  const stream = labelStream(classes, { from: [2, 3], to: [2, 3] });
  const best = [299, 0, 256, 17, 255, 1];
  const data = new Float32Array(classes * 6);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / 6) === best[i % 6] ? 2 : next();
  data[298 * 6] = 2;
  const planes = stream.push({ shape: [classes, 2, 3], data });
  expect(planes.flatMap((plane) => [...plane])).toEqual([298, ...best.slice(1)]);
  expect(planes.every((plane) => plane instanceof Uint16Array)).toBe(true);
});

test('a stream takes no more planes than its inputs', () => {
  const stream = labelStream(1, { from: [2, 3], to: [4, 3] });
  const band = { shape: [1, 2, 3], data: new Float32Array(6) };
  expect(stream.push(band).length).toBe(4);
  expect(() => stream.push(band)).toThrow();
});
