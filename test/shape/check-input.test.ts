import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Fix } from '../../src/diagnostics/diagnostic.js';
import { admissibleSizes, fits, nearestSizes } from '../../src/shape/admissible.js';
import { Random } from '../grammar/random.js';
import { elaborateText } from '../random/elaborated.js';
import { NETWORK, randomSpec, seedNote } from '../random/random-spec.js';
import { propagate } from './propagate.js';

function applied(text: string, { edits }: Fix): string {
  const fromTheEnd = edits.toSorted((a, b) => b.span.start - a.span.start);
  return fromTheEnd.reduce(
    (out, { span, newText }) => out.slice(0, span.start) + newText + out.slice(span.end),
    text,
  );
}

/** The sizes of the input that a text has. */
function inputOf(text: string): readonly number[] {
  const sizes = /input = ([\dx ]+)/.exec(text)?.[1]?.split('x').map(Number) ?? [];
  return sizes.slice(1);
}

test('an input that does not fit is refused for the axes that it does not fit, with the nearest sizes that do', () => {
  let [refused, accepted, mended] = [0, 0, 0];
  for (let seed = 2_000; seed < 2_200; seed += 1) {
    const random = new Random(seed);
    const spec = randomSpec(seed);
    const spatial = Array.from({ length: spec.rank }, () => 1 + random.below(400));
    const text = spec.textAt(spatial);
    const { graph } = elaborateText(text, NETWORK);
    if (!graph || admissibleSizes(graph).kind !== 'sizes') continue;
    const why = seedNote(spec, spatial);
    const fitting = (axis: number, size: number) => propagate(graph, axis, size) !== undefined;
    const nearest = (axis: number, from: number, by: 1 | -1) => {
      let size = from;
      while (size >= 1 && !fitting(axis, size)) size += by;
      return size;
    };
    const wrong = spatial.flatMap((size, axis) => (fitting(axis, size) ? [] : [axis]));
    const { diagnostics } = compile('net.unet', text);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (wrong.length === 0) {
      accepted += 1;
      expect(errors, why).toEqual([]);
      continue;
    }
    refused += 1;
    const named = errors.flatMap(({ message }) => /^(.*?) = /.exec(message)?.[1]?.split(' and ') ?? []);
    expect(named.sort(), why).toEqual(wrong.map((axis) => 'DHW'[3 - spec.rank + axis]).sort());
    for (const { code, fixes } of errors) {
      expect(['input-does-not-fit', 'input-too-small'], why).toContain(code);
      const above = spatial.map((size, axis) => nearest(axis, size, 1));
      const below = spatial.map((size, axis) => nearest(axis, size, -1));
      const expected = below.every((size) => size >= 1) ? [above, below] : [above];
      const texts = fixes.map((fix) => applied(text, fix));
      expect(texts.map(inputOf), why).toEqual(expected);
      for (const fixed of texts) {
        mended += 1;
        const left = compile('net.unet', fixed).diagnostics.filter(({ severity }) => severity === 'error');
        expect(
          left.map(({ message }) => message),
          fixed,
        ).toEqual([]);
      }
    }
  }
  expect(refused).toBeGreaterThan(60);
  expect(accepted).toBeGreaterThan(5);
  expect(mended).toBeGreaterThan(80);
});

test('the nearest sizes are the next that fit, and the size itself where it does', () => {
  const axis = { axis: 'H', step: 6, offset: 4, minimum: 22 };
  for (let size = 1; size < 80; size += 1) {
    const near = nearestSizes(axis, size);
    const above = near.above ?? Number.NaN;
    expect(fits(axis, above)).toBe(true);
    expect(above - size).toBeGreaterThanOrEqual(0);
    expect(above - size < 6 || above === 22).toBe(true);
    if (size < 22) expect(near.below).toBeUndefined();
    else {
      expect(fits(axis, near.below ?? -1)).toBe(true);
      expect(size - (near.below ?? -1)).toBeLessThan(6);
      expect(near.below === near.above).toBe(fits(axis, size));
    }
  }
});

test('up to a largest size the same, and behind it nothing above', () => {
  const axis = { axis: 'H', step: 6, offset: 4, minimum: 22, maximum: 34 };
  const fitting = [22, 28, 34];
  for (let size = 1; size < 80; size += 1) {
    expect(fits(axis, size)).toBe(fitting.includes(size));
    expect(nearestSizes(axis, size)).toEqual({
      below: fitting.findLast((one) => one <= size),
      above: fitting.find((one) => one >= size),
    });
  }
});
