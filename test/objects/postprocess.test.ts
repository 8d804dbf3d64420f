import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import type { LabelArray, LabelImage } from '../../src/objects/label-array.js';
import { postprocess, postprocessBands } from '../../src/objects/postprocess/postprocess.js';
import type { PostprocessingStep } from '../../src/objects/postprocess/step.js';
import { checkPostprocessing } from '../../src/objects/postprocess/step-fit.js';
import { parsePostprocessing, postprocessingText } from '../../src/objects/postprocess/step-text.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { floodedComponents, neighboursOf, pointOf, randomMaps } from './random-maps.js';

function steps(...texts: string[]): readonly PostprocessingStep[] {
  const parsed = parsePostprocessing(texts);
  if (parsed instanceof Failure) throw new Error(parsed.message);
  return parsed;
}

function applied(map: LabelImage, text: string, micrometres?: readonly number[]): number[] {
  const result = postprocess(map, steps(...text.split(' | ')), micrometres);
  if (result instanceof Failure) throw new Error(result.message);
  return [...result];
}

/** A map from rows of digits; blanks are for people. */
function drawn(...rows: string[]): LabelImage {
  const plain = rows.map((row) => row.replaceAll(' ', ''));
  return { labels: Uint8Array.from(plain.join(''), Number), shape: [plain.length, plain[0]?.length ?? 0] };
}

const maps = [...randomMaps(60, 2, 14), ...randomMaps(40, 3, 7)];

/** The positions of each component, from a flood fill. */
function partsOf(map: LabelImage, axes: number): number[][] {
  const parts: number[][] = [];
  for (const [i, component] of floodedComponents(map, axes).entries()) {
    if (component === 0) continue;
    const part = parts[component - 1] ?? [];
    parts[component - 1] = part;
    part.push(i);
  }
  return parts;
}

/** A map without the parts that are not kept. */
function without(map: LabelImage, parts: readonly number[][], isKept: (part: number[]) => boolean): number[] {
  const result = [...map.labels];
  for (const part of parts) if (!isKept(part)) for (const i of part) result[i] = 0;
  return result;
}

function onlyClass({ labels, shape }: LabelImage, label: number): LabelImage {
  return { shape, labels: labels.map((value) => (value === label ? 1 : 0)) };
}

