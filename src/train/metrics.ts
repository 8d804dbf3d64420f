import { connectedPieces } from '../data/connected-pieces.js';
import { IGNORED } from '../data/label-map.js';

/** Positions of each class, by class: TP, FP and FN of "this class against all others". */
export interface ClassCounts {
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** Dice and IoU in [0, 1], by class and averaged; null where there is no value (see METRIC_CONVENTIONS). */
export interface OverlapScores {
  readonly dice: readonly (number | null)[];
  readonly iou: readonly (number | null)[];
  /** Over all classes, the background (class 0) among them. */
  readonly meanDice: number | null;
  readonly meanIou: number | null;
  /** Over all classes but the background. */
  readonly foregroundDice: number | null;
  readonly foregroundIou: number | null;
}

export interface SegmentationMetrics {
  readonly images: number;
  /** Added up over all images. */
  readonly counts: ClassCounts;
  /** From the counts of all images together. */
  readonly overDataSet: OverlapScores;
  /** The mean over the images of each class's value, and the mean over classes of these. */
  readonly perImage: OverlapScores;
  /** METRIC_CONVENTIONS, to go with the numbers wherever they go. */
  readonly conventions: readonly string[];
}

/** How the numbers are to be read; "over the data set" and "per image" name the two parts of the result. */
export const METRIC_CONVENTIONS: readonly string[] = [
  'Dice = 2 TP / (2 TP + FP + FN) and IoU = TP / (TP + FP + FN), for each class against all others.',
  'Positions that nobody labelled are left out, whatever is predicted there.',
  'A class that is neither in the truth nor in the prediction (TP + FP + FN = 0) has no value, and averages are over those that have one, as in nnU-Net.',
  'Over the data set: TP, FP and FN are added up over all images first.',
  'Per image: the value of each image first, then the mean over the images, class by class.',
  'The mean over classes is given twice: with the background (class 0) and without it; mIoU is the mean IoU with it.',
];

/**
 * Counts one image. `predicted` and `truth` are (...spatial) of equal length, classes 0 .. classes - 1; where the truth
 * is IGNORED nothing is counted.
 */
export function countClasses(predicted: Uint8Array, truth: Uint8Array, classes: number): ClassCounts {
  if (predicted.length !== truth.length) {
    throw new Error(`a prediction of ${predicted.length} positions and a truth of ${truth.length}`);
  }
  // Three counts are enough: every FP of a class is predicted and not true, every FN true and not predicted.
  const asTrue = new Float64Array(256);
  const asPredicted = new Float64Array(256);
  const agreed = new Float64Array(256);
  for (let i = 0; i < truth.length; i++) {
    // Both are within their length; a byte is always an index of 256 counts.
    const label = truth[i] as number;
    if (label === IGNORED) continue;
    const found = predicted[i] as number;
    asTrue[label] = (asTrue[label] as number) + 1;
    asPredicted[found] = (asPredicted[found] as number) + 1;
    if (found === label) agreed[label] = (agreed[label] as number) + 1;
  }
  if ([asTrue, asPredicted].some((counts) => counts.subarray(classes).some((count) => count > 0))) {
    throw new Error(`a class is not within 0 .. ${classes - 1}`);
  }
  const truePositives = [...agreed.subarray(0, classes)];
  const without = (counts: Float64Array) => truePositives.map((tp, k) => (counts[k] ?? 0) - tp);
  return { truePositives, falsePositives: without(asPredicted), falseNegatives: without(asTrue) };
}

/** The mean of the values there are; null where there is none. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function scoresOf(dice: readonly (number | null)[], iou: readonly (number | null)[]): OverlapScores {
  return {
    dice,
    iou,
    meanDice: meanOf(dice),
    meanIou: meanOf(iou),
    foregroundDice: meanOf(dice.slice(1)),
    foregroundIou: meanOf(iou.slice(1)),
  };
}

/** Dice and IoU of counts. */
export function overlapScores({ truePositives, falsePositives, falseNegatives }: ClassCounts): OverlapScores {
  const dice: (number | null)[] = [];
  const iou: (number | null)[] = [];
  for (const [k, tp] of truePositives.entries()) {
    const wrong = (falsePositives[k] ?? 0) + (falseNegatives[k] ?? 0);
    const any = tp + wrong > 0;
    dice.push(any ? (2 * tp) / (2 * tp + wrong) : null);
    iou.push(any ? tp / (tp + wrong) : null);
  }
  return scoresOf(dice, iou);
}

/** Collects counts image by image; it keeps three numbers a class and image, and no map. */
export class MetricsCollector {
  private readonly all: ClassCounts[] = [];

