import type { NetworkSpec } from '../semantics/network-spec.js';
import type { LossTerm } from '../semantics/recipes.js';
import { lossOf } from './losses/loss-of.js';
import type { LossWriter } from './training-step.js';

/** The loss of a recipe for a network: on logits that a softmax is to follow, or a sigmoid where the head is one. */
export function lossWriter(spec: NetworkSpec, terms: readonly LossTerm[]): LossWriter {
  const head = spec.head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
  return (tape, logits, truth) => lossOf(tape, terms, head, { logits, ...truth });
}
