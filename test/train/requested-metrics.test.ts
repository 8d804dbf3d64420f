import { describe, expect, test } from 'vitest';
import { IGNORED } from '../../src/data/labels/label-map.js';
import { coverWith } from '../../src/data/patches/patch-size.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { lengthScale } from '../../src/metrics/length-scale.js';
import { AssembledImage } from '../../src/train/loop/assembled-image.js';
import { MetricsCollector } from '../../src/train/metrics/metrics.js';
import {
  METRIC_NAMES,
  type RequestedMetrics,
  requestedMetrics,
} from '../../src/train/metrics/requested-metrics.js';
import { drawCurves } from '../../src/train/report/curves.js';
import { epochsCsv, epochsJson, readEpochRow } from '../../src/train/report/run-folder-epochs.js';
import { reportText } from '../../src/train/report/run-folder-report.js';
import { endText } from '../../src/train/training-result.js';
import { recipeOf } from '../language/recipe-of.js';
import { brute, pointsOf } from '../metrics/brute-surfaces.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { epochRow } from './epoch-row.js';

const all: RequestedMetrics = { names: METRIC_NAMES, unit: 'mm' };

const mean = (values: readonly (number | null)[]) => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length;
};
const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 10));

describe('what a recipe lists', () => {
  const listed = (text: string) => requestedMetrics(recipeOf(text).metrics ?? []);

  test('each once, in the order of a report, without what is always there', () => {
    expect(listed('')).toEqual([]);
    expect(listed('metrics = [dice, iou]')).toEqual([]);
    expect(listed('metrics = hd95')).toEqual(['hd95']);
    expect(listed('metrics = [assd, iou, recall, hd95, recall]')).toEqual(['recall', 'hd95', 'assd']);
    expect(listed('metrics = [accuracy, precision, hd, assd, hd95, recall]')).toEqual(METRIC_NAMES);
  });
});