describe('the text of steps', () => {
  const common = { scope: 'each class' } as const;
  it.each<[string, PostprocessingStep, string?]>([
    ['largest', { step: 'largest', ...common, count: 1, connectivity: 'corners' }],
    ['largest: 3', { step: 'largest', ...common, count: 3, connectivity: 'corners' }],
    [
      'foreground:largest',
      { step: 'largest', scope: 'foreground', count: 1, connectivity: 'corners' },
      'foreground: largest',
    ],
    [
      'class 12 : fill-holes',
      { step: 'fill-holes', scope: { label: 12 }, connectivity: 'faces' },
      'class 12: fill-holes',
    ],
    [
      'min-size: 30',
      { step: 'min-size', ...common, size: { value: 30, unit: 'px' }, connectivity: 'corners' },
    ],
    [
      'min-size: 2.5px',
      { step: 'min-size', ...common, size: { value: 2.5, unit: 'px' }, connectivity: 'corners' },
      'min-size: 2.5',
    ],
    [
      'min-size: 30, connectivity 1',
      { step: 'min-size', ...common, size: { value: 30, unit: 'px' }, connectivity: 1 },
    ],
    [
      'min-size: 1.5 µm²',
      { step: 'min-size', ...common, size: { value: 1.5, unit: 'um', power: 2 }, connectivity: 'corners' },
      'min-size: 1.5 um2',
    ],
    [
      'min-size: 1e-3 MM^3',
      { step: 'min-size', ...common, size: { value: 0.001, unit: 'mm', power: 3 }, connectivity: 'corners' },
      'min-size: 0.001 mm3',
    ],
  ])('%s', (text, step, shortest = text) => {
    expect(parsePostprocessing([text])).toEqual([step]);
    expect(postprocessingText(step)).toBe(shortest);
    expect(parsePostprocessing([shortest])).toEqual([step]);
  });

  it.each([
    ['', { case: 'step', name: '' }],
    ['class 1', { case: 'step', name: '' }],
    ['bigest', { case: 'step', name: 'bigest' }],
    ['largst', { case: 'step', name: 'largst', nearest: 'largest' }],
    ['largest: 0', { case: 'value', step: 'largest', value: '0' }],
    ['largest:', { case: 'value', step: 'largest', value: '' }],
    ['largest: two', { case: 'value', step: 'largest', value: 'two' }],
    ['largest: 1: 2', { case: 'value', step: 'largest', value: '1:2' }],
    ['fill-holes: 1', { case: 'value', step: 'fill-holes', value: '1' }],
    ['foreground: fill-holes', { case: 'scope', step: 'fill-holes' }],
    ['min-size', { case: 'value', step: 'min-size', value: '' }],
    ['min-size: 0', { case: 'value', step: 'min-size', value: '0' }],
    ['min-size: -3', { case: 'value', step: 'min-size', value: '-3' }],
    ['min-size: 3 um', { case: 'value', step: 'min-size', value: '3 um' }],
    ['min-size: 3 m2', { case: 'value', step: 'min-size', value: '3 m2' }],
    ['class 0: largest', { case: 'class', value: '0' }],
    ['class nucleus: largest', { case: 'class', value: 'nucleus' }],
    ['largest, 1', { case: 'option', value: '1' }],
    ['largest, connectivity 0', { case: 'option', value: 'connectivity 0' }],
  ])('%s is no step', (text, problem) => {
    expect(parsePostprocessing(['largest', text])).toMatchObject({
      code: 'invalid-postprocessing',
      args: { text, problem },
    });
  });

  it.each([
    ['class 3: largest', { rank: 2, classes: 3 }, { case: 'class', label: 3, classes: 3 }],
    ['largest, connectivity 3', { rank: 2 }, { case: 'connectivity', connectivity: 3, rank: 2 }],
    ['min-size: 3 um2', { rank: 2 }, { case: 'no-spacing' }],
    ['min-size: 3 um2', { rank: 3, micrometres: [1, 1, 1] }, { case: 'power', power: 2, rank: 3 }],
  ])('%s does not fit', (text, facts, problem) => {
    expect(checkPostprocessing(steps('largest', text), facts)).toMatchObject({
      code: 'unfit-postprocessing',
      args: { step: text, problem },
    });
  });

  it('fits otherwise', () => {
    expect(
      checkPostprocessing(steps('class 2: largest', 'min-size: 3'), { rank: 2, classes: 3 }),
    ).toBeUndefined();
    expect(
      checkPostprocessing(steps('min-size: 3 mm3'), { rank: 3, micrometres: [1, 1, 1] }),
    ).toBeUndefined();
    expect(postprocess({ labels: new Uint8Array(4), shape: [2, 2] }, steps('min-size: 3 um2'))).toMatchObject(
      {
        code: 'unfit-postprocessing',
      },
    );
  });
});

describe('largest', () => {
  it('keeps the first of the largest components of each class', () => {
    for (const map of maps) {
      const { length: rank } = map.shape;
      const parts = partsOf(map, rank);
      const best = new Map<number | undefined, number[]>();
      for (const part of parts) {
        const label = map.labels[part[0] ?? 0];
        if (part.length > (best.get(label)?.length ?? 0)) best.set(label, part);
      }
      const kept = new Set(best.values());
      expect(applied(map, 'largest')).toEqual(without(map, parts, (part) => kept.has(part)));
    }
  });

  it('looks at one class, at the foreground, and at as many as it is told to', () => {
    const map = drawn('1 1 0 2 2', '0 0 0 0 2', '1 2 0 1 0', '0 0 0 1 1', '2 0 0 0 1');
    expect(applied(map, 'class 2: largest')).toEqual([
      ...drawn('11022', '00002', '10010', '00011', '00001').labels,
    ]);
    // The lower right 1s touch the upper right 2s at a corner.
    expect(applied(map, 'foreground: largest')).toEqual([
      ...drawn('00022', '00002', '00010', '00011', '00001').labels,
    ]);
    expect(applied(map, 'class 1: largest: 2')).toEqual([
      ...drawn('11022', '00002', '02010', '00011', '20001').labels,
    ]);
    expect(applied(map, 'foreground: largest, connectivity 1')).toEqual([
      ...drawn('00000', '00000', '00010', '00011', '00001').labels,
    ]);
  });
});

