import { describe, expect, test } from 'vitest';
import { type CaseMetrics, type EvaluatedClass, plainClasses } from '../../src/metrics/case-metrics.js';
import { type CaseOptions, evaluateCase } from '../../src/metrics/evaluate-case.js';
import { IGNORED } from '../../src/metrics/ignored.js';
import { CLASS_METRICS, type ClassMetric } from '../../src/metrics/metric-names.js';
import { boundaryWidths } from '../../src/metrics/surface/boundary-iou.js';
import { blobs } from './blobs.js';
import { brute, bruteBoundaryIou, pointsOf } from './brute-surfaces.js';
import { randomNumbers } from './random-numbers.js';

const classes = plainClasses(['background', 'a', 'b']);
const everything = { classes, metrics: CLASS_METRICS, tolerance: 1.5 };
const bytes = (...values: number[]) => Uint16Array.from(values);

const kinds = [
  ['2D', [15, 18], [1, 1], 0],
  ['2D, anisotropic, with unlabelled positions', [14, 17], [0.4, 2], 0.15],
  ['3D', [8, 9, 10], [1, 1, 1], 0],
  ['3D, anisotropic, with unlabelled positions', [7, 10, 9], [3, 0.5, 0.7], 0.1],
] as const;

/** Pairs of maps of a kind. */
function pairs(shape: readonly number[], ignored: number, count: number, seed = 1) {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => ({
    truth: blobs(shape, random, 4, ignored),
    predicted: blobs(shape, random, 4),
  }));
}

const near = (value: number | null | undefined) =>
  typeof value === 'number' ? expect.closeTo(value, 9) : value;
const nearAll = (values: object) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, near(value)]));

/** Sets of labelled positions of a class, and what follows from their sizes. */
function bySets(truth: Uint16Array, predicted: Uint16Array, members: readonly number[], voxel: number) {
  const known = [...truth.keys()].filter((i) => truth[i] !== IGNORED);
  const of = (map: Uint16Array) => new Set(known.filter((i) => members.includes(map[i] ?? -1)));
  const [t, p] = [of(truth), of(predicted)];
  const both = [...t].filter((i) => p.has(i)).length;
  const part = (a: number, b: number) => (b === 0 ? null : a / b);
  const any = t.size + p.size > 0;
  const others = known.length - t.size;
  return {
    dice: part(2 * both, t.size + p.size),
    iou: part(both, t.size + p.size - both),
    recall: part(both, t.size),
    precision: part(both, p.size),
    specificity: part(others - p.size + both, others),
    volume_difference: any ? (p.size - t.size) * voxel : null,
    relative_volume_difference: part(p.size - t.size, t.size),
  };
}

