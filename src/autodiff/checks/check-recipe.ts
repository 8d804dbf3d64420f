import type { CompiledNetwork } from '../../compiler/compile.js';
import { type Diagnostic, Reporter } from '../../diagnostics/diagnostic.js';
import { patchOf, type RecipeSpec } from '../../language/recipes/recipe-spec.js';
import { checkInput } from '../../shape/check-input.js';
import { lossProblems } from '../losses/loss-problems.js';
import { headOf } from '../step/step-settings.js';
import { checkNorms } from './check-norms.js';

/**
 * Reports the settings of a recipe that do not fit a network: a patch of a size that does not fit (the same error as an
 * input of that size), a loss for another head or another number of classes, a grid with another number of axes, and a
 * length that needs a spacing. Without a recipe, checks the standard settings.
 */
export function checkRecipe(network: CompiledNetwork, recipe: RecipeSpec | undefined): readonly Diagnostic[] {
  const reporter = new Reporter();
  if (recipe) checkValues(network, recipe, reporter);
  if (!reporter.hasErrors) checkNorms(network, recipe, reporter);
  return reporter.diagnostics;
}

function checkValues(network: CompiledNetwork, recipe: RecipeSpec, reporter: Reporter): void {
  const { values, spans } = recipe;
  const { graph, spec, axes } = network;
  const { class_weights: classWeights } = values;
  const patch = patchOf(values, graph.rank);
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
  checkLoss(network, recipe, reporter);
  // They weigh positions, for every loss. A network of one class may give the weight of the background first.
  const weightSpan = spans.get('class_weights');
  const { value: classes } = spec.classes;
  const fits = classWeights?.length === classes || (classes === 1 && classWeights?.length === 2);
  if (classWeights && weightSpan && !fits) {
    const count = classWeights.length;
    const args = { problem: 'class-weights-count', count, network: network.name, classes } as const;
    reporter.report('contradiction', weightSpan, args);
  }
  checkGrids(network, recipe, reporter);
  checkLengths(network, recipe, reporter);
}

/** A grid of an elastic deformation needs as many axes as the network; equal numbers on all axes fit every network. */
function checkGrids(
  { graph, name, spec }: CompiledNetwork,
  { values, spans }: RecipeSpec,
  reporter: Reporter,
): void {
  const span = spans.get('augment');
  if (!span) return;
  for (const one of values.augment ?? []) {
    if (one.kind !== 'elastic' || !one.grid || one.grid.length === graph.rank) continue;
    if (one.grid.every((points) => points === one.grid?.[0])) continue;
    const args = { what: '`grid of elastic`', found: one.grid.length, rank: graph.rank };
    reporter.report('rank-mismatch', span, args, {
      notes: [{ message: `the input of ${name}`, span: spec.input.span }],
    });
  }
}

/** Lengths in um and mm need the `spacing` of the network. */
function checkLengths(
  { name, spec }: CompiledNetwork,
  { values, spans }: RecipeSpec,
  reporter: Reporter,
): void {
  if (spec.spacing) return;
  const { augment = [], weight_map: map } = values;
  const lengths = [
    ...augment.flatMap((one) =>
      one.kind === 'elastic' || one.kind === 'blur'
        ? [{ attribute: 'augment', option: 'std', word: one.kind, length: one.std }]
        : [],
    ),
    ...(map?.kind === 'border'
      ? [{ attribute: 'weight_map', option: 'sigma', word: map.kind, length: map.sigma }]
      : []),
  ];
  for (const { attribute, option, word, length: written } of lengths) {
    const span = spans.get(attribute);
    if (!span || !written || written.unit === 'px') continue;
    const length = `${written.value}${written.unit}`;
    reporter.report(
      'contradiction',
      span,
      { problem: 'length-without-spacing', option, word, length, network: name },
      { help: `set \`spacing\` in ${name}, or write the length in px` },
    );
  }
}

/** Reports a loss of the other head where it is written, with the loss to use instead. */
function checkLoss(
  { spec }: CompiledNetwork,
  { values, spans, lossSpans }: RecipeSpec,
  reporter: Reporter,
): void {
  const whole = spans.get('loss');
  if (!values.loss || !whole) return;
  for (const problem of lossProblems(values.loss, headOf(spec), spec.classes.value)) {
    if (problem.problem === 'softmax-of-one-class') {
      reporter.report('contradiction', whole, problem);
      continue;
    }
    const { loss, instead } = problem;
    const places = values.loss.flatMap((term, i) => (term.loss.kind === loss ? (lossSpans[i] ?? []) : []));
    const [first = whole] = places;
    const edits = places.map((span) => ({ span, newText: instead }));
    reporter.report('contradiction', first, problem, {
      fixes: [{ title: `Change to \`${instead}\``, edits }],
    });
  }
}
