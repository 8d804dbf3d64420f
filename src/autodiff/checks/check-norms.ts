import type { CompiledNetwork } from '../../compiler/compile.js';
import type { Note, Reporter } from '../../diagnostics/diagnostic.js';
import type { Graph, Node } from '../../ir/graph.js';
import { elementCount } from '../../ir/parameter.js';
import { patchOf, type RecipeSpec } from '../../language/recipes/recipe-spec.js';
import { STANDARD_BATCH } from '../../language/schema/recipe-attributes.js';
import { normSpan, SpanGroups } from '../../lint/spans.js';
import { type AxisSizes, nearestSizes } from '../../shape/admissible.js';
import { inferSizes } from '../../shape/infer.js';

/** How many larger patches are tried. Each fits the network, and is the next larger one that does. */
const TRIES = 64;

/**
 * Reports norms that receive a single value of each channel in a training step. The mean would be the value itself and the
 * variance 0, so every input would give the same output, and a batch norm would have no unbiased variance to keep for
 * inference. PyTorch refuses this too ("Expected more than 1 value per channel when training"). A batch norm takes its values
 * from the whole batch, an instance norm from one sample.
 */
export function checkNorms(
  network: CompiledNetwork,
  recipe: RecipeSpec | undefined,
  reporter: Reporter,
): void {
  const { training: graph, axes } = network;
  const patch = (recipe && patchOf(recipe.values, graph.rank)) ?? network.facts.spatial(0);
  const batch = recipe?.values.batch ?? STANDARD_BATCH;
  const single = normsOfOne(graph, patch, batch);
  const groups = new SpanGroups<Node>();
  for (const node of single) groups.add(normSpan(network.spec, node), node);
  for (const { span, items } of groups) {
    const [node] = items;
    if (!node) continue;
    const isBatch = node.kind === 'batchNorm';
    const norm = isBatch ? 'batch' : 'instance';
    const larger = largerPatch(graph, axes, patch, batch);
    const remedies = [
      ...(isBatch ? ['`batch = 2` or more'] : []),
      larger ? `\`patch = ${larger.join(' x ')}\`` : 'a larger patch',
      'another norm or none here',
    ];
    const help = `use ${remedies.slice(0, -1).join(', ')}, or ${remedies.at(-1)}`;
    const at = recipe && (recipe.spans.get(isBatch ? 'batch' : 'patch') ?? recipe.spans.get('patch'));
    const notes: Note[] = [{ message: `the ${norm} norm is here`, span }];
    reporter.report(
      'contradiction',
      at ?? recipe?.nameSpan ?? span,
      { problem: 'norm-of-one-value', norm, first: node.path.text, count: items.length, patch },
      { help, notes: recipe ? notes : [] },
    );
  }
}

/** The norms that receive a single value of each channel. */
export function normsOfOne(graph: Graph, patch: readonly number[], batch: number): readonly Node[] {
  const { sizes, mismatches } = inferSizes(graph, patch);
  // After a mismatch, the sizes are not the sizes of maps. The mismatch is reported at the patch.
  if (mismatches.length > 0) return [];
  return graph.nodes.filter(({ id, kind }) => {
    const positions = elementCount(sizes[id] ?? []);
    return kind === 'batchNorm' ? positions * batch === 1 : kind === 'instanceNorm' && positions === 1;
  });
}

/** The next larger patch that fits and gives every norm more than one value; undefined if none is near. */
function largerPatch(
  graph: Graph,
  axes: readonly AxisSizes[],
  patch: readonly number[],
  batch: number,
): readonly number[] | undefined {
  let larger = patch;
  for (let i = 0; i < TRIES; i += 1) {
    const next = axes.map((axis, k) => nearestSizes(axis, (larger[k] ?? 0) + 1).above);
    const known = next.filter((size) => size !== undefined);
    if (known.length < next.length) return undefined;
    larger = known;
    if (inferSizes(graph, larger).mismatches.length === 0 && normsOfOne(graph, larger, batch).length === 0)
      return larger;
  }
  return undefined;
}
