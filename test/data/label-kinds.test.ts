import { describe, expect, test } from 'vitest';
import { toClasses } from '../../src/data/labels/classified-mask.js';
import { detectLabels, FoundValues } from '../../src/data/labels/detect-labels.js';
import { IGNORED, labelMapOf } from '../../src/data/labels/label-map.js';
import { indexValues } from '../../src/data/labels/value-index.js';
import { mergeClassFiles } from '../../src/data/samples/class-files.js';
import { Failure } from '../../src/diagnostics/failure.js';
import type { StoredType } from '../../src/formats/element.js';
import type { ArrayHeader, Palette } from '../../src/formats/stored-array.js';
import { type LabelValues, labelValuesOf } from '../../src/images/label-values.js';
import { imageArray } from '../../src/images/read-image.js';
import { stored } from '../images/stored.js';
import { ok } from './folder.js';

/** The mask of one row with these numbers, channel by channel. */
function maskOf(
  planes: readonly (readonly (number | bigint)[])[],
  extra: Partial<ArrayHeader> = {},
): LabelValues | Failure {
  const format = extra.format ?? 'TIFF';
  const width = planes[0]?.length ?? 0;
  const channel = planes.length > 1 ? ([['channel', planes.length]] as const) : [];
  const sizes = [...channel, ['y', 1] as const, ['x', width] as const];
  const array = imageArray(stored(format, sizes, { type: 'uint8', ...extra }, planes.flat()), { rank: 2 });
  return array instanceof Failure ? array : labelValuesOf(array, 0);
}

type Labels = Readonly<Record<string, number>>;

function classesOf(
  mask: LabelValues | Failure,
  labels: Labels,
  ignore?: string | number,
): number[] | Failure {
  if (mask instanceof Failure) return mask;
  const map = labelMapOf(labels, ignore);
  if (map instanceof Failure) return map;
  const classes = toClasses(mask, map, 'a');
  return classes instanceof Failure ? classes : [...classes];
}

/** What the masks' classes are without `--label`: how many, and those of the first mask. */
function detected(
  masks: readonly (LabelValues | Failure)[],
  ignore?: string | number,
  wanted?: number | 'values',
): readonly [number, readonly number[]] | Failure {
  const found = new FoundValues();
  for (const [i, mask] of masks.entries()) {
    const { numbers, counts } = indexValues(ok(mask));
    found.add(`mask ${i}`, numbers, counts, ok(mask));
  }
  const map = detectLabels(found, ignore, wanted);
  const [first] = masks;
  if (map instanceof Failure || first === undefined) return failureOf(map);
  return [map.classes, [...ok(toClasses(ok(first), map, 'a'))]];
}

const failureOf = (failed: unknown): Failure => {
  if (failed instanceof Failure) return failed;
  throw new Error('no mask');
};

const unknown = (...values: string[]) => ({
  code: 'mask-value-unknown',
  args: { values: values.map((value) => ({ value, count: 1 })) },
});

