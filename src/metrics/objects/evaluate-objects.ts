import { meanOf } from '../metric-names.js';
import { type Statistic, statisticOf } from '../statistic.js';
import { type CellErrors, cellErrors, sumOfCells } from './cell-errors.js';
import {
  IOU_THRESHOLDS,
  type MatchCounts,
  matchCounts,
  type PanopticCounts,
  panopticCounts,
} from './object-matches.js';
import { type ObjectNumbers, overlapsOf } from './object-overlaps.js';

/** How well objects match at an IoU. Null if there is neither a true nor a predicted object. */
export interface MatchScores extends MatchCounts {
  readonly iou: number;
  /** 2 TP / (2 TP + FP + FN). */
  readonly f1: number | null;
  /** TP / (TP + FP + FN): the "average precision" of Cellpose and of the Data Science Bowl 2018, and StarDist's accuracy. */
  readonly averagePrecision: number | null;
}

/** Panoptic quality, Kirillov et al., CVPR 2019: objects match at an IoU above one half. */
export interface PanopticQuality extends PanopticCounts {
  /** The sum of IoU / (TP + FP / 2 + FN / 2) = sq * rq; null if there is no object. */
  readonly pq: number | null;
  /** The mean IoU of the matched pairs; null if none is matched. */
  readonly sq: number | null;
  /** TP / (TP + FP / 2 + FN / 2); null if there is no object. */
  readonly rq: number | null;
}

/** The metrics of the objects of one case, or of all cases together. Everything is JSON. */
export interface ObjectMetrics {
  /** At each IoU, in ascending order. */
  readonly matches: readonly MatchScores[];
  /** The mean of f1 over these. */
  readonly meanF1: number | null;
  readonly meanAveragePrecision: number | null;
  readonly panoptic: PanopticQuality;
  readonly cells: CellErrors;
}

export interface ObjectOptions {
  /** From 0.5 to 1, in ascending order; IOU_THRESHOLDS when left out. */
  readonly thresholds?: readonly number[];
  /** (...spatial): every number but 0 marks a position that nobody labelled, which belongs to no object. */
  readonly ignored?: Uint8Array | undefined;
}

/**
 * Matches the objects of a prediction with the true objects. Both are (...spatial): a number above 0 for each object, or
 * the components of a class (see objectsOfClass).
 */
export function evaluateObjects(
  truth: ObjectNumbers,
  predicted: ObjectNumbers,
  { thresholds = IOU_THRESHOLDS, ignored }: ObjectOptions = {},
): ObjectMetrics {
  const overlaps = overlapsOf(truth, predicted, ignored);
  return metricsOf(
    thresholds.map((iou) => ({ iou, ...matchCounts(overlaps, iou) })),
    panopticCounts(overlaps),
    cellErrors(overlaps),
  );
}

function metricsOf(
  counts: readonly (MatchCounts & { readonly iou: number })[],
  panoptic: PanopticCounts,
  cells: CellErrors,
): ObjectMetrics {
  const matches = counts.map((one): MatchScores => {
    const { iou, truePositives, falsePositives, falseNegatives } = one;
    const wrong = falsePositives + falseNegatives;
    const part = (weight: number) =>
      truePositives + wrong === 0 ? null : (weight * truePositives) / (weight * truePositives + wrong);
    return { iou, truePositives, falsePositives, falseNegatives, f1: part(2), averagePrecision: part(1) };
  });
  const { truePositives, falsePositives, falseNegatives, iouSum } = panoptic;
  const objects = truePositives + (falsePositives + falseNegatives) / 2;
  return {
    matches,
    meanF1: meanOf(matches.map(({ f1 }) => f1)),
    meanAveragePrecision: meanOf(matches.map(({ averagePrecision }) => averagePrecision)),
    panoptic: {
      ...{ truePositives, falsePositives, falseNegatives, iouSum },
      pq: objects === 0 ? null : iouSum / objects,
      sq: truePositives === 0 ? null : iouSum / truePositives,
      rq: objects === 0 ? null : truePositives / objects,
    },
    cells,
  };
}

/** The objects of all cases. Everything is JSON. */
export interface ObjectSummary {
  readonly cases: number;
  /** From the counts of all cases together. */
  readonly pooled: ObjectMetrics;
  /** Of each case first, then over the cases. */
  readonly perCase: {
    /** At the lowest IoU. */
    readonly f1: Statistic;
    readonly meanF1: Statistic;
    readonly pq: Statistic;
  };
}

/** The summary of cases that were measured with the same thresholds; they are few numbers each. */
export function summarizeObjects(cases: readonly ObjectMetrics[]): ObjectSummary {
  const statistic = (of: (one: ObjectMetrics) => number | null) => statisticOf(cases.map(of), 0, false);
  const sum = (of: (one: ObjectMetrics) => number | undefined) =>
    cases.reduce((total, one) => total + (of(one) ?? 0), 0);
  const counts = (of: (one: ObjectMetrics) => MatchCounts | undefined): MatchCounts => ({
    truePositives: sum((one) => of(one)?.truePositives),
    falsePositives: sum((one) => of(one)?.falsePositives),
    falseNegatives: sum((one) => of(one)?.falseNegatives),
  });
  const [first] = cases;
  return {
    cases: cases.length,
    pooled: metricsOf(
      (first?.matches ?? []).map(({ iou }, i) => ({ iou, ...counts(({ matches }) => matches[i]) })),
      { ...counts(({ panoptic }) => panoptic), iouSum: sum(({ panoptic }) => panoptic.iouSum) },
      sumOfCells(cases.map(({ cells }) => cells)),
    ),
    perCase: {
      f1: statistic(({ matches }) => matches[0]?.f1 ?? null),
      meanF1: statistic(({ meanF1 }) => meanF1),
      pq: statistic(({ panoptic }) => panoptic.pq),
    },
  };
}
