import type { LossTerm } from '../../semantics/recipes.js';
import { type Expression, gradientOf } from '../expression.js';
import type { Tape, Value } from '../tape.js';
import { boundary } from './boundary.js';
import { binaryCrossEntropy, crossEntropy } from './cross-entropy.js';
import { focal } from './focal.js';
import { generalizedDice } from './generalized-dice.js';
import type { LossKind, LossOf } from './loss-kinds.js';
import { lossProblems } from './loss-problems.js';
import { dice, focalTversky, tversky } from './overlap.js';
import { type LossHead, type LossInputs, Prediction } from './prediction.js';

export interface LossResult {
  /** A scalar []. */
  readonly value: Value;
  /** The gradient by the logits, (N, K, ...spatial): exactly 0 where the weight is. */
  readonly gradient: Value;
}

const losses: { readonly [K in LossKind]: (settings: LossOf<K>, prediction: Prediction) => Expression } = {
  cross_entropy: (_, prediction) => crossEntropy(prediction),
  bce: (_, prediction) => binaryCrossEntropy(prediction),
  dice,
  tversky,
  focal_tversky: focalTversky,
  focal,
  generalized_dice: generalizedDice,
  boundary,
};

/**
 * Writes a weighted sum of losses and its gradient by the logits. Positions of weight 0 are invisible; where all are,
 * the value and the gradient are 0.
 *
 * @param head what the network's last op is to be: the logits are what goes into it
 * @throws where `lossProblems` finds a problem: it is to be asked before
 */
export function lossOf(
  tape: Tape,
  terms: readonly LossTerm[],
  head: LossHead,
  inputs: LossInputs,
): LossResult {
  const [problem] = lossProblems(terms, head, inputs.logits.shape[1] ?? 0);
  if (problem) throw new Error(problem.message);
  const { scope } = tape;
  tape.scope = 'loss';
  const prediction = new Prediction(tape, head, inputs);
  const total = terms
    .map(({ weight, loss }) => {
      const value = calculated(loss, prediction);
      return weight === 1 ? value : value.times(weight);
    })
    .reduce((sum, term) => sum.plus(term));
  tape.scope = 'gradient/loss';
  const gradient = prediction.visibleOnly(gradientOf(total, prediction.logits));
  tape.scope = scope;
  return { value: total.value, gradient };
}

function calculated<K extends LossKind>(
  loss: LossOf<K> & { readonly kind: K },
  prediction: Prediction,
): Expression {
  return losses[loss.kind](loss, prediction);
}