const types: readonly (readonly [StoredType, number, number])[] = [
  ['bool', 0, 1],
  ['uint8', 0, 255],
  ['int8', -128, 127],
  ['uint16', 0, 65535],
  ['int16', -32768, 32767],
  ['uint32', 0, 4294967295],
  ['int32', -2147483648, 2147483647],
  ['uint64', 0, Number.MAX_SAFE_INTEGER],
  ['int64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['float16', -2048, 2048],
  ['float32', -(2 ** 24), 2 ** 24],
  ['float64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
];

describe.each(types)('labels of %s', (type, least, most) => {
  const mask = maskOf([[0, 1, most, least]], { type });
  const [top, bottom] = [String(most), String(least)];

  test('are numbers: values, ranges, a rest, and values to ignore', () => {
    const known = new Set(['0', '1', top, bottom]);
    const each = Object.fromEntries([...known].map((value, k) => [value, k]));
    const order = [0, 1, most, least].map((value) => each[String(value)]);
    expect(classesOf(mask, each)).toEqual(order);
    expect(classesOf(mask, { [`1..${top}`]: 1, '*': 0 })).toEqual([0, 1, 1, least >= 1 ? 1 : 0]);
    expect(classesOf(mask, { '*': 1 })).toEqual([0, 1, 1, least === 0 ? 0 : 1]);
    if (most > 1) {
      const ignoring = [0, 1, IGNORED, least === 0 ? 0 : 1];
      expect(classesOf(mask, { 0: 0, '*': 1 }, top)).toEqual(ignoring);
      expect(classesOf(mask, { 0: 0, [`${least}..${most}`]: 1 }, top)).toEqual(ignoring);
      expect(classesOf(mask, { 0: 0, 1: 1, [bottom]: 0 })).toMatchObject(unknown(top));
    }
  });

  test('need nothing said from 0 to K - 1', () => {
    const count = Math.min(3, most + 1);
    const values = Array.from({ length: count }, (_, i) => count - 1 - i);
    expect(detected([maskOf([values], { type })])).toEqual([count, values]);
  });
});

describe('numbers that only rounding keeps from being whole', () => {
  test.each([
    // What nibabel makes of labels 0 to 3 that are saved as scaled integers.
    ['a scaled uint8', 'uint8', [0, 85, 170, 255], { slope: 3 / 255, intercept: 0 }, [0, 1, 2, 3]],
    ['cut off by a step', 'uint8', [0, 84, 169, 254], { slope: 3 / 255, intercept: 0 }, [0, 1, 2, 3]],
    ['0.99608', 'uint8', [0, 254, 255, 0], { slope: 1 / 255, intercept: 0 }, [0, 1, 1, 0]],
    [
      'steps of 0.3 that stand for labels',
      'uint8',
      [0, 3, 7, 10],
      { slope: 0.3, intercept: 0 },
      [0, 1, 2, 3],
    ],
    ['a scaled int16', 'int16', [-32768, 0, 32767, 0], { slope: 2 / 65535, intercept: 1 }, [0, 1, 2, 1]],
    ['float32', 'float32', [0, 1.00001, 1.99999, 3], undefined, [0, 1, 2, 3]],
    ['minus zero', 'float32', [-0, 1, 2, 0], undefined, [0, 1, 2, 0]],
    ['float64', 'float64', [1e-9, 1 - 1e-9, 2, 3], undefined, [0, 1, 2, 3]],
  ] as const)('%s', (_, type, values, scale, classes) => {
    const mask = maskOf([values], { format: 'NIfTI-1', type, scale });
    expect(classesOf(mask, { 0: 0, 1: 1, 2: 2, 3: 3 })).toEqual(classes);
    expect(classesOf(mask, { '*': 1 })).toEqual(classes.map((label) => (label === 0 ? 0 : 1)));
    expect(new Set(ok(mask).values)).toEqual(new Set(classes));
  });

  test.each([0.5, 0.9, 1.1, Number.NaN, Number.POSITIVE_INFINITY])('%d is not one of them', (value) => {
    const mask = maskOf([[0, value, 1]], { type: 'float32' });
    const text = String(Math.fround(value));
    expect(classesOf(mask, { 0: 0, 1: 1 })).toMatchObject(unknown(text));
    // No rest is meant for NaN.
    if (Number.isFinite(value)) expect(classesOf(mask, { '*': 1 })).toEqual([0, 1, 1]);
    else expect(classesOf(mask, { '*': 1 })).toMatchObject(unknown(text));
  });

  test('two stored numbers are never one label because their steps are wide', () => {
    const scale = { slope: 0.3, intercept: 0 };
    const mask = maskOf([[0, 3, 4, 10]], { format: 'NIfTI-1', type: 'uint8', scale });
    expect(classesOf(mask, { 0: 0, 1: 1, 3: 2 })).toMatchObject({
      code: 'mask-value-unknown',
      args: { values: [{ value: String(0.3 * 3) }, { value: String(0.3 * 4) }] },
    });
    expect(classesOf(mask, { '0': 0, '0.5..1': 1, '1.1..2': 2, '3': 3 })).toEqual([0, 1, 2, 3]);
  });

  test('a probability map is divided as its message says', () => {
    const values = Array.from({ length: 101 }, (_, i) => i / 100);
    const mask = maskOf([values], { type: 'float64' });
    const failed = failureOf(detected([mask]));
    expect(failed).toMatchObject({
      code: 'classes-unclear',
      args: { problem: { remedy: { case: 'fractions' } } },
    });
    const labels = [...(failed.help ?? '').matchAll(/"([^"]+)=(\d)"/g)].map(([, value = '', label]) => [
      value,
      Number(label),
    ]);
    expect(classesOf(mask, Object.fromEntries(labels))).toEqual(
      values.map((value) => (value >= 0.5 ? 1 : 0)),
    );
  });

  test('an exponent is a way to write a number', () => {
    const mask = maskOf([[0, 2e-3, 3]], { type: 'float64' });
    expect(classesOf(mask, { 0: 0, 3: 1, '2e-3': 2 })).toEqual([0, 2, 1]);
  });
});