  constructor(readonly classes: number) {}

  /** Adds an image, as countClasses takes it. */
  add(predicted: Uint8Array, truth: Uint8Array): void {
    this.all.push(countClasses(predicted, truth, this.classes));
  }

  result(): SegmentationMetrics {
    const classes = Array.from({ length: this.classes }, (_, k) => k);
    const total = (key: keyof ClassCounts) =>
      classes.map((k) => this.all.reduce((sum, counts) => sum + (counts[key][k] ?? 0), 0));
    const counts = {
      truePositives: total('truePositives'),
      falsePositives: total('falsePositives'),
      falseNegatives: total('falseNegatives'),
    };
    const each = this.all.map(overlapScores);
    const overImages = (key: 'dice' | 'iou') =>
      classes.map((k) => meanOf(each.map((scores) => scores[key][k] ?? null)));
    return {
      images: this.all.length,
      counts,
      overDataSet: overlapScores(counts),
      perImage: scoresOf(overImages('dice'), overImages('iou')),
      conventions: METRIC_CONVENTIONS,
    };
  }
}

/** What became of the true cells in a prediction. */
export interface MergedCells {
  /** True cells. */
  readonly cells: number;
  /** Cells of which no predicted piece covers more than half. */
  readonly lost: number;
  /** Cells that lie in one piece with another cell. */
  readonly merged: number;
  /** Pairs of cells that lie in one piece: n (n - 1) / 2 for a piece with n of them. */
  readonly pairs: number;
}

/**
 * Counts touching cells that a prediction did not tell apart. A piece is connected through faces (4 neighbours in 2D,
 * 6 in 3D) among the positions predicted as `cellClass`; a true cell lies in the piece that covers more than half of
 * it. `prediction` and `instances` are (...spatial); instances are numbered from 1, 0 is no cell.
 */
export function mergedCells(
  prediction: Uint8Array,
  instances: Uint16Array | Int32Array,
  shape: readonly number[],
  cellClass = 1,
): MergedCells {
  if (prediction.length !== instances.length) {
    throw new Error(`a prediction of ${prediction.length} positions and ${instances.length} of instances`);
  }
  const { pieces } = connectedPieces(
    prediction.map((label) => (label === cellClass ? 1 : 0)),
    shape,
    'faces',
  );
  const sizes = new Map<number, number>();
  const covered = new Map<number, Map<number, number>>();
  for (const [i, cell] of instances.entries()) {
    if (cell === 0) continue;
    sizes.set(cell, (sizes.get(cell) ?? 0) + 1);
    const piece = pieces[i] ?? 0;
    if (piece === 0) continue;
    const own = covered.get(cell) ?? new Map<number, number>();
    covered.set(cell, own.set(piece, (own.get(piece) ?? 0) + 1));
  }
  const cellsIn = new Map<number, number>();
  let lost = 0;
  for (const [cell, size] of sizes) {
    const main = [...(covered.get(cell) ?? [])].find(([, count]) => 2 * count > size);
    if (main === undefined) lost++;
    else cellsIn.set(main[0], (cellsIn.get(main[0]) ?? 0) + 1);
  }
  const shared = [...cellsIn.values()].filter((count) => count > 1);
  return {
    cells: sizes.size,
    lost,
    merged: shared.reduce((sum, count) => sum + count, 0),
    pairs: shared.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0),
  };
}
