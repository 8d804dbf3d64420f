import { lossProblems } from './autodiff/losses/loss-problems.js';
import { checkNorms } from './check-norms.js';
import type { CompiledNetwork } from './compile.js';
import type { RecipeSpec } from './semantics/recipes.js';
import { checkInput } from './shape/check-input.js';
import { type Diagnostic, Reporter } from './source/diagnostic.js';
import { headOf } from './step-settings.js';

/**
 * What a recipe asks of a network that it cannot give: a patch of a size that does not fit is the same error as an
 * input of that size, a loss that does not go with the head or the classes is one at the loss. Without a recipe, what
 * the standard settings ask for. Empty where all is well.
 */
export function checkRecipe(network: CompiledNetwork, recipe: RecipeSpec | undefined): readonly Diagnostic[] {
  const reporter = new Reporter();
  if (recipe) checkValues(network, recipe, reporter);
  if (!reporter.hasErrors) checkNorms(network, recipe, reporter);
  return reporter.diagnostics;
}

function checkValues(network: CompiledNetwork, { values, spans }: RecipeSpec, reporter: Reporter): void {
  const { graph, spec, axes } = network;
  const { patch, loss, class_weights: classWeights } = values;
  const patchSpan = spans.get('patch');
  if (patch && patchSpan) {
    if (patch.length === graph.rank) {
      const { channels, spans: own } = spec.input.value;
      const place = { spatial: patch, span: patchSpan, spans: [] };
      const value = { channels, spatial: patch, spans: own };
      checkInput(graph, axes, { ...spec, input: { ...spec.input, value } }, place, reporter);
    } else {
      const args = { what: '`patch`', found: patch.length, rank: graph.rank };
      reporter.report('rank-mismatch', patchSpan, args, {
        notes: [{ message: `the input of ${network.name}`, span: spec.input.span }],
      });
    }
  }
  const lossSpan = spans.get('loss');
  if (loss && lossSpan) {
    for (const { message } of lossProblems(loss, headOf(spec), spec.classes.value)) {
      reporter.report('contradiction', lossSpan, { text: message });
    }
  }
  // They weigh positions, whatever the loss; one class may have the background's before its own.
  const weightSpan = spans.get('class_weights');
  const { value: classes } = spec.classes;
  const fits = classWeights?.length === classes || (classes === 1 && classWeights?.length === 2);
  if (classWeights && weightSpan && !fits) {
    const text = `\`class_weights\` has ${classWeights.length} numbers, and ${network.name} has ${classes} ${classes === 1 ? 'class' : 'classes'}`;
    reporter.report('contradiction', weightSpan, { text });
  }
}