const colours = (...hex: number[]): Palette => ({
  bits: 8,
  colours: hex.map((value) => [value >> 16, (value >> 8) & 255, value & 255]),
});
const indexed = (palette: Palette, ...values: number[]) => maskOf([values], { colour: 'palette', palette });

describe('masks with palettes', () => {
  const white = colours(0xffffff, 0x000000, 0xff0000, 0xff0000);

  test('are their numbers, whatever the colours are', () => {
    expect(detected([indexed(white, 0, 1, 2, 3)])).toEqual([4, [0, 1, 2, 3]]);
    expect(classesOf(indexed(white, 0, 1, 2, 3), { 0: 0, 1: 1, '2..3': 2 })).toEqual([0, 1, 2, 2]);
    expect(classesOf(indexed(white, 0, 1, 2, 3), { '*': 1 })).toEqual([0, 1, 1, 1]);
  });

  test('colours mean what the palette shows, also black and white', () => {
    expect(classesOf(indexed(white, 0, 1, 2, 3), { '#ffffff': 0, '#000000': 1, '#FF0000': 2 })).toEqual([
      0, 1, 2, 2,
    ]);
    expect(classesOf(indexed(white, 0, 1), { '#000000': 0, '#ffffff': 1 })).toEqual([1, 0]);
    // 255 is a number, and no index is 255.
    expect(classesOf(indexed(white, 0, 1), { 255: 0, 1: 1 })).toMatchObject(unknown('0'));
    expect(classesOf(indexed(white, 0, 1, 2), { 0: 0, 1: 1 }, '#ff0000')).toEqual([0, 1, IGNORED]);
    expect(classesOf(indexed(white, 0, 1, 2), { 1: 1, 2: 0 }, '#ffffff')).toEqual([IGNORED, 1, 0]);
  });

  test('a colour to ignore is each number that shows it', () => {
    const border = colours(0x000000, 0x800000, 0xe0e0c0, 0xe0e0c0);
    expect(detected([indexed(border, 0, 1, 2, 3)], '#e0e0c0')).toEqual([2, [0, 1, IGNORED, IGNORED]]);
    const gray = colours(0x000000, 0x800000, 0xffffff);
    expect(detected([indexed(gray, 0, 1, 2)], '#ffffff')).toEqual([2, [0, 1, IGNORED]]);
  });

  test('that differ between masks are asked about, and read by colour or by number as told', () => {
    const masks = [indexed(colours(0, 0xff0000), 0, 1), indexed(colours(0, 0x00ff00, 0xff0000), 0, 2, 1)];
    expect(detected(masks)).toMatchObject({
      code: 'palettes-differ',
      args: { value: 1, colours: ['#ff0000', '#00ff00'] },
    });
    const labels = { '#000000': 0, '#ff0000': 1, '#00ff00': 2 };
    expect(masks.map((mask) => classesOf(mask, labels))).toEqual([
      [0, 1],
      [0, 1, 2],
    ]);
    expect(detected(masks, undefined, 'values')).toEqual([3, [0, 1]]);
  });

  test('without one, a gray value is a number and a colour', () => {
    const mask = maskOf([[0, 255, 128]]);
    expect(classesOf(mask, { '#000000': 0, '#ffffff': 1 }, '#808080')).toEqual([0, 1, IGNORED]);
    expect(classesOf(mask, { 0: 0, 255: 1 }, '128')).toEqual([0, 1, IGNORED]);
    expect(labelMapOf({ 0: 0, 255: 1, '#ffffff': 1 })).toMatchObject({ code: 'label-map-invalid' });
    expect(labelMapOf({ 0: 0, '#ffffff': 1 }, 255)).toMatchObject({ code: 'label-map-invalid' });
  });
});

