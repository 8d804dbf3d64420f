import type { Contradiction } from '../../diagnostics/codes/spec/contradiction.js';
import type { LossTerm } from '../../language/recipes/recipe-spec.js';
import type { LossHead, LossKind } from './prediction.js';

/** Why a loss of a recipe does not fit a network. */
export type LossProblem =
  | (ContradictionOf<'loss-of-other-head'> & { readonly loss: LossKind; readonly instead: LossKind })
  | ContradictionOf<'softmax-of-one-class'>;

type ContradictionOf<P extends Contradiction['problem']> = Extract<Contradiction, { readonly problem: P }>;

/** Losses that are the likelihood of one head, and the loss to use instead with the other head. */
const onlyFor: Partial<Readonly<Record<LossKind, { readonly head: LossHead; readonly instead: LossKind }>>> =
  {
    cross_entropy: { head: 'softmax', instead: 'bce' },
    bce: { head: 'sigmoid', instead: 'cross_entropy' },
  };

/**
 * What is wrong with a loss for a network: a loss of another head, or a softmax over one class. The compiler replaces no
 * loss silently, since it would then train another loss than the spec says.
 */
export function lossProblems(
  terms: readonly LossTerm[],
  head: LossHead,
  classes: number,
): readonly LossProblem[] {
  const problems: LossProblem[] = [];
  const kinds = new Set(terms.map(({ loss }) => loss.kind));
  for (const kind of kinds) {
    const only = onlyFor[kind];
    if (only && only.head !== head) {
      const { head: needed, instead } = only;
      problems.push({ problem: 'loss-of-other-head', loss: kind, needed, head, instead });
    }
  }
  if (head === 'softmax' && classes === 1) {
    problems.push({ problem: 'softmax-of-one-class' });
  }
  return problems;
}