describe('random maps', () => {
  const shape = [9, 10];
  const classes = 4;
  const random = randomNumbers(11);
  const images = Array.from({ length: 5 }, (_, n) => {
    // Class 2 is never true in the first image, class 3 nowhere at all.
    const draw = () => (random() < 0.6 ? 0 : 1 + Math.floor(random() * (n === 0 ? 1 : 2)));
    const truth = Uint16Array.from(pointsOf(shape), () => (random() < 0.1 ? IGNORED : draw()));
    const predicted = Uint16Array.from(pointsOf(shape), () =>
      random() < 0.7 ? 0 : 1 + Math.floor(random() * 2),
    );
    return { truth, predicted, spacing: [1 + n, 0.5] };
  });
  const collector = new MetricsCollector(classes, all);
  for (const { truth, predicted, spacing } of images) collector.add(predicted, truth, { shape, spacing });
  const result = collector.result();
  const requested = new Map(result.requested.map((metric) => [metric.name, metric]));

  type Maps = { readonly truth: Uint16Array; readonly predicted: Uint16Array };
  const joined: Maps = {
    truth: Uint16Array.from(images.flatMap(({ truth }) => [...truth])),
    predicted: Uint16Array.from(images.flatMap(({ predicted }) => [...predicted])),
  };
  const labelled = ({ truth }: Maps) => [...truth.keys()].filter((i) => truth[i] !== IGNORED);
  /** The part of the positions of one map's class that the other map agrees with. */
  const agreed = (maps: Maps, of: 'truth' | 'predicted', label: number): number | null => {
    const own = labelled(maps).filter((i) => maps[of][i] === label);
    const right = own.filter((i) => maps.truth[i] === maps.predicted[i]);
    return own.length === 0 ? null : right.length / own.length;
  };

  test.each([
    ['precision', 'predicted'],
    ['recall', 'truth'],
  ] as const)('%s, as sets of positions give it', (name, of) => {
    const found = requested.get(name);
    const labels = [0, 1, 2, 3];
    const together = labels.map((k) => agreed(joined, of, k));
    const each = labels.map((k) => mean(images.map((maps) => agreed(maps, of, k))));
    expect(together[3]).toBeNull();
    expect(found?.overDataSet).toEqual({
      byClass: together.map(near),
      overall: near(mean(together.slice(1))),
    });
    expect(found?.perImage).toEqual({ byClass: each.map(near), overall: near(mean(each.slice(1))) });
    // The two are different numbers here, or the test would not tell them apart.
    expect(mean(each)).not.toBeCloseTo(mean(together) ?? -1, 5);
  });

  test('accuracy is one number, of all labelled positions', () => {
    const of = (maps: Maps) => {
      const known = labelled(maps);
      return known.filter((i) => maps.truth[i] === maps.predicted[i]).length / known.length;
    };
    expect(requested.get('accuracy')).toEqual({
      name: 'accuracy',
      overDataSet: { byClass: [], overall: near(of(joined)) },
      perImage: { byClass: [], overall: near(mean(images.map(of))) },
    });
  });

  test('distances are means over the images, without the background; a class in one map alone is the diagonal away', () => {
    const at = (label: number) =>
      images.map(({ truth, predicted, spacing }) =>
        label === 2 && !truth.includes(2) ? missed(spacing) : brute(predicted, truth, label, shape, spacing),
      );
    const missed = (spacing: readonly number[]) => {
      const diagonal = Math.hypot(...shape.map((size, axis) => size * (spacing[axis] ?? 1)));
      return { hd: diagonal, hd95: diagonal, assd: diagonal };
    };
    expect(images[0]?.truth.includes(2)).toBe(false);
    for (const name of ['hd95', 'hd', 'assd'] as const) {
      const byClass = [1, 2].map((label) => mean(at(label).map((found) => found[name])));
      expect(requested.get(name)).toEqual({
        name,
        overDataSet: undefined,
        perImage: { byClass: [null, ...byClass.map(near), null], overall: near(mean(byClass)) },
      });
    }
    expect(result.surfaces).toEqual({ unit: 'mm', measured: [0, 5, 4, 0], onlyOne: [0, 0, 1, 0] });
  });

  test('only requested metrics are measured, and without distances no geometry is needed', () => {
    const plain = new MetricsCollector(classes);
    for (const { truth, predicted } of images) plain.add(predicted, truth);
    const { requested: none, surfaces, conventions, ...rest } = plain.result();
    expect({ none, surfaces }).toEqual({ none: [], surfaces: undefined });
    expect(conventions.join()).not.toMatch(/border|HD|Precision/);
    const { requested: _, surfaces: __, conventions: more, ...others } = result;
    expect(rest).toEqual(others);
    expect(more.join('\n')).toMatch(/Precision =.*Distances are in mm.*HD95: the larger/s);
    const measuring = new MetricsCollector(2, { names: ['hd'], unit: 'mm' });
    expect(() => measuring.add(Uint16Array.of(0), Uint16Array.of(0))).toThrow('the shape and the spacing');
  });

  test('no image, and an image where nothing is labelled', () => {
    const empty = new MetricsCollector(2, all);
    expect(empty.result().requested.map(({ perImage }) => perImage.overall)).toEqual(Array(6).fill(null));
    empty.add(Uint16Array.of(1, 0), Uint16Array.of(IGNORED, IGNORED), { shape: [1, 2], spacing: [1, 1] });
    const { requested: found, surfaces } = empty.result();
    for (const { perImage, overDataSet } of found) {
      expect([perImage.overall, overDataSet?.overall ?? null]).toEqual([null, null]);
    }
    expect(surfaces).toMatchObject({ measured: [0, 0], onlyOne: [0, 0] });
  });
});