describe('masks of colours', () => {
  const rgb = (...hex: number[]) => [16, 8, 0].map((shift) => hex.map((value) => (value >> shift) & 255));

  test('have colours and gray values', () => {
    const mask = maskOf(rgb(0, 0xff0000, 0xffffff, 0x808080), { colour: 'rgb' });
    expect(classesOf(mask, { '#000000': 0, '#ff0000': 1, 255: 2, '#808080': 1 })).toEqual([0, 1, 2, 1]);
    expect(classesOf(mask, { '*': 1 })).toEqual([0, 1, 1, 1]);
    expect(classesOf(mask, { '0..255': 0, '#ff0000': 1 })).toEqual([0, 1, 0, 0]);
    expect(detected([mask])).toMatchObject({ code: 'classes-unclear' });
  });

  test.each([
    ['two samples', [[0], [1]], { colour: 'samples' }, 'mask-channels'],
    ['three samples without colours', [[0], [1], [2]], { colour: 'samples' }, 'mask-channels'],
    ['13 bands', Array.from({ length: 13 }, (_, k) => [k]), { colour: 'samples' }, 'mask-channels'],
    ['inks', [[0], [1], [2], [3]], { colour: 'cmyk' }, 'mask-channels'],
    ['16 bits a colour', [[0], [1], [2]], { colour: 'rgb', type: 'uint16' }, 'mask-depth'],
  ] as const)('%s are refused', (_, planes, extra, code) => {
    expect(maskOf(planes, extra)).toMatchObject({ code });
  });

  test.each([
    ['rgba', rgb(0, 0, 0)],
    ['gray-alpha', [[7, 7, 7]]],
  ] as const)('%s: alpha that tells what the colours do not is refused', (colour, planes) => {
    expect(maskOf([...planes, [0, 255, 0]], { colour })).toMatchObject({ code: 'mask-alpha' });
    const same = maskOf([...planes, [255, 255, 255]], { colour });
    expect(new Set(ok(same).values).size).toBe(1);
  });

  test('alpha that says the same as the colours has no part in it', () => {
    const mask = maskOf([...rgb(0, 0xff0000, 0), [0, 255, 0]], { colour: 'rgba' });
    expect(classesOf(mask, { '#000000': 0, '#ff0000': 1 })).toEqual([0, 1, 0]);
  });
});

