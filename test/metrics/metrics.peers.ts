import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ClassMetrics, type Presence, plainClasses } from '../../src/metrics/case-metrics.js';
import { evaluateCase } from '../../src/metrics/evaluate-case.js';
import { CLASS_METRICS, type ClassMetric } from '../../src/metrics/metric-names.js';
import { evaluateObjects } from '../../src/metrics/objects/evaluate-objects.js';
import { distanceTransform } from '../../src/objects/watershed/distance-transform.js';
import { peersPython } from '../formats/peers-python.js';
import { torchPython } from '../weights/torch-python.js';
import { brute } from './brute-surfaces.js';
import { peerCases } from './peer-cases.js';

/** A number; "nan", "inf", or the name of an exception. */
type Answer = number | string;
type Answers = Readonly<Record<string, Answer>>;

interface PlainCase {
  readonly classes: readonly Readonly<Record<string, Answers>>[];
  readonly objects: readonly Answers[];
}
interface TorchCase {
  /** Both classes of each metric. */
  readonly monai: Readonly<Record<string, readonly Answer[]>>;
  readonly torchmetrics: Readonly<Record<string, readonly Answer[]>>;
  /** Each with the unlabelled positions of the case left out: TP, FP, FN and TN by class; the Dice of both classes. */
  readonly unlabelled: { readonly nnunet: readonly (readonly number[])[]; readonly dice: readonly Answer[] };
  readonly panoptic: { readonly monai: readonly Answer[]; readonly torchmetrics: readonly Answer[] };
}

const cases = peerCases(200);
const ours = cases.map(({ truth, predicted, shape, spacing, tolerance, ratio }) =>
  evaluateCase(Uint16Array.from(truth), Uint16Array.from(predicted), {
    ...{ shape, spacing, tolerance, boundaryRatio: ratio },
    ...{ classes: plainClasses(['background', 'a', 'b']), metrics: CLASS_METRICS },
  }).classes.slice(1),
);
const ourObjects = cases.map(({ objects, found }) =>
  evaluateObjects(Int32Array.from(objects), Int32Array.from(found)),
);

/** What a script in peers/ measures of all cases; it runs once. */
function lazily<Result>(python: string | undefined, script: string): () => readonly Result[] {
  let found: readonly Result[] | undefined;
  return () => {
    const path = join(import.meta.dirname, 'peers', script);
    // The script writes this form.
    found ??= (
      JSON.parse(
        execFileSync(python ?? '', [path], { input: JSON.stringify(cases), maxBuffer: 2 ** 27 }).toString(),
      ) as { readonly cases: readonly Result[] }
    ).cases;
    return found;
  };
}

interface Compared {
  /** In how many cases and classes both are numbers, with the class in both maps. */
  readonly both: number;
  /** The largest difference, relative to numbers above 1. */
  readonly largest: number;
  /** The largest amount by which the peer is above, and below; absolute. */
  readonly above: number;
  readonly below: number;
  /** What the peer answers where the class is in the truth alone, in the prediction alone, or nowhere. */
  readonly empty: Readonly<Partial<Record<Presence, readonly string[]>>>;
}

/** Compares a metric in all cases and classes; `theirs` is undefined where the peer is not asked. */
function compare(
  own: ClassMetric | ((one: ClassMetrics, n: number, k: number) => number | null | undefined),
  theirs: (n: number, k: number) => Answer | undefined,
): Compared {
  let [both, largest, above, below] = [0, 0, 0, 0];
  const empty: Partial<Record<Presence, Set<string>>> = {};
  for (const [n, all] of ours.entries()) {
    for (const [k, one] of all.entries()) {
      const answer = theirs(n, k);
      if (answer === undefined) continue;
      if (one.presence !== 'both') {
        const seen = empty[one.presence] ?? new Set();
        empty[one.presence] = seen.add(String(answer));
        continue;
      }
      const value = typeof own === 'function' ? own(one, n, k) : one.values[own];
      if (typeof value !== 'number' || typeof answer !== 'number') {
        throw new Error(`case ${n}, class ${k}: ${value} and ${answer}`);
      }
      both++;
      largest = Math.max(largest, Math.abs(value - answer) / Math.max(1, Math.abs(value)));
      above = Math.max(above, answer - value);
      below = Math.max(below, value - answer);
    }
  }
  const lists = Object.entries(empty).map(([presence, seen]) => [presence, [...seen].sort()]);
  return { both, largest, above, below, empty: Object.fromEntries(lists) };
}

