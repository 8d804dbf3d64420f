import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import type { LossTerm, RecipeValues } from './recipe-spec.js';

/**
 * Reports numbers that are valid alone but together train nothing: a loss that is always 0, or class weights that are all
 * 0. Every gradient would be 0, and training would change nothing in all of its epochs.
 */
export function checkRecipeNumbers(
  { loss, class_weights: classWeights, optimizer }: RecipeValues,
  spans: ReadonlyMap<string, Span>,
  reporter: Reporter,
): void {
  const lossSpan = spans.get('loss');
  if (lossSpan && loss?.every(costsNothing)) {
    const help = 'give one of the terms a weight above 0';
    reporter.report('contradiction', lossSpan, { problem: 'loss-is-zero', terms: loss.length }, { help });
  }
  const weightSpan = spans.get('class_weights');
  if (weightSpan && classWeights?.every((weight) => weight === 0)) {
    const help = 'give every class that the network should learn a number above 0';
    const args = { problem: 'class-weights-are-zero', count: classWeights.length } as const;
    reporter.report('contradiction', weightSpan, args, { help });
  }
  const optimizerSpan = spans.get('optimizer');
  if (optimizerSpan && optimizer?.kind === 'sgd' && optimizer.nesterov && optimizer.momentum === 0) {
    const help =
      'Nesterov momentum looks ahead by `momentum`, which is 0: set `momentum`, or leave out `nesterov`';
    reporter.report('no-effect', optimizerSpan, { what: '`nesterov`' }, { help });
  }
}

/** Whether a term is 0 for every prediction: its weight is 0, or it gives every error the weight 0. */
function costsNothing({ weight, loss }: LossTerm): boolean {
  if (weight === 0) return true;
  switch (loss.kind) {
    case 'tversky':
    case 'focal_tversky':
      return loss.fp_weight === 0 && loss.fn_weight === 0;
    case 'boundary':
      return loss.weight === 0;
    case 'cross_entropy':
    case 'bce':
    case 'dice':
    case 'focal':
    case 'generalized_dice':
      return false;
    default:
      return loss satisfies never;
  }
}
