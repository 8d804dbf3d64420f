import type { LossTerm } from '../../language/recipes/recipe-spec.js';
import type { NetworkSpec } from '../../language/resolve/network-spec.js';
import { lossOf } from '../losses/loss-of.js';
import type { LossWriter } from './training-step.js';

/** The loss of a recipe for a network: on logits that a softmax is to follow, or a sigmoid where the head is one. */
export function lossWriter(spec: NetworkSpec, terms: readonly LossTerm[]): LossWriter {
  const head = spec.head.value.kind === 'sigmoid' ? 'sigmoid' : 'softmax';
  return (builder, logits, truth) => lossOf(builder, terms, head, { logits, ...truth });
}
