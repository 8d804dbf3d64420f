import type { LossExpression } from '../expression.js';
import { meanOverClasses } from './cross-entropy.js';
import type { LossOf, Prediction } from './prediction.js';

/** A logit whose exp is 0, and that float32 can still calculate with. */
const NO_PART = -1e30;

/**
 * Focal loss: the weighted mean of - a (1 - pt)^gamma log pt, with pt the probability of the truth. With a softmax, pt is the
 * probability of the true class, and the mean is taken as in the cross-entropy. With a sigmoid, each class is true or false
 * separately, and the mean is taken as in the binary cross-entropy. a is `alpha` for foreground and 1 - `alpha` for
 * background, which is class 0 of a softmax, or "not this class" of a sigmoid; without `alpha`, a is 1.
 *
 * (1 - pt)^gamma is written as exp(gamma log(1 - pt)), which has a finite slope for every gamma and every logit.
 *
 * Source: T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollar, Focal loss for dense object detection, 2017,
 * arXiv:1708.02002, section 3. The paper divides by the number of anchors assigned to objects; here it is a mean over
 * positions.
 */
export function focal(settings: LossOf<'focal'>, prediction: Prediction): LossExpression {
  return prediction.head === 'softmax'
    ? focalOverClasses(settings, prediction)
    : focalOfEachClass(settings, prediction);
}

function focalOverClasses({ gamma, alpha }: LossOf<'focal'>, prediction: Prediction): LossExpression {
  const { builder, logProbabilities, trueWeights: weights } = prediction;
  const factors =
    alpha === undefined
      ? weights
      : builder.mul(
          weights,
          prediction.perClass((channel) => (channel === 0 ? 1 - alpha : alpha)),
        );
  const logOthers = logProbabilities.except(prediction.isTrue, NO_PART).logSumExp();
  const modulated = logProbabilities.times(logOthers.times(gamma).exp());
  return modulated.times(factors).total().negated().over(prediction.divisor(weights));
}

function focalOfEachClass({ gamma, alpha }: LossOf<'focal'>, prediction: Prediction): LossExpression {
  const { builder, truth, logits } = prediction;
  // The logit of the opposite of the truth: log(1 - pt) is -softplus(-wrong), and log pt is -softplus(wrong).
  const wrong = logits.times(builder.plus(builder.times(truth, -2), 1));
  const costs = wrong.softplus().times(wrong.negated().softplus().times(-gamma).exp());
  if (alpha === undefined) return meanOverClasses(prediction, costs);
  const factors = builder.plus(builder.times(truth, 2 * alpha - 1), 1 - alpha);
  return meanOverClasses(prediction, costs.times(factors));
}