/** The answers of a peer that does the same for every class that is in one map, or in none. */
const empties = (...[truth, prediction, neither]: readonly string[]) => ({
  ...{ truth: [truth], prediction: [prediction], neither: [neither] },
});

const isPlain = (n: number) => cases[n]?.spacing.every((distance) => distance === 1) ?? false;
const isSquare = (n: number) => cases[n]?.shape.length === 2 && cases[n]?.shape[0] === cases[n]?.shape[1];

const python = peersPython();
const plain = lazily<PlainCase>(python, 'plain_peers.py');
describe.skipIf(python === undefined)('packages without PyTorch', () => {
  const found = plain;
  const of = (peer: string, name: string) => (n: number, k: number) => found()[n]?.classes[k]?.[peer]?.[name];

  test('all kinds of cases are there', () => {
    const presences = ours.flat().map(({ presence }) => presence);
    for (const presence of ['both', 'truth', 'prediction', 'neither'] as const) {
      expect(presences.filter((one) => one === presence).length).toBeGreaterThan(10);
    }
  });

  test.each([
    ['dice', '0', '0', 'nan'],
    ['iou', '0', '0', '1'],
    ['recall', '0', 'nan', 'nan'],
    ['precision', 'nan', '0', 'nan'],
    ['relative_volume_difference', '-1', 'RuntimeError', 'RuntimeError'],
    ['hd', 'RuntimeError', 'RuntimeError', 'RuntimeError'],
    ['assd', 'RuntimeError', 'RuntimeError', 'RuntimeError'],
  ] as const)('MedPy: %s', (metric, ...empty) => {
    const compared = compare(metric, of('medpy', metric));
    expect(compared.both).toBeGreaterThan(200);
    expect(compared.largest).toBeLessThan(1e-12);
    expect(compared.empty).toEqual(empties(...empty));
  });

  test('MedPy: specificity has a value for empty masks too', () => {
    expect(compare('specificity', of('medpy', 'specificity')).largest).toBeLessThan(1e-12);
  });

  test('MedPy: HD95 is one percentile of the distances in both directions', () => {
    const theirs = of('medpy', 'hd95');
    const pooled = compare((_one, n, k) => {
      const { truth = [], predicted = [], shape = [], spacing = [] } = cases[n] ?? {};
      return brute(Uint16Array.from(predicted), Uint16Array.from(truth), k + 1, shape, spacing).pooled95;
    }, theirs);
    expect(pooled.largest).toBeLessThan(1e-12);
    const own = compare('hd95', theirs);
    expect([own.below > 1, own.above > 0.1]).toEqual([true, true]);
  }, 300_000);

  test.each([
    ['dice', 'dice', '0'],
    ['iou', 'iou', '0'],
  ] as const)('SimpleITK: %s', (metric, name, neither) => {
    const compared = compare(metric, of('simpleitk', name));
    expect(compared.largest).toBeLessThan(1e-12);
    expect(compared.empty).toEqual(empties('0', '0', neither));
  });

  test('SimpleITK: the false negative error is 1 - recall', () => {
    const compared = compare(
      ({ values }) => 1 - (values.recall ?? 0),
      of('simpleitk', 'false_negative_error'),
    );
    expect(compared.largest).toBeLessThan(1e-12);
  });

  test('SimpleITK: HD is of whole sets, not of borders', () => {
    const theirs = of('simpleitk', 'hd');
    const ofSets = compare((_one, n, k) => {
      const { truth = [], predicted = [], shape = [], spacing = [] } = cases[n] ?? {};
      const furthest = (from: readonly number[], to: readonly number[]) => {
        const away = distanceTransform((i) => to[i] === k + 1, shape, spacing);
        return Math.max(...away.filter((_, i) => from[i] === k + 1));
      };
      return Math.max(furthest(truth, predicted), furthest(predicted, truth));
    }, theirs);
    expect(ofSets.largest).toBeLessThan(1e-5);
    const compared = compare('hd', theirs);
    expect([compared.below > 0.5, compared.above > 0.5]).toEqual([true, true]);
    expect(compared.empty).toEqual(empties('RuntimeError', 'RuntimeError', 'RuntimeError'));
  });

  test('scikit-image: HD of the points of both borders', () => {
    const compared = compare('hd', (n, k) => (isPlain(n) ? of('skimage', 'hd_pixels')(n, k) : undefined));
    expect(compared.both).toBeGreaterThan(40);
    expect(compared.largest).toBeLessThan(1e-12);
    expect(compared.empty).toEqual(empties('inf', 'inf', '0'));
  });

  test('surface-distance: surface elements have other places and sizes', () => {
    const nsd = compare('nsd', of('deepmind', 'nsd'));
    expect(nsd.largest).toBeGreaterThan(0.05);
    expect(nsd.largest).toBeLessThan(0.35);
    expect(nsd.empty).toEqual(empties('0', '0', 'nan'));
    const hd95 = compare('hd95', of('deepmind', 'hd95'));
    expect(hd95.largest).toBeGreaterThan(0.5);
    expect(hd95.empty).toEqual(empties('inf', 'inf', 'inf'));
  });

  test("boundary IoU: the authors' function, in images", () => {
    const compared = compare('boundary_iou', (n, k) =>
      isPlain(n) ? of('boundary', 'boundary_iou')(n, k) : undefined,
    );
    expect(compared.both).toBeGreaterThan(20);
    expect(compared.largest).toBeLessThan(1e-12);
    expect(compared.empty).toEqual(empties('0', '0', 'nan'));
  });

  test('StarDist: every count, F1 and accuracy at ten thresholds; 0 where there is no object', () => {
    for (const [n, { matches, panoptic }] of ourObjects.entries()) {
      const theirs = found()[n]?.objects ?? [];
      expect(
        matches.map((one) => [
          ...[one.truePositives, one.falsePositives, one.falseNegatives],
          ...[one.f1 ?? 0, one.averagePrecision ?? 0],
        ]),
      ).toEqual(theirs.map(({ tp, fp, fn, f1, accuracy }) => [tp, fp, fn, f1, accuracy]));
      // An IoU of exactly one half matches there; it adds up single-precision numbers.
      const halves = (matches[0]?.truePositives ?? 0) - panoptic.truePositives;
      const others =
        panoptic.truePositives + halves + (panoptic.falsePositives + panoptic.falseNegatives) / 2 - halves;
      const withHalves = others === 0 ? 0 : (panoptic.iouSum + halves / 2) / others;
      expect(Number(theirs[0]?.panoptic_quality)).toBeCloseTo(withHalves, 6);
    }
    expect(ourObjects.filter(({ meanF1 }) => meanF1 === null).length).toBeGreaterThan(5);
  });
});

