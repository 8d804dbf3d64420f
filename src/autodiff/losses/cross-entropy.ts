import type { LossExpression } from '../expression.js';
import type { Prediction } from './prediction.js';

/**
 * Cross-entropy of a softmax: - sum w log p(y) / sum w over positions, with y the true class and w the weight of the
 * position. It is a weighted mean, so neither unlabelled positions nor the scale of the weights change its size.
 *
 * Source: O. Ronneberger, P. Fischer, T. Brox, U-Net, 2015, arXiv:1505.04597, section 3, for weights of positions;
 * the sum of the paper is divided here by the sum of weights, as in PyTorch's CrossEntropyLoss with class weights.
 */
export function crossEntropy(prediction: Prediction): LossExpression {
  const { trueWeights } = prediction;
  return prediction.logProbabilities
    .times(trueWeights)
    .total()
    .negated()
    .over(prediction.divisor(trueWeights));
}

/**
 * Binary cross-entropy, separately for each class: - sum w (g log p + (1 - g) log(1 - p)) / sum w over positions and
 * classes. It is written as softplus(-z) where g is 1 and as softplus(z) where g is 0, which saturates for no logit z.
 */
export function binaryCrossEntropy(prediction: Prediction): LossExpression {
  const { builder, truth, logits } = prediction;
  const wrong = logits.times(builder.plus(builder.times(truth, -2), 1)).softplus();
  return meanOverClasses(prediction, wrong);
}

/** The weighted mean over positions and classes of the separate cost of each class, (N, K, ...spatial). */
export function meanOverClasses(prediction: Prediction, costs: LossExpression): LossExpression {
  const { builder, weights, classes } = prediction;
  return costs
    .times(weights)
    .total()
    .over(builder.times(prediction.divisor(weights), classes));
}
