import { evaluateAffine } from '../../ir/affine.js';
import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { FeatureMap } from '../picture.js';
import type { Arrow } from '../picture-parts.js';
import type { DraftMap } from './draft-rows.js';

/**
 * A map with its arrow in words.
 *
 * @param needed what the network's output needs; what else there is, only training needs
 */
export function finishedMap(
  draft: DraftMap,
  graph: Graph,
  needed: ReadonlySet<ValueId>,
  stepOf: (ops: readonly Node[]) => Arrow | undefined,
): FeatureMap {
  const node = graph.nodes[draft.value];
  const trainingOnly = !needed.has(draft.value);
  const { run } = draft;
  const own = draft.ops[0]?.kind === 'input' ? undefined : stepOf(draft.ops);
  const steps = [draft.step, own].filter((step) => step !== undefined);
  const label = steps.map((step) => step.label).join(', ');
  const [first] = steps;
  const step = first && {
    family: first.family,
    label: trainingOnly ? `${label} (in training only)` : label,
  };
  const join = draft.join && {
    kind: draft.join,
    label: stepOf(draft.joinOps)?.label ?? draft.join,
  };
  return {
    path: node?.path.text ?? '',
    channels: node?.channels ?? 0,
    spatial: (node?.spatial ?? []).map((size, axis) => evaluateAffine(size, graph.inputSize[axis] ?? 0)),
    ...(step && !run ? { step } : {}),
    // What follows the blocks is told with them: the arrow before the box comes before the blocks.
    ...(run ? { run: own ? { ...run, label: `${run.label}; then ${own.label}` } : run } : {}),
    ...(join ? { join } : {}),
    copied: draft.copied,
    bypasses: draft.bypasses,
    ...(draft.output === undefined ? {} : { output: draft.output }),
    isAside: draft.isAside,
    trainingOnly,
  };
}
