import { contradictionText } from '../../diagnostics/codes/spec/contradiction.js';
import type { LossTerm } from '../../language/recipes/recipe-spec.js';
import type { NetworkSpec } from '../../language/resolve/network-spec.js';
import { gradientOf, type LossExpression } from '../expression.js';
import type { StepBuilder } from '../step/step-builder.js';
import { headOf } from '../step/step-settings.js';
import type { StepValue } from '../step/step-value.js';
import type { LossWriter } from '../step/training-step.js';
import { boundary } from './boundary.js';
import { binaryCrossEntropy, crossEntropy } from './cross-entropy.js';
import { focal } from './focal.js';
import { generalizedDice } from './generalized-dice.js';
import { lossProblems } from './loss-problems.js';
import { dice, focalTversky, tversky } from './overlap.js';
import { type LossHead, type LossInputs, type LossKind, type LossOf, Prediction } from './prediction.js';

export interface LossResult {
  /** A scalar []. */
  readonly value: StepValue;
  /** The gradient by the logits, (N, K, ...spatial): exactly 0 where the weight is. */
  readonly gradient: StepValue;
}

const losses: { readonly [K in LossKind]: (settings: LossOf<K>, prediction: Prediction) => LossExpression } =
  {
    cross_entropy: (_, prediction) => crossEntropy(prediction),
    bce: (_, prediction) => binaryCrossEntropy(prediction),
    dice,
    tversky,
    focal_tversky: focalTversky,
    focal,
    generalized_dice: generalizedDice,
    boundary,
  };

/** Writes the loss of a recipe for a network. */
export function lossWriter(spec: NetworkSpec, terms: readonly LossTerm[]): LossWriter {
  const head = headOf(spec);
  return (builder, logits, truth) => lossOf(builder, terms, head, { logits, ...truth });
}

/**
 * Writes a weighted sum of losses and its gradient by the logits. Positions of weight 0 are invisible; if all positions are,
 * the value and the gradient are 0.
 *
 * @param head the last op of the network, whose inputs are the logits
 * @throws if `lossProblems` finds a problem: callers check it before
 */
export function lossOf(
  builder: StepBuilder,
  terms: readonly LossTerm[],
  head: LossHead,
  inputs: LossInputs,
): LossResult {
  const [problem] = lossProblems(terms, head, inputs.logits.shape[1] ?? 0);
  if (problem) throw new Error(contradictionText(problem));
  const { scope } = builder;
  builder.scope = 'loss';
  const prediction = new Prediction(builder, head, inputs);
  const total = terms
    .map(({ weight, loss }) => {
      const value = calculated(loss, prediction);
      return weight === 1 ? value : value.times(weight);
    })
    .reduce((sum, term) => sum.plus(term));
  builder.scope = 'gradient/loss';
  const gradient = prediction.visibleOnly(gradientOf(total, prediction.logits));
  builder.scope = scope;
  return { value: total.value, gradient };
}

function calculated<K extends LossKind>(
  loss: LossOf<K> & { readonly kind: K },
  prediction: Prediction,
): LossExpression {
  return losses[loss.kind](loss, prediction);
}
