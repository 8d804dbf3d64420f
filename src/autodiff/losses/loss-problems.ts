import type { LossTerm } from '../../language/recipes/recipe-spec.js';
import type { LossHead, LossKind } from './prediction.js';

/** Why a loss of a recipe does not fit a network. */
export type LossProblem = {
  /** In words, for the one who wrote the recipe. */
  readonly message: string;
} & (
  | { readonly kind: 'head'; readonly loss: LossKind; readonly instead: LossKind }
  | { readonly kind: 'one-class' }
);

/** Losses that are the likelihood of one head, and what takes their place under the other. */
const onlyFor: Partial<Readonly<Record<LossKind, { readonly head: LossHead; readonly instead: LossKind }>>> =
  {
    cross_entropy: { head: 'softmax', instead: 'bce' },
    bce: { head: 'sigmoid', instead: 'cross_entropy' },
  };

/**
 * What is wrong with a loss for a network: a loss of another head, or a softmax over one class. Nothing is put right
 * silently: another loss would be trained than the one that is written.
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
      const fits = `\`${kind}\` is a loss for \`head = ${only.head}\``;
      const message = `${fits}; with \`head = ${head}\` it is \`${only.instead}\``;
      problems.push({ kind: 'head', message, loss: kind, instead: only.instead });
    }
  }
  if (head === 'softmax' && classes === 1) {
    problems.push({
      kind: 'one-class',
      message: 'a softmax over one class is always 1, and nothing can be trained: write `head = sigmoid`',
    });
  }
  return problems;
}
