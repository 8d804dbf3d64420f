import type { LossExpression } from '../expression.js';
import type { LossOf, Prediction } from './prediction.js';

/**
 * Boundary loss: `weight` times the mean of p phi over positions and classes, weighted by position. phi is the signed
 * distance to the boundary of the true class (see distanceMap). It is negative inside, so the loss may be below 0.
 *
 * Source: H. Kervadec, J. Bouchtiba, C. Desrosiers, E. Granger, J. Dolz, I. Ben Ayed, Boundary loss for highly
 * unbalanced segmentation, 2019, arXiv:1812.07032; the mean, and the weight of 0.01 to start with, as in their
 * code.
 */
export function boundary({ weight }: LossOf<'boundary'>, prediction: Prediction): LossExpression {
  const { builder, probabilities, weights, distances, classes } = prediction;
  const divisor = builder.times(prediction.divisor(weights), classes);
  return probabilities.times(builder.mul(distances, weights)).total().over(divisor).times(weight);
}