describe('min-size', () => {
  it('removes components with fewer positions', () => {
    for (const map of maps) {
      for (let axes = 1; axes <= map.shape.length; axes++) {
        const expected = without(map, partsOf(map, axes), (part) => part.length >= 4);
        expect(applied(map, `min-size: 4, connectivity ${axes}`)).toEqual(expected);
      }
    }
  });

  it('knows areas and volumes, and keeps what has exactly this size', () => {
    const map = drawn('1 1 1 0 2 2');
    // A position has 0.1 x 0.3 um: three of them are 0.09 um2, which no sum of floats is exactly.
    expect(applied(map, 'min-size: 0.09 um2', [0.1, 0.3])).toEqual([1, 1, 1, 0, 0, 0]);
    expect(applied(map, 'min-size: 90000 nm2', [0.1, 0.3])).toEqual([1, 1, 1, 0, 0, 0]);
    expect(applied(map, 'min-size: 0.0901 um2', [0.1, 0.3])).toEqual([0, 0, 0, 0, 0, 0]);
    const volume = { labels: Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 1), shape: [1, 2, 4] };
    expect(applied(volume, 'min-size: 2 mm3', [1000, 2000, 500])).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
  });
});

describe('fill-holes', () => {
  it('fills what does not reach the border, with the class that most of its faces belong to', () => {
    for (const map of maps) {
      const background = onlyClass(map, 0);
      const expected = [...map.labels];
      for (const part of partsOf(background, 1)) {
        const isOpen = part.some((i) =>
          pointOf(i, map.shape).some((x, axis) => x === 0 || x === (map.shape[axis] ?? 0) - 1),
        );
        if (isOpen) continue;
        const around = part.flatMap((i) => neighboursOf(i, map.shape, 1)).map((i) => map.labels[i] ?? 0);
        const counts = [1, 2, 3].map((label) => around.filter((other) => other === label).length);
        for (const i of part) expected[i] = 1 + counts.indexOf(Math.max(...counts));
      }
      expect(applied(map, 'fill-holes')).toEqual(expected);
    }
  });

  it('keeps a nucleus in its cell, and fills holes of one class alone if it is told to', () => {
    const map = drawn('1111100', '1011100', '1122200', '1120200', '1122211', '1111101', '0000111');
    const both = drawn('1111100', '1111100', '1122200', '1122200', '1122211', '1111101', '0000111');
    expect(applied(map, 'fill-holes')).toEqual([...both.labels].map((label, i) => (i === 40 ? 1 : label)));
    expect(applied(map, 'class 2: fill-holes')[24]).toBe(2);
    expect(applied(map, 'class 2: fill-holes')[8]).toBe(0);
  });

  it('sees a wall of corners as closed, unless the background goes around corners', () => {
    const map = drawn('00100', '01010', '00100');
    expect(applied(map, 'fill-holes')[7]).toBe(1);
    expect(applied(map, 'fill-holes, connectivity 2')[7]).toBe(0);
  });
});

describe('several steps', () => {
  it('are applied in their order, and leave the map as it was', () => {
    const map = drawn('0111000', '0101020', '0111000', '0000000', '1111111');
    const before = [...map.labels];
    expect(applied(map, 'largest | fill-holes | min-size: 9')).toEqual(
      applied(map, 'min-size: 8 | fill-holes'),
    );
    expect(applied(map, 'min-size: 9 | fill-holes')).not.toEqual(applied(map, 'fill-holes | min-size: 9'));
    expect([...map.labels]).toEqual(before);
  });

  it('give an array of the same type', () => {
    const map = { labels: Int32Array.of(70_000, 0, 70_000, 70_000), shape: [1, 4] };
    expect(postprocess(map, steps('largest'))).toEqual(Int32Array.of(0, 0, 70_000, 70_000));
    expect(postprocess({ ...map, labels: Uint16Array.of(7, 0, 7, 7) }, [])).toEqual(
      Uint16Array.of(7, 0, 7, 7),
    );
  });

  it('are the same in bands, wherever these are cut', async () => {
    const texts = ['fill-holes', 'min-size: 3', 'class 1: largest: 2', 'foreground: largest', 'fill-holes'];
    for (const [i, { labels, shape }] of maps.entries()) {
      const random = randomNumbers(i);
      const slab = labels.length / (shape[0] ?? 1);
      async function* bands(): AsyncGenerator<LabelArray> {
        for (let from = 0; from < labels.length; ) {
          const to = from + slab * (1 + Math.floor(random() * 3));
          yield labels.slice(from, to);
          from = to;
        }
      }
      const result = await postprocessBands(bands, shape, steps(...texts));
      if (result instanceof Failure) throw new Error(result.message);
      const found: number[] = [];
      for await (const band of result()) found.push(...band);
      expect(found).toEqual(applied({ labels, shape }, texts.join(' | ')));
    }
  });
});