describe('the unit of distances', () => {
  const image = (spacing?: readonly number[], spacingUnit?: string) => ({
    spatial: [4, 5],
    spacing,
    spacingUnit,
  });

  test.each([
    ['files that say it', [image([2, 1], 'mm'), image([3, 1], 'mm')], undefined, 'mm', [3, 1]],
    ['files before the network', [image([2, 1], 'um')], [7, 7], 'µm', [2, 1]],
    ['files without a unit', [image([2, 1])], [7, 7], "the unit of the images' spacing", [2, 1]],
    ['one file that says nothing', [image([2, 1], 'mm'), image()], undefined, 'pixels', [1, 1]],
    ['one file in another unit', [image([2, 1], 'mm'), image([2, 1], 'um')], [7, 8], 'mm', [0.002, 0.001]],
    ['one file without a unit', [image([2, 1], 'mm'), image([2, 1])], [7, 8], 'µm', [7, 8]],
    ['one file in pixels', [image([2, 1], 'mm'), image([2, 1], 'pixel')], [7, 8], 'µm', [7, 8]],
    ['the network alone', [image(), image()], [7, 8], 'µm', [7, 8]],
    ['nobody', [image()], undefined, 'pixels', [1, 1]],
  ])('%s', (_name, images, network, unit, spacing) => {
    const scale = lengthScale(images, network);
    const last = images.at(-1);
    expect(scale.unit).toBe(unit);
    expect(last && scale.spacingOf(last)).toEqual(spacing);
  });
});

describe('an image from its patches', () => {
  test.each([
    ['as large as one', [6, 8], [6, 8], [6, 8]],
    ['larger, not a multiple', [13, 21], [6, 8], [6, 8]],
    ['smaller', [4, 5], [6, 8], [6, 8]],
    ['larger on one axis', [5, 20], [6, 8], [6, 8]],
    ['of a network without padding', [13, 11], [10, 10], [6, 6]],
    ['a volume', [5, 7, 9], [4, 4, 4], [4, 4, 4]],
  ])('%s', (_name, spatial, input, output) => {
    const whole = new Map(pointsOf(spatial).map((point, i) => [point.join(), i % 200]));
    const windows = coverWith({ input, output }, spatial);
    if (windows instanceof Failure) throw new Error(windows.message);
    const image = new AssembledImage(spatial, windows, output);
    for (const window of windows) {
      expect(image.isComplete).toBe(false);
      // Outside of what a window counts are other numbers.
      const values = pointsOf(output).map((point) => {
        const at = point.map((i, axis) => i + (window[axis]?.start ?? 0));
        const counts = at.every((x, axis) => x >= (window[axis]?.from ?? 0) && x < (window[axis]?.to ?? 0));
        return counts ? (whole.get(at.join()) ?? 222) : 233;
      });
      image.add(
        Uint16Array.from(values),
        Uint16Array.from(values, (value) => value + 1),
      );
    }
    expect(image.isComplete).toBe(true);
    expect([...image.predicted]).toEqual([...whole.values()]);
    expect([...image.truth]).toEqual([...whole.values()].map((value) => value + 1));
    expect(() => image.add(new Uint16Array(), new Uint16Array())).toThrow(/is complete$/);
  });
});

