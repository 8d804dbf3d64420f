import type { ObjectOverlaps, ObjectPair } from './object-overlaps.js';

/** IoU 0.5, 0.55, ..., 0.95, as exactly as a number can be. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);

/** Counts of a matching of true and predicted objects. */
export interface MatchCounts {
  /** Matched pairs. */
  readonly truePositives: number;
  /** Predicted objects without a match. */
  readonly falsePositives: number;
  /** True objects without a match. */
  readonly falseNegatives: number;
}

/**
 * Chooses as many pairs as possible, each object in one pair at most. All pairs have an IoU of at least one half, so two pairs
 * share an object only if both have an IoU of exactly one half, and one object holds the two others. Therefore the first
 * pair that finds its objects free is always right, and no assignment problem needs to be solved.
 */
function oneToOne(pairs: readonly ObjectPair[]): readonly ObjectPair[] {
  const [truths, predictions] = [new Set<number>(), new Set<number>()];
  return pairs.filter(({ truth, prediction }) => {
    if (truths.has(truth) || predictions.has(prediction)) return false;
    truths.add(truth);
    predictions.add(prediction);
    return true;
  });
}

/** The counts if objects match at an IoU of at least `threshold`, which is at least 0.5. */
export function matchCounts(
  { trueSizes, predictedSizes, pairs }: ObjectOverlaps,
  threshold: number,
): MatchCounts {
  if (!(threshold >= 0.5 && threshold <= 1)) throw new Error(`an IoU of ${threshold} is not within 0.5 .. 1`);
  const matched = oneToOne(pairs.filter(({ iou }) => iou >= threshold)).length;
  return {
    truePositives: matched,
    falsePositives: predictedSizes.length - matched,
    falseNegatives: trueSizes.length - matched,
  };
}

/** What panoptic quality is computed from: objects match at an IoU above one half, so there is only one matching. */
export interface PanopticCounts extends MatchCounts {
  /** The sum of the IoU of the matched pairs. */
  readonly iouSum: number;
}

/** The counts of panoptic quality. */
export function panopticCounts({ trueSizes, predictedSizes, pairs }: ObjectOverlaps): PanopticCounts {
  const matched = pairs.filter(({ iou }) => iou > 0.5);
  return {
    truePositives: matched.length,
    falsePositives: predictedSizes.length - matched.length,
    falseNegatives: trueSizes.length - matched.length,
    iouSum: matched.reduce((sum, { iou }) => sum + iou, 0),
  };
}
