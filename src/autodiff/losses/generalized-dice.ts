import { isTiny, type LossExpression, select } from '../expression.js';
import type { StepValue } from '../step/step-value.js';
import { countsOf, share } from './overlap.js';
import type { LossOf, Prediction } from './prediction.js';

/**
 * Generalized Dice loss: 1 - (2 sum v TP + s) / (sum v (sum p + sum g) + s), with the outer sums over classes and
 * v = 1 / (sum g)^2; then the mean over the samples that have labels. An absent class has the largest v of the others. All v
 * of a sample are divided by the largest. This does not change the quotient, but s is then measured in positions for every
 * image size, as in the Dice loss.
 *
 * Source: C. H. Sudre, W. Li, T. Vercauteren, S. Ourselin, M. J. Cardoso, Generalised Dice overlap as a deep learning
 * loss function for highly unbalanced segmentations, 2017, arXiv:1707.03237. Absent classes as in MONAI.
 */
export function generalizedDice(
  { smooth }: LossOf<'generalized_dice'>,
  prediction: Prediction,
): LossExpression {
  const { labelled } = prediction;
  const weights = classBalance(prediction);
  const { hits, falsePositives, falseNegatives } = countsOf(prediction, false);
  const wrong = falsePositives.plus(falseNegatives);
  const all = hits.times(2).plus(wrong);
  const costs = share(wrong.times(weights).sum([1]), all.times(weights).sum([1]).plus(smooth));
  return costs.times(labelled).total().over(prediction.divisor(labelled));
}

/** More than any sum of weights. */
const LARGEST = 2 ** 127;

/** (smallest sum g / sum g)^2 for each class of a sample, 1 for an absent class; (N, K, ...1). */
function classBalance({ builder, trueWeights, spatialAxes }: Prediction): StepValue {
  const sizes = builder.sum(trueWeights, spatialAxes);
  const absent = isTiny(builder, sizes);
  const present = select(builder, absent, LARGEST, sizes);
  const smallest = builder.op(
    'ReduceMin',
    [present],
    sizes.shape.map((size, axis) => (axis === 1 ? 1 : size)),
    { axes: { ints: [1] }, keepdims: { int: 1 } },
  );
  return select(builder, absent, 1, builder.square(builder.div(smallest, present)));
}