describe('where they appear', () => {
  const classes = ['background', 'cell, red'];
  const row = (epoch: number) =>
    epochRow(epoch, {
      requested: {
        hd95: { byClass: [null, 10 / epoch], overall: 10 / epoch },
        accuracy: { byClass: [], overall: 0.5 },
        recall: { byClass: [0.75, null], overall: null },
      },
    });
  const names = ['recall', 'accuracy', 'hd95'] as const;

  test('in the tables', () => {
    const [head = '', , second = ''] = epochsCsv([row(1), row(2)], classes, names).split('\n');
    expect(head).toMatch(
      /foreground_iou,recall_background,"recall_cell, red",foreground_recall,accuracy,"hd95_cell, red",foreground_hd95,seconds$/,
    );
    expect(second).toMatch(/,0\.75,,,0\.5,5,5,1\.5$/);
    const json = JSON.parse(epochsJson([row(2)], classes, undefined, []));
    expect(Object.keys(json.epochs[0].requested)).toEqual(names);
    expect(readEpochRow(json.epochs[0])).toEqual(row(2));
    const changed = (requested: unknown) => readEpochRow({ ...json.epochs[0], requested });
    expect(changed(undefined)).toBeUndefined();
    expect(changed({ hd95: { byClass: [1] } })).toBeUndefined();
    expect(changed({ hd96: { byClass: [1], overall: 1 } })).toBeUndefined();
  });

  test('as curves, where the numbers are', () => {
    const rows = [row(1), row(2)];
    const svg = drawCurves('A', classes, rows, undefined, { names, unit: 'mm' });
    expect([...svg.matchAll(/class="panel"[^>]*>([^<]*)</g)].map(([, title]) => title)).toEqual([
      ...['Loss', 'Dice', 'IoU', 'Recall', 'Accuracy', 'HD95 (mm)'],
    ]);
    expect(svg).toContain('<desc>Loss, Dice, IoU, Recall, Accuracy and HD95 of');
    const last = svg.slice(svg.indexOf('HD95 (mm)'));
    const [from, to] = [
      ...(/<path class="line s1" d="M[\d.]+,([\d.]+)L[\d.]+,([\d.]+)"/.exec(last) ?? []),
    ].slice(1);
    // From 10, the top of the axis, to 5, its middle, of 200.
    expect(Number(to) - Number(from)).toBeCloseTo(100, 0);
    // The background has no distance, so no curve and no name.
    expect(last).not.toContain('background');
    expect(drawCurves('A', classes, rows, undefined)).not.toContain('HD95');
  });

  test('in the report', () => {
    const collector = new MetricsCollector(2, all);
    const geometry = { shape: [2, 3], spacing: [1, 1] };
    // TP 1, FP 1, FN 0, two borders one apart; then a class that is only predicted.
    collector.add(Uint16Array.of(1, 1, 0, 0, 0, 0), Uint16Array.of(1, 0, 0, 0, 0, 0), geometry);
    collector.add(Uint16Array.of(0, 0, 0, 0, 0, 1), new Uint16Array(6), geometry);
    const text = reportText({
      ...{ title: 'A', facts: [], classes, epochs: [row(1)], best: undefined, bestBy: 'Dice' },
      metrics: collector.result(),
    });
    expect(text).toContain(
      '| class | Precision, data set | Recall, data set | Precision, per image | Recall, per image |',
    );
    expect(text).toContain('| cell, red | 0.3333 | 1.0000 | 0.2500 | 1.0000 |');
    expect(text).toContain('Accuracy: 0.8333 over the data set, 0.8333 per image.');
    expect(text).toContain('| class | HD95 (mm) | HD (mm) | ASSD (mm) | images | only in one |');
    // 95 % of the way from 0 to 1; one of three border positions is one apart. The other image has the diagonal of 2 x 3.
    const missed = Math.sqrt(13);
    const means = [0.95, 1, 1 / 3].map((value) => ((value + missed) / 2).toFixed(4));
    expect(text).toContain(`| cell, red | ${means.join(' | ')} | 1 | 1 |`);
    expect(text).not.toContain('| background | -');
    expect(text).toContain('- Distances are in mm');
  });
});

test('the report says why training ended', () => {
  const epochs = [1, 2, 3, 4, 5].map((epoch) => epochRow(epoch));
  const best = { epoch: 2, value: 0.5 };
  const settings = { epochs: 40, patience: 3 };
  expect(endText({ end: 'all epochs', epochs, best }, settings)).toBe('all epochs');
  expect(endText({ end: 'early-stopped', epochs, best }, settings)).toMatch(
    /after epoch 5 of 40: since epoch 2, .* 3 epochs$/,
  );
  expect(
    endText(
      { end: 'early-stopped', epochs: epochs.slice(0, 1), best: undefined },
      { epochs: 9, patience: 1 },
    ),
  ).toMatch(/after epoch 1 of 9: there was no .* 1 epoch$/);
});