describe.each(kinds)('%s', (_name, shape, spacing, ignored) => {
  test('each metric is what its definition gives', () => {
    const voxel = spacing.reduce<number>((a, b) => a * b, 1);
    for (const { truth, predicted } of pairs(shape, ignored, 4)) {
      const found = evaluateCase(truth, predicted, { ...everything, shape, spacing });
      for (const [k, { values }] of found.classes.entries()) {
        expect(values).toMatchObject(nearAll(bySets(truth, predicted, [k], voxel)));
        if (k === 0) continue;
        const { hd, hd95, assd, nsd } = brute(predicted, truth, k, shape, spacing, 1.5);
        expect(values).toMatchObject(nearAll({ hd, hd95, assd, nsd }));
        const boundary_iou = bruteBoundaryIou(predicted, truth, k, shape, boundaryWidths(shape, spacing));
        expect(values).toMatchObject(nearAll({ boundary_iou }));
      }
      const right = [...truth.keys()].filter((i) => truth[i] !== IGNORED && truth[i] === predicted[i]).length;
      expect(found.labelled).toBe(truth.filter((label) => label !== IGNORED).length);
      expect(found.accuracy).toBeCloseTo(right / found.labelled, 12);
      for (const [row, counts] of (found.confusion ?? []).entries()) {
        for (const [column, count] of counts.entries()) {
          const here = [...truth.keys()].filter((i) => truth[i] === row && predicted[i] === column);
          expect(count).toBe(here.length);
        }
      }
    }
  });

  test('a boundary of some width', () => {
    const widths = boundaryWidths(shape, spacing, 0.15);
    expect(Math.max(...widths)).toBeGreaterThan(1);
    for (const { truth, predicted } of pairs(shape, ignored, 3, 9)) {
      const options: CaseOptions = {
        shape,
        spacing,
        classes,
        metrics: ['boundary_iou'],
        boundaryRatio: 0.15,
      };
      const found = evaluateCase(truth, predicted, options);
      for (const k of [1, 2]) {
        const expected = bruteBoundaryIou(predicted, truth, k, shape, widths);
        expect(found.classes[k]?.values.boundary_iou).toEqual(near(expected));
      }
    }
  });

  test('truth and prediction may change places', () => {
    for (const { truth, predicted } of pairs(shape, 0, 3, 4)) {
      const there = evaluateCase(truth, predicted, { ...everything, shape, spacing });
      const back = evaluateCase(predicted, truth, { ...everything, shape, spacing });
      for (const [k, { values }] of there.classes.entries()) {
        const other = back.classes[k]?.values ?? {};
        for (const metric of ['dice', 'iou', 'hd', 'hd95', 'assd', 'nsd', 'boundary_iou'] as const) {
          expect(other[metric]).toEqual(near(values[metric]));
        }
        expect([other.recall, other.precision]).toEqual([values.precision, values.recall]);
        expect(other.volume_difference).toEqual(near(-(values.volume_difference ?? 0)));
      }
    }
  });

  test('axes may be turned around and change places, and the unit may be another', () => {
    const turned = shape.map((_, axis) => shape[(axis + 1) % shape.length] ?? 1);
    const turn = (map: Uint16Array) => {
      const index = new Map(pointsOf(shape).map((point, i) => [point.join(), i]));
      return Uint16Array.from(pointsOf(turned), (point) => {
        // The first axis is the last one now, from its end on.
        const at = point.map((_, axis) => point[(axis + shape.length - 1) % shape.length] ?? 0);
        at[0] = (shape[0] ?? 1) - 1 - (at[0] ?? 0);
        return map[index.get(at.join()) ?? -1] ?? 0;
      });
    };
    const other = spacing.map((_, axis) => 10 * (spacing[(axis + 1) % spacing.length] ?? 1));
    for (const { truth, predicted } of pairs(shape, ignored, 3, 7)) {
      const plain = evaluateCase(truth, predicted, { ...everything, shape, spacing });
      const options = { ...everything, shape: turned, spacing: other, tolerance: 15 };
      const found = evaluateCase(turn(truth), turn(predicted), options);
      for (const [k, { values }] of plain.classes.entries()) {
        const scaled = Object.entries(values).map(([metric, value]) => {
          if (metric === 'volume_difference') return [metric, 10 ** shape.length * (value ?? 0)] as const;
          return [
            metric,
            ['hd', 'hd95', 'assd'].includes(metric) && value !== null ? 10 * value : value,
          ] as const;
        });
        expect(found.classes[k]?.values).toEqual(nearAll(Object.fromEntries(scaled)));
      }
    }
  });

  test('a map against itself', () => {
    const [{ truth } = { truth: bytes() }] = pairs(shape, ignored, 1, 2);
    const itself = Uint16Array.from(truth, (label) => (label === IGNORED ? 2 : label));
    const found = evaluateCase(truth, itself, { ...everything, tolerance: 0, shape, spacing });
    for (const { values } of found.classes.slice(1)) {
      expect(values).toEqual({
        ...{ dice: 1, iou: 1, recall: 1, precision: 1, specificity: 1 },
        ...{ volume_difference: 0, relative_volume_difference: 0 },
        ...{ hd: 0, hd95: 0, assd: 0, nsd: 1, boundary_iou: 1 },
      });
    }
  });
});

