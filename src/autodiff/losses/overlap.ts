import { isTiny, type LossExpression } from '../expression.js';
import type { LossOf, Prediction } from './prediction.js';

/** Soft counts of each class, with the weights w of the positions; (N, K, ...1), or (1, K, ...1) over the batch. */
export interface Counts {
  /** sum w p g */
  readonly hits: LossExpression;
  /** sum w p (1 - g) */
  readonly falsePositives: LossExpression;
  /** sum w (1 - p) g */
  readonly falseNegatives: LossExpression;
}

export function countsOf(prediction: Prediction, overBatch: boolean): Counts {
  const { builder, probabilities: p, trueWeights, falseWeights } = prediction;
  const axes = summedAxes(prediction, overBatch);
  return {
    hits: p.times(trueWeights).sum(axes),
    falsePositives: p.times(falseWeights).sum(axes),
    falseNegatives: p.negated().plus(builder.scalar(1)).times(trueWeights).sum(axes),
  };
}

function summedAxes({ spatialAxes }: Prediction, overBatch: boolean): readonly number[] {
  return overBatch ? [0, ...spatialAxes] : spatialAxes;
}

/**
 * Dice loss. With linear denominators, 1 - (2 TP + s) / (sum p + sum g + s); with squared ones,
 * 1 - (2 TP + s) / (sum p^2 + sum g^2 + s). It is calculated for each sample and class and averaged over both; over the
 * batch, the sums include all samples, and the mean is taken over classes. Both forms are written as errors divided by the
 * total, (FP + FN) / (2 TP + FP + FN + s) and sum (p - g)^2 / (sum p^2 + sum g^2 + s). These are equal, but avoid the
 * difference of two numbers close to 1. A class that is absent and not predicted costs nothing, also with s = 0.
 *
 * Source: F. Milletari, N. Navab, S.-A. Ahmadi, V-Net, 2016, arXiv:1606.04797, section 3, for the squared form; the
 * nnU-Net and MONAI use the linear form with s. Weights of positions multiply every term of every sum.
 */
export function dice(settings: LossOf<'dice'>, prediction: Prediction): LossExpression {
  const { smooth, squared, batch, background } = settings;
  if (!squared) {
    const { hits, falsePositives, falseNegatives } = countsOf(prediction, batch);
    const wrong = falsePositives.plus(falseNegatives);
    return meanOf(prediction, share(wrong, hits.times(2).plus(wrong).plus(smooth)), batch, background);
  }
  const { probabilities: p, truth, weights, trueWeights } = prediction;
  const axes = summedAxes(prediction, batch);
  const wrong = p.minus(truth).power(2).times(weights).sum(axes);
  const all = p.power(2).times(weights).plus(trueWeights).sum(axes).plus(smooth);
  return meanOf(prediction, share(wrong, all), batch, background);
}

/**
 * Tversky loss: the mean over samples and classes of 1 - TI, with the index
 * TI = (TP + s) / (TP + fp_weight FP + fn_weight FN + s). In a softmax of two classes, a false positive of one class is a
 * false negative of the other. With `background: false`, the weights apply to the foreground alone, as in the paper.
 *
 * Source: S. S. M. Salehi, D. Erdogmus, A. Gholipour, Tversky loss function for image segmentation using 3D fully
 * convolutional deep networks, 2017, arXiv:1706.05721, whose alpha is fp_weight and whose beta is fn_weight.
 */
export function tversky(settings: LossOf<'tversky'>, prediction: Prediction): LossExpression {
  return meanOf(prediction, withoutIndex(settings, prediction), false, settings.background);
}

/**
 * Focal Tversky loss: the sum over classes of (1 - TI)^exponent, averaged over samples. If TI is 1 and the exponent is below
 * 1, the slope is infinite, and counts as 0.
 *
 * Source: N. Abraham, N. M. Khan, A novel focal Tversky loss function with improved attention U-Net for lesion
 * segmentation, 2019, arXiv:1810.07842, whose exponent is 1/gamma = 3/4, and whose alpha weighs false negatives.
 */
export function focalTversky(settings: LossOf<'focal_tversky'>, prediction: Prediction): LossExpression {
  const { background, exponent } = settings;
  const costs = withoutIndex(settings, prediction).power(exponent);
  const mean = meanOf(prediction, costs, false, background);
  return mean.times(countedClasses(prediction, background));
}

/** 1 - TI of each sample and class, as errors divided by the total. */
function withoutIndex(
  settings: Pick<LossOf<'tversky'>, 'fp_weight' | 'fn_weight' | 'smooth'>,
  prediction: Prediction,
): LossExpression {
  const { hits, falsePositives, falseNegatives } = countsOf(prediction, false);
  const wrong = falsePositives.times(settings.fp_weight).plus(falseNegatives.times(settings.fn_weight));
  return share(wrong, hits.plus(wrong).plus(settings.smooth));
}

/** A part divided by the whole; 0 if the whole is 0. */
export function share(part: LossExpression, whole: LossExpression): LossExpression {
  return part.over(whole.except(isTiny(whole.builder, whole.value), 1));
}

function countedClasses({ classes }: Prediction, background: boolean): number {
  return background || classes === 1 ? classes : classes - 1;
}

/**
 * The mean of costs, (N, K, ...1), over samples and classes. Samples without any label do not count; nor does the background,
 * the first of several classes, if it is left out.
 */
function meanOf(
  prediction: Prediction,
  costs: LossExpression,
  overBatch: boolean,
  background: boolean,
): LossExpression {
  const { builder, labelled } = prediction;
  const counted = countedClasses(prediction, background);
  const first = prediction.classes - counted;
  const divisor = overBatch ? builder.scalar(1) : prediction.divisor(labelled);
  const ofSamples = overBatch ? costs : costs.times(labelled);
  const ofClasses =
    first === 0 ? ofSamples : ofSamples.times(prediction.perClass((k) => (k < first ? 0 : 1)));
  return ofClasses.total().over(builder.times(divisor, counted));
}