const torch = torchPython();
describe.skipIf(torch === undefined)('packages with PyTorch', () => {
  const found = lazily<TorchCase>(torch, 'torch_peers.py');
  const of = (peer: 'monai' | 'torchmetrics', name: string) => (n: number, k: number) =>
    found()[n]?.[peer][name]?.[k];

  test.each([
    ['dice', 'dice', '0', 'nan', 'nan'],
    ['dice', 'dice_kept', '0', '0', '1'],
    ['iou', 'iou', '0', 'nan', 'nan'],
    ['hd', 'hd', 'inf', 'inf', 'nan'],
    ['hd95', 'hd95', 'nan', 'nan', 'nan'],
    ['assd', 'assd', 'inf', 'inf', 'nan'],
    ['nsd', 'nsd', '0', '0', 'nan'],
  ] as const)('MONAI: %s as %s', (metric, name, ...empty) => {
    const compared = compare(metric, of('monai', name));
    expect(compared.both).toBeGreaterThan(200);
    // It computes in single precision.
    expect(compared.largest).toBeLessThan(3e-6);
    expect(compared.empty).toEqual(empties(...empty));
  });

  test.skipIf(python === undefined)('MONAI: NSD with use_subvoxels is that of surface-distance', () => {
    const compared = compare(
      // A number, since the class is in both.
      (_one, n, k) => Number(plain()[n]?.classes[k]?.deepmind?.nsd),
      of('monai', 'nsd_subvoxels'),
    );
    expect(compared.largest).toBeLessThan(1e-6);
  });

  test.each([
    ['dice', '0', '0', 'nan'],
    ['iou', '0', '0', '-1'],
  ] as const)('torchmetrics: %s', (metric, ...empty) => {
    const compared = compare(metric, of('torchmetrics', metric));
    expect(compared.largest).toBeLessThan(1e-6);
    expect(compared.empty).toEqual(empties(...empty));
  });

  test('torchmetrics: HD is right for squares alone', () => {
    const theirs = of('torchmetrics', 'hd');
    const squares = compare('hd', (n, k) => (isSquare(n) ? theirs(n, k) : undefined));
    expect(squares.both).toBeGreaterThan(40);
    expect(squares.largest).toBeLessThan(1e-5);
    expect(squares.empty).toEqual(empties('inf', 'inf', 'RuntimeError'));
    const others = ours.flatMap(([one], n) =>
      one?.presence === 'both' && !isSquare(n) ? [{ answer: theirs(n, 0), value: one.values.hd, n }] : [],
    );
    const [images, volumes] = [2, 3].map((rank) => others.filter(({ n }) => cases[n]?.shape.length === rank));
    expect(new Set(volumes?.map(({ answer }) => answer))).toEqual(new Set(['ValueError']));
    // The others are refused, with an IndexError.
    const wrong = (images ?? []).filter(
      ({ answer, value }) => typeof answer === 'number' && Math.abs(answer - (value ?? 0)) > 0.1,
    );
    expect(wrong.length).toBeGreaterThan(5);
  });

  test('MONAI and torchmetrics: panoptic quality', () => {
    for (const [n, { panoptic }] of ourObjects.entries()) {
      const { truePositives, falsePositives, falseNegatives, iouSum, pq } = panoptic;
      const { monai, torchmetrics } = found()[n]?.panoptic ?? { monai: [], torchmetrics: [] };
      expect(monai).toEqual([truePositives, falsePositives, falseNegatives, expect.closeTo(iouSum, 5)]);
      expect(Number(torchmetrics[0])).toBeCloseTo(pq ?? 0, 6);
    }
  });

  test('unlabelled positions: the counts of nnU-Net, and the Dice of MONAI', () => {
    let measured = 0;
    for (const [n, { truth, predicted, shape, ignored }] of cases.entries()) {
      const { classes } = evaluateCase(Uint16Array.from(truth), Uint16Array.from(predicted), {
        ...{ shape, ignored: Uint8Array.from(ignored), metrics: ['dice'] },
        classes: plainClasses(['background', 'a', 'b']),
      });
      const { nnunet, dice } = found()[n]?.unlabelled ?? { nnunet: [], dice: [] };
      for (const [k, { counts, values, presence }] of classes.slice(1).entries()) {
        const { truePositives, falsePositives, falseNegatives, trueNegatives } = counts;
        expect(nnunet[k]).toEqual([truePositives, falsePositives, falseNegatives, trueNegatives]);
        if (presence !== 'both') continue;
        measured++;
        expect(Number(dice[k])).toBeCloseTo(values.dice ?? -1, 6);
      }
    }
    expect(measured).toBeGreaterThan(200);
  });
});