describe('classes that overlap', () => {
  const regions: readonly EvaluatedClass[] = [
    { name: 'whole', labels: [1, 2, 3] },
    { name: 'core', labels: [2, 3] },
    { name: 'enhancing', labels: [3] },
  ];
  const shape = [9, 10, 8];
  const random = randomNumbers(3);
  const draw = (ignored: number) =>
    blobs(shape, random, 6, ignored).map((label, i) => (label === 2 && i % 3 === 0 ? 3 : label));
  const [truth, predicted] = [draw(0.1), draw(0)];
  const options = { shape, spacing: [2, 1, 0.5], metrics: CLASS_METRICS, tolerance: 1 };
  const found = evaluateCase(truth, predicted, { ...options, classes: regions });

  test('sets of labels are measured like maps of one class', () => {
    for (const [k, { labels }] of regions.entries()) {
      const as = (map: Uint16Array) =>
        map.map((label) => (label === IGNORED ? IGNORED : Number(labels.includes(label))));
      const alone = evaluateCase(as(truth), as(predicted), {
        ...options,
        classes: plainClasses(['', regions[k]?.name ?? '']),
      });
      expect(alone.classes[1]).toEqual(found.classes[k]);
    }
  });

  test('so are masks, also beside a map of labels', () => {
    const masks = (map: Uint16Array) =>
      regions.map(({ labels }) => Uint8Array.from(map, (label) => (labels.includes(label) ? 7 : 0)));
    const ignored = Uint8Array.from(truth, (label) => Number(label === IGNORED));
    const { confusion, accuracy, ...rest } = found;
    expect([confusion?.length, typeof accuracy]).toEqual([4, 'number']);
    const expected = { ...rest, confusion: null, accuracy: null };
    const all = { ...options, classes: regions };
    expect(evaluateCase(masks(truth), masks(predicted), { ...all, ignored })).toEqual(expected);
    expect(evaluateCase(truth, masks(predicted), all)).toEqual(expected);
    // The marks of a mask and the labels mean the same.
    const known = truth.map((label) => (label === IGNORED ? 0 : label));
    expect(evaluateCase(known, predicted, { ...all, ignored })).toEqual(found);
  });
});

describe('empty masks', () => {
  const shape = [3, 4];
  const one = { shape, classes: plainClasses(['background', 'a']), metrics: CLASS_METRICS, tolerance: 1 };
  const empty = new Uint16Array(12);
  const some = bytes(0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0);
  const of = (truth: Uint16Array, predicted: Uint16Array, options: Partial<CaseOptions> = {}) =>
    evaluateCase(truth, predicted, { ...one, ...options }).classes[1];
  const nothing = (metrics: readonly ClassMetric[], value: unknown) =>
    Object.fromEntries(metrics.map((metric) => [metric, value]));

  test('a class that is nowhere has no value', () => {
    const found = of(empty, empty);
    const without = CLASS_METRICS.filter((metric) => metric !== 'specificity');
    expect(found?.values).toEqual({ ...nothing(without, null), specificity: 1 });
    expect(found?.reasons).toEqual(nothing(without, 'class-absent'));
    expect([found?.presence, found?.substituted]).toEqual(['neither', []]);
  });

  test('a class that was missed, or is not there, has the worst values', () => {
    const worst = { dice: 0, iou: 0, hd: 5, hd95: 5, assd: 5, nsd: 0, boundary_iou: 0 };
    const missed = of(some, empty);
    expect(missed).toMatchObject({ presence: 'truth', substituted: ['hd', 'hd95', 'assd'] });
    expect(missed?.values).toEqual({
      ...worst,
      ...{ recall: 0, precision: null, specificity: 1 },
      ...{ volume_difference: -2, relative_volume_difference: -1 },
    });
    expect(missed?.reasons).toEqual({ precision: 'class-not-predicted' });
    const added = of(empty, some);
    expect(added).toMatchObject({ presence: 'prediction', substituted: ['hd', 'hd95', 'assd'] });
    expect(added?.values).toEqual({
      ...worst,
      ...{ recall: null, precision: 0, specificity: 10 / 12 },
      ...{ volume_difference: 2, relative_volume_difference: null },
    });
    expect(added?.reasons).toEqual({
      recall: 'class-not-in-truth',
      relative_volume_difference: 'class-not-in-truth',
    });
  });

  test('the background has no border, and a class without one has no distance', () => {
    const found = evaluateCase(some, some, one);
    expect(found.classes[0]?.reasons).toEqual(
      nothing(['hd', 'hd95', 'assd', 'nsd', 'boundary_iou'], 'background'),
    );
    expect(found.foreground).toEqual(found.classes[1]?.values);
    const single = of(bytes(1), bytes(1), { shape: [1, 1] });
    expect(single?.reasons).toEqual({
      ...nothing(['hd', 'hd95', 'assd', 'nsd', 'boundary_iou'], 'no-border'),
      specificity: 'class-everywhere',
    });
    const unlabelled = of(new Uint16Array(12).fill(IGNORED), some);
    expect(unlabelled?.presence).toBe('neither');
    expect(evaluateCase(new Uint16Array(12).fill(IGNORED), some, one)).toMatchObject({
      accuracy: null,
      labelled: 0,
    });
  });

  test('everything is JSON', () => {
    const maps = [empty, some, new Uint16Array(12).fill(IGNORED), new Uint16Array(12).fill(1)];
    for (const truth of maps) {
      for (const predicted of maps.filter((map) => map[0] !== IGNORED)) {
        const found = evaluateCase(truth, predicted, one);
        // Stringify writes a NaN as null, which is no equal.
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }
    }
  });
});

