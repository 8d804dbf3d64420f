import { printStep } from '../../autodiff/print-step.js';
import type { CompileResult } from '../../compiler/compile.js';
import { printGraphs } from '../../compiler/print/print-graph.js';
import { printSpec } from '../../compiler/print/print-spec.js';
import { print, reportNote } from './output.js';

/** What `--print` takes. */
export type ArtifactKind = 'spec' | 'graph' | 'step';

/** Prints an artifact of every network that has it: after an error, the passes before it still made theirs. */
export function printArtifacts(kind: ArtifactKind, results: readonly CompileResult[]): void {
  const texts = results.flatMap((result) => textsOf(kind, result));
  if (texts.length > 0) print(texts.join('\n'));
}

function textsOf(kind: ArtifactKind, result: CompileResult): readonly string[] {
  switch (kind) {
    case 'spec':
      return result.artifacts.flatMap(({ spec }) => (spec ? [printSpec(spec)] : []));
    case 'graph':
      return result.artifacts.flatMap(({ graphs }) => (graphs ? [printGraphs(graphs)] : []));
    case 'step':
      return stepTexts(result);
    default:
      return kind satisfies never;
  }
}

/** A step for each network and recipe; with the defaults if the file has no recipe. */
function stepTexts({ networks, recipes }: CompileResult): readonly string[] {
  return networks.flatMap((network) =>
    (recipes.length > 0 ? recipes : [undefined]).flatMap((recipe) => {
      const step = printStep(network, { recipe });
      if (step.ok) return [step.text];
      const owner = recipe ? `${network.name}, recipe ${recipe.name}` : network.name;
      for (const { message } of step.problems) reportNote(`${owner} has no training step: ${message}`);
      return [];
    }),
  );
}
