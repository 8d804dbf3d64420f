import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import type { LossTerm, RecipeValues } from './recipe-spec.js';

/**
 * What numbers of a recipe make of each other, each of them in its range: a loss or class weights of nothing but zeros.
 * With them every gradient is 0, and a training would go through all of its epochs and change nothing.
 */
export function checkRecipeNumbers(
  { loss, class_weights: classWeights, optimizer }: RecipeValues,
  spans: ReadonlyMap<string, Span>,
  reporter: Reporter,
): void {
  const lossSpan = spans.get('loss');
  if (lossSpan && loss?.every(costsNothing)) {
    const help = 'give a term a weight above 0';
    reporter.report('contradiction', lossSpan, { problem: 'loss-is-zero', terms: loss.length }, { help });
  }
  const weightSpan = spans.get('class_weights');
  if (weightSpan && classWeights?.every((weight) => weight === 0)) {
    const help = 'give a number above 0 to every class that is to be learned';
    const args = { problem: 'class-weights-are-zero', count: classWeights.length } as const;
    reporter.report('contradiction', weightSpan, args, { help });
  }
  const optimizerSpan = spans.get('optimizer');
  if (optimizerSpan && optimizer?.kind === 'sgd' && optimizer.nesterov && optimizer.momentum === 0) {
    const help = 'Nesterov momentum looks ahead by `momentum`, which is 0: set one, or leave out `nesterov`';
    reporter.report('no-effect', optimizerSpan, { what: '`nesterov`' }, { help });
  }
}

/** Whether a term is the same for every prediction: its weight is 0, or those of all errors in it. */
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