describe('by hand', () => {
  test('a flat volume is measured as an image', () => {
    const [{ truth, predicted } = { truth: bytes(), predicted: bytes() }] = pairs([12, 14], 0.1, 1, 5);
    const values = ({ classes: all }: CaseMetrics) => all.map((one) => one.values);
    const image = evaluateCase(truth, predicted, { ...everything, shape: [12, 14], spacing: [1, 2] });
    const spacing = [
      [1, 1, 2],
      [1, 2, 1],
    ] as const;
    for (const [i, shape] of [
      [1, 12, 14],
      [12, 14, 1],
    ].entries()) {
      const volume = evaluateCase(truth, predicted, { ...everything, shape, spacing: spacing[i] });
      expect(values(volume)).toEqual(values(image));
    }
  });

  test('a tolerance is not decided by rounding', () => {
    // Three steps of 0.1 are more than 0.3 in floating point.
    expect(3 * 0.1).toBeGreaterThan(0.3);
    const options = { shape: [1, 5], spacing: [1, 0.1], classes, metrics: ['nsd'] as const };
    const nsd = (tolerance: number | readonly number[]) =>
      evaluateCase(bytes(0, 1, 0, 0, 0), bytes(0, 0, 0, 0, 1), { ...options, tolerance }).classes[1]?.values
        .nsd;
    expect([nsd(0.3), nsd(0.299), nsd([9, 0.3, 0]), nsd([9, 0.2, 9])]).toEqual([1, 0, 1, 0]);
  });

  test('the width of a boundary', () => {
    expect(boundaryWidths([480, 640], [1, 1])).toEqual([16, 16]);
    expect(boundaryWidths([10, 10], [1, 1])).toEqual([1, 1]);
    // 0.02 of the diagonal of 512 x 512 x 400 mm is 16.5 mm.
    expect(boundaryWidths([512, 512, 100], [1, 1, 4])).toEqual([17, 17, 4]);
  });

  test('what is measured when nothing is said', () => {
    const measured = (tolerance?: number) =>
      Object.keys(
        evaluateCase(bytes(0, 1), bytes(0, 1), { shape: [1, 2], classes, tolerance }).classes[0]?.values ??
          {},
      );
    expect(measured()).toEqual(
      CLASS_METRICS.filter((metric) => metric !== 'specificity' && metric !== 'nsd'),
    );
    expect(measured(2)).toEqual(CLASS_METRICS.filter((metric) => metric !== 'specificity'));
  });

  test('what would be a bug of a caller throws', () => {
    const of = (truth: Uint16Array, options: Partial<CaseOptions> = {}) =>
      evaluateCase(truth, bytes(0, 1), { shape: [2], classes, ...options });
    expect(() => of(bytes(0))).toThrow('1 positions');
    expect(() => of(bytes(0, 3))).toThrow('0 .. 2');
    expect(() => of(bytes(0, 1), { spacing: [1, 1] })).toThrow('one number for each axis');
    expect(() => of(bytes(0, 1), { metrics: ['nsd'] })).toThrow('tolerance');
  });
});