describe('how many classes', () => {
  test.each([2, 7, 256, 257, 4096, 65535])('%i values from 0 on need nothing said', (count) => {
    const values = Array.from({ length: count }, (_, i) => i);
    const mask = maskOf([values], { type: 'uint16' });
    expect(detected([mask, mask], undefined, count)).toEqual([count, values]);
    expect(detected([mask, mask], undefined, 'values')).toEqual([count, values]);
  });

  test('a class that only an ignored value would have is missing', () => {
    for (const ignore of [0, '0', '#000000']) {
      for (const labels of [{ '*': 1 }, { '1..9': 1 }]) {
        expect(labelMapOf(labels, ignore)).toMatchObject({
          code: 'label-map-invalid',
          args: { problem: { case: 'gap', label: 0 } },
        });
      }
    }
    expect(classesOf(maskOf([[0, 1, 5]]), { '*': 0, 5: 1 }, 0)).toEqual([IGNORED, 0, 1]);
  });

  test('65,536 values leave no number for positions without a label', () => {
    const mask = maskOf([Array.from({ length: 65536 }, (_, i) => i)], { type: 'uint16' });
    expect(detected([mask], undefined, 'values')).toMatchObject({ code: 'classes-unclear' });
    expect(labelMapOf({ 0: 0, 1: 65535 })).toMatchObject({ code: 'label-map-invalid' });
  });

  const objects = (count: number, ...more: number[]) =>
    maskOf([[...Array.from({ length: count + 1 }, (_, i) => i), ...more]], { type: 'uint16' });

  test('numbers of objects are asked about, with a value to ignore too, and the answers work', () => {
    for (const [masks, ignore] of [
      [[objects(12), objects(20)], undefined],
      [[objects(12, 255), objects(20, 255)], 255],
      [[objects(40)], undefined],
    ] as const) {
      const failed = failureOf(detected(masks, ignore));
      expect(failed).toMatchObject({ code: 'classes-unclear', args: { problem: { case: 'objects' } } });
      expect(failed.help).toMatch(/"\*=1".*"\*=\*"/);
      expect(classesOf(masks[0], { '*': 1 }, ignore)).toContain(1);
      expect(detected(masks, ignore, 'values')).toMatchObject([
        ignore ? 21 : expect.any(Number),
        expect.anything(),
      ]);
    }
  });

  test.each([
    ['a last value', [0, 1, 2, 255], '--ignore 255'],
    ['a first value', [-1, 0, 1, 2], '--ignore -1'],
  ])('%s beside classes may mark unlabelled positions', (_, values, help) => {
    const failed = failureOf(detected([maskOf([values], { type: 'int16' })]));
    expect(failed.help).toContain(help);
    const ignore = Number(help.split(' ')[1]);
    expect(detected([maskOf([values], { type: 'int16' })], ignore)).toMatchObject([3, expect.anything()]);
  });

  test('NaN is named', () => {
    expect(detected([maskOf([[0, Number.NaN, 1, Number.NaN]], { type: 'float32' })])).toMatchObject({
      code: 'classes-unclear',
      args: { problem: { case: 'not-finite', count: 2, path: 'mask 0' } },
    });
  });
});

describe('a file for each class', () => {
  const merged = (...files: readonly (readonly number[])[]) =>
    mergeClassFiles(
      files.map((values, i) => ({
        path: `class ${i + 1}`,
        label: i + 1,
        values: ok(maskOf([values], { type: 'float64' })),
      })),
    );

  test.each([
    [
      [
        [0, 255, 0, 0],
        [0, 0, 1, 0],
      ],
      [0, 1, 2, 0],
    ],
    [
      [
        [0, 1, 2, 3],
        [9, 0, 0, 0],
      ],
      [2, 1, 1, 1],
    ],
    [
      [
        [0, 0],
        [0, 0],
      ],
      [0, 0],
    ],
  ])('%j becomes %j', (files, classes) => {
    expect([...ok(merged(...files)).values]).toEqual(classes);
  });

  test('overlap is refused', () => {
    expect(merged([0, 1, 1], [0, 1, 0])).toMatchObject({
      code: 'classes-overlap',
      args: { path: 'class 2', other: 'class 1', count: 1 },
    });
  });

  test.each([
    ['NaN', [0, Number.NaN, 1]],
    ['a probability', [0, 0.2, 0.7]],
    ['what JPEG leaves', [0, 1, 2, 250, 253, 255]],
    ['a rim of resizing', [0, 64, 128, 255]],
    ['a negative number', [0, -1, 1]],
  ])('%s is refused', (_, values) => {
    expect(merged(values)).toMatchObject({ code: 'class-file-values', args: { path: 'class 1' } });
  });
});

test.each<[readonly number[], readonly string[], number | undefined]>([
  [[0, -1], ['0', '-1'], undefined],
  [[-1, 0, 1], ['0', '1', '-1'], -1],
  [[5, 0, -3, 2], ['0', '-3', '2', '5'], undefined],
  [[0, 1, 2, 255], ['0', '1', '2', '255'], 255],
  [Array.from({ length: 12 }, (_, i) => 3 * i), ['0', '3', '6', '9', '12', '15', '18', '21'], undefined],
])('classes that are proposed for %j: 0 is the background', (values, classes, last) => {
  const failed = detected([maskOf([values], { type: 'int16' })]);
  const remedy = { case: 'label', classes, more: values.length > classes.length, last };
  expect(failed).toMatchObject({ code: 'classes-unclear', args: { problem: { remedy } } });
});
